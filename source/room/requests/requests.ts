import {basename} from 'node:path';
import {agentName, parseAgentId} from '../../core/agent/agent.ts';
import type {Principal} from '../../core/authority/principal.ts';
import {isPersonal, refuseUnlessAllowed, wordOf} from '../../core/authority/table.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import {eventLine, statusLine} from '../../core/protocol/output.ts';
import type {Reply, Request} from '../../core/protocol/request.ts';
import {isNewer} from '../../core/team/snapshot.ts';
import {refusal} from '../../core/text/refusal.ts';
import {sendTasks} from '../orders/queue.ts';
import type {Room} from '../parts/parts.ts';
import {STALE} from '../parts/replies.ts';
import {lookAtPlan} from '../planning/plan.ts';
import {staleHook} from '../session/hooks.ts';
import {FULL_TESTS_LOG, logsOf, namedLog, wholeLog} from '../team/output.ts';
import {explain} from './explain.ts';
import {history} from './history.ts';
import {hostsPage} from './hosts.ts';
import {triedAsOther, triedAsYou} from './refused.ts';
import {takeReport} from './reports.ts';

export type Answering = {
	readonly reply: (reply: Reply) => void;
	readonly onClose: (listener: () => void) => void;
};

const done = (data: unknown): Reply => ({ok: true, code: 'ok', data});
const unknown = (id: string): Reply => ({
	ok: false,
	code: 'gone',
	message: `Unknown task or agent \`${id}\`.`,
	hint: 'See `agent-room status`.',
});

const noFeature = (id: string): Reply => ({
	ok: false,
	code: 'gone',
	message: `Unknown feature \`${id}\`.`,
	hint: 'See `agent-room status`.',
});

const toReply = (result: ActionResult): Reply =>
	result.ok
		? {ok: true, code: 'ok', message: result.text, data: {ids: result.ids ?? []}}
		: {ok: false, code: result.code, message: result.message, hint: result.hint};

const EVENTS_A_READ = 1000;

const matches = (type: string | undefined, candidate: string): boolean => type === undefined || type === candidate;

/** Sends the stream from `since` on, then, with `follow`, each new entry; the store says when to read. */
const sendEvents = async (
	{facts, link, record}: Pick<Room, 'facts' | 'link' | 'record'>,
	request: Extract<Request, {op: 'events'}>,
	{reply, onClose}: Answering,
): Promise<void> => {
	let since = request.since || '0-0';
	let isReading = false;
	let isAgain = false;
	const send = async (): Promise<void> => {
		if (isReading) {
			isAgain = true;
			return;
		}
		isReading = true;
		try {
			do {
				isAgain = false;
				const events = await link.coordination.events(since, EVENTS_A_READ);
				since = events.at(-1)?.id ?? since;
				for (const event of events) if (matches(request.type, event.type)) reply({...done(eventLine(event)), last: false});
				isAgain ||= events.length === EVENTS_A_READ;
			} while (isAgain);
		} finally {
			// The next read makes up for one that failed (Redis is away): a follower never falls silent.
			isReading = false;
		}
	};
	await send();
	if (!request.follow) {
		reply({ok: true, code: 'end'});
		return;
	}
	const stop = record.subscribe(() => {
		if (isNewer(record.team().streamId, since)) void send().catch(error => facts.log(`events: ${String(error)}`));
	});
	onClose(stop);
};

/** The log of the last attempt that an agent began, from the event log: also of an agent of an earlier run of the room. */
const lastRunOf = async ({facts, link}: Pick<Room, 'facts' | 'link'>, agent: string): Promise<string> => {
	let [file, since] = ['', '0-0'];
	for (;;) {
		const events = await link.coordination.events(since, EVENTS_A_READ);
		since = events.at(-1)?.id ?? since;
		for (const {type, agent: who, task, text, taskFields} of events) {
			if (type !== 'task_claimed' || who !== agent) continue;
			const name = `${text}-${taskFields.token?.split(':')[0]}`;
			file = logsOf(facts.options.stateFolder, task).find(log => log.name === name)?.file ?? file;
		}
		if (events.length < EVENTS_A_READ) return file;
	}
};

const logs = async (
	room: Pick<Room, 'facts' | 'link' | 'slots'>,
	{id: asked, stage = ''}: {readonly id: string; readonly stage?: string | undefined},
): Promise<Reply> => {
	const {facts, link, slots} = room;
	const [id, agent] = [asked.toLowerCase(), parseAgentId(asked)];
	const all = logsOf(facts.options.stateFolder, id);
	const names = all.map(({name}) => name);
	const attempt = slots.attempts().find(running => running.task.id === id || running.agent.id === agent);
	const running = attempt && attempt.task.id === id ? basename(attempt.logFile, '.log').slice(id.length + 1) : '';
	const isMeant = stage === '' || running === stage || running.startsWith(`${stage}-`);
	const pane = isMeant ? slots.pane(attempt?.agent.id ?? agent) : undefined;
	if (pane) return done({lines: pane.screen.tail(1000), file: attempt?.logFile ?? (await lastRunOf(room, agent)), names});
	// `base`: the full tests of the base branch, unless a task has that name.
	if ((await link.coordination.read([id])).size > 0 || id === FULL_TESTS_LOG) {
		const found = namedLog(all, stage);
		if (found) return done({lines: wholeLog(found), file: found.file, names});
		return toReply(
			refusal('gone', `Task ${id} has no log${stage && ` of \`${stage}\``}.`, names.length > 0 ? `It has: ${names.join(', ')}.` : ''),
		);
	}
	const file = await lastRunOf(room, agent);
	return file === '' ? unknown(asked) : done({lines: wholeLog({file}), file, names: []});
};

/**
 * Refuses what the principal may not ask, at the one place that every request passes, and tells the human if only a human may ask it. Undefined if
 * it is allowed.
 */
export const refuseRequest = (room: Pick<Room, 'facts' | 'slots'>, principal: Principal, request: Request): Reply | undefined => {
	const refused = refuseUnlessAllowed(principal, request);
	if (!refused) return undefined;
	if (principal.kind !== 'person' && isPersonal(request))
		room.facts.refusals.tell(triedAsYou(principal, wordOf(request), principal.kind === 'agent' ? 'attempt' : 'person'));
	if (request.op === 'report' && principal.kind === 'agent' && request.agent !== principal.agent)
		room.facts.refusals.tell(triedAsOther(principal.agent, `reported as ${agentName(request.agent)}`));
	// A program that continues under an old token gets that answer in its own protocol.
	if (refused.code === 'stale' && request.op === 'report') return request.kind === 'hook' ? staleHook(room, request) : STALE;
	return toReply(refused);
};

/** Answers one request of a principal. Whatever throws is answered as `failed` with its sentence. */
export const answer = async (room: Room, principal: Principal, request: Request, answering: Answering): Promise<void> => {
	try {
		const refused = refuseRequest(room, principal, request);
		if (refused) {
			answering.reply(refused);
			return;
		}
		switch (request.op) {
			case 'ping':
				answering.reply(done({room: room.facts.roomId, pid: process.pid}));
				return;
			case 'dispatch':
				answering.reply(toReply(await room.record.dispatch(request.action, principal.kind === 'person' ? principal.way : undefined)));
				return;
			case 'status':
				answering.reply(done(statusLine(room.record.getFresh(), Date.now())));
				return;
			case 'hosts':
				answering.reply(done(await hostsPage(room)));
				return;
			case 'tasks': {
				let isGone = false;
				answering.onClose(() => {
					isGone = true;
				});
				await sendTasks(room, answering.reply, () => isGone);
				return;
			}
			case 'events':
				await sendEvents(room, request, answering);
				return;
			case 'replay':
				answering.reply(await history(room, request));
				return;
			case 'explain':
				answering.reply((await explain(room, request.id)) ?? unknown(request.id));
				return;
			case 'plan': {
				const facts = {hasTestCommand: room.facts.config.test !== undefined};
				const plan = await lookAtPlan(room, request.id.toLowerCase(), room.record.serverNow(), facts);
				answering.reply(plan ? done(plan) : noFeature(request.id));
				return;
			}
			case 'logs':
				answering.reply(await logs(room, request));
				return;
			case 'report':
				await takeReport(room, request, answering.reply, answering.onClose);
				return;
			case 'attach':
				answering.reply({ok: false, code: 'bad-request', message: 'An attach is not a request.'});
		}
	} catch (error) {
		room.facts.log(`${request.op}: ${error instanceof Error ? error.stack : String(error)}`);
		answering.reply({ok: false, code: 'failed', message: error instanceof Error ? error.message : String(error)});
	}
};
