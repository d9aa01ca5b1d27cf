import {setTimeout as wait} from 'node:timers/promises';
import {agentName} from '../../core/agent/agent.ts';
import {commandName} from '../../core/authority/principal.ts';
import type {Reply, Report, Request} from '../../core/protocol/request.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {refuseLocked} from '../mail/enforce-locks.ts';
import {readInbox, sendMessage} from '../mail/mail.ts';
import {lockPath, unlockPath} from '../mail/path-locks.ts';
import {noteTested} from '../merge/test.ts';
import type {Attempt, OpenQuestion} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {ok, refuse, STALE} from '../parts/replies.ts';
import {takePlan} from '../planning/answer.ts';
import {staleHook, takeHook} from '../session/hooks.ts';
import {closeQuestion, openQuestion} from '../session/questions.ts';
import {cleanLines, DETAIL_KEPT} from '../session/session.ts';
import {hasSaid} from '../session/turn-end.ts';
import {tellQueue, tellWhy} from './explain.ts';
import {commit, readGit} from './git.ts';
import {triedAsOther, triedAsYou} from './refused.ts';

/**
 * Why a `done` is refused before any of it is used; undefined if it is not. Refused: a verdict of an author of the task. This is not what keeps
 * authors from approving (the scripts never assign them their own review nor accept one), but it is reported and shown at once. Also refused: the
 * end of a review without a verdict, while its reviewer can still give one.
 */
const refuseDone = ({facts}: Pick<Room, 'facts'>, attempt: Attempt, report: Extract<Report, {kind: 'done'}>): Reply | undefined => {
	const {agent, task} = attempt;
	const isJudging = task.stage === 'review' || task.stage === 'audit';
	if (report.verdict === undefined)
		return isJudging
			? refuse(
					'bad-request',
					`The ${task.stage} of ${task.id} needs a verdict.`,
					'--verdict approve, or --verdict changes --comments FILE.',
				)
			: undefined;
	const isAuthor = task.author === agent.id || task.authors.includes(agent.id);
	if (isJudging && !isAuthor) return undefined;
	facts.refusals.tell(triedAsOther(agent.id, `tried to review its own work on ${task.id}`));
	return refuse(
		'refused',
		`${agentName(agent.id)} is an author of ${task.id} and cannot review it.`,
		'Submit it with `agent-room report done`; another agent reviews it.',
	);
};

type ReportRequest = Extract<Request, {op: 'report'}>;

/** After `done` an interactive agent gets this long to end by itself. */
const REPORT_GRACE_MS = 2000;
/** An agent CLI's model still writes after its last command; that usage is counted once it has. */
const LAST_WORDS_MS = 10_000;
const TEXT_LIMIT = 64 * 1024;
/** Maximum of progress lines in a handover. */
const PROGRESS_KEPT = 10;

/**
 * The attempt that a report is from. Guarantee: the whole token is compared, so a report under a superseded token, or of an ending attempt, changes
 * nothing.
 */
const attemptOf = ({slots}: Pick<Room, 'slots'>, request: ReportRequest): Attempt | undefined => {
	const attempt = slots.attempt(request.agent);
	return attempt && attempt.token === request.token && attempt.task.id === request.task && !attempt.isEnding ? attempt : undefined;
};

const progress = async ({link}: Pick<Room, 'link'>, attempt: Attempt, text: string): Promise<Reply> => {
	const line = cleanText(text, 200);
	const held = {agent: attempt.agent.id, task: attempt.task.id, token: attempt.token};
	const written = await link.coordination.progress(held, {progress: line}, line);
	if (written !== 'ok') return STALE;
	attempt.progress.push(line);
	attempt.activeAt = performance.now();
	if (attempt.progress.length > PROGRESS_KEPT) attempt.progress.shift();
	await link.coordination.updateAgent(attempt.agent.id, {doing: line}, '');
	return ok;
};

/** Money is spent whoever owns the task now: a superseded agent's cost counts too, and the agent still learns that its token is stale. */
const cost = async ({link}: Pick<Room, 'link'>, request: Extract<ReportRequest, {kind: 'cost'}>): Promise<Reply> => {
	const {agent, task, token, micros, tokensIn, tokensOut, tokensCached} = request;
	const written = await link.coordination.recordUsage({agent, task, token, micros, tokensIn, tokensOut, tokensCached});
	if (written === 'gone') return refuse('gone', `Unknown agent \`${cleanText(agent, 60)}\`.`, 'List agents with `agent-room agents`.');
	return written === 'stale' ? STALE : ok;
};

/** Cells of a question's line. */
const QUESTION_KEPT = 500;

/** A question is one line; a longer one is shown whole below it. */
export const askedText = (text: string): Pick<OpenQuestion, 'text' | 'detail'> => {
	const line = cleanText(text.trim().split('\n', 1)[0] ?? '', QUESTION_KEPT);
	// Long lines are broken, since less is kept of one line than of many.
	const whole = cleanLines(text.trim().replace(/[^\n]{300}(?=[^\n])/gu, '$&\n'), DETAIL_KEPT);
	return {text: line || 'It needs input.', detail: whole === line ? '' : whole};
};

const ask = async (
	room: Pick<Room, 'facts' | 'link' | 'slots'>,
	attempt: Attempt,
	report: Extract<Report, {kind: 'ask'}>,
	reply: (reply: Reply) => void,
	onClose: (listener: () => void) => void,
): Promise<void> => {
	const agent = attempt.agent.id;
	const before = attempt.questions.find(({by}) => by === 'report');
	if (before) await closeQuestion(room, before, 'asked another question');
	const question: OpenQuestion = {
		id: room.facts.newNonce(),
		agent,
		by: 'report',
		...askedText(report.text),
		choices: report.choices.map(choice => cleanText(choice, 200) || '(unreadable)'),
		evidence: 'agent-room report ask',
		answer: data => {
			reply({...ok, data});
			return undefined;
		},
	};
	// The agent may get its answer in its own pane: then it disconnects, and the question is closed.
	onClose(() => void closeQuestion(room, question, 'withdrew its question').catch(error => room.facts.log(String(error))));
	await openQuestion(room, question);
};

/**
 * An interactive agent that is done, or returns its task, may end by itself. One that stays is ended, an agent CLI once its turn is over, for its
 * last words. One that reports something else meanwhile continues.
 */
const endSoon = ({facts}: Pick<Room, 'facts'>, attempt: Attempt): void => {
	const graceMs = attempt.session ? LAST_WORDS_MS : REPORT_GRACE_MS;
	Promise.race([attempt.ended, wait(graceMs, undefined, {ref: false})])
		.then(() => (attempt.isEnding || !hasSaid(attempt) ? undefined : attempt.end(REPORT_GRACE_MS)))
		.catch(error => facts.log(`ending ${attempt.agent.id}: ${String(error)}`));
};

/** Takes one report of an agent. Every reply is a word of the protocol; only `ask` keeps the connection open until it is answered. */
export const takeReport = async (
	room: Room,
	request: ReportRequest,
	reply: (reply: Reply) => void,
	onClose: (listener: () => void) => void,
): Promise<void> => {
	if (request.kind === 'cost') {
		reply(await cost(room, request));
		return;
	}
	if (request.kind === 'tried') {
		room.facts.refusals.tell(triedAsYou({...request, kind: 'agent', stage: ''}, commandName(request.command), 'command'));
		reply(ok);
		return;
	}
	const attempt = attemptOf(room, request);
	if (!attempt) {
		reply(request.kind === 'hook' ? staleHook(room, request) : STALE);
		return;
	}
	switch (request.kind) {
		case 'done': {
			const refused = refuseDone(room, attempt, request) ?? (attempt.agent.writes ? await refuseLocked(room, attempt) : undefined);
			if (refused) {
				reply(refused);
				return;
			}
			attempt.reported = {...request, comments: request.comments?.slice(0, TEXT_LIMIT)};
			attempt.session?.take([{source: 'process', sign: 'agent-room report done', state: 'finished'}]);
			reply(ok);
			if (attempt.agent.finish === 'report') endSoon(room, attempt);
			return;
		}
		case 'plan':
			reply(await takePlan(room, attempt, request.text));
			if (attempt.plan?.checked.ok && attempt.agent.finish === 'report') endSoon(room, attempt);
			return;
		case 'progress':
			attempt.blocked = '';
			reply(await progress(room, attempt, request.text));
			return;
		case 'blocked':
			attempt.blocked = cleanText(request.text, 200) || 'no reason given';
			reply(await progress(room, attempt, `blocked: ${request.text}`));
			if (attempt.agent.finish === 'report') endSoon(room, attempt);
			return;
		case 'ask':
			await ask(room, attempt, request, reply, onClose);
			return;
		case 'hook':
			await takeHook(room, attempt, request, reply, onClose);
			return;
		case 'session':
			attempt.session?.take(request.readings);
			reply(ok);
			return;
		case 'message':
			reply(await sendMessage(room, attempt, request.to, request.text));
			return;
		case 'diff':
		case 'log':
		case 'show':
			reply(await readGit(room, attempt, request));
			return;
		case 'commit':
			reply(await commit(room, attempt, request));
			return;
		case 'inbox':
			reply(await readInbox(room, attempt));
			return;
		case 'queue':
			reply(tellQueue(room, attempt));
			return;
		case 'explain':
			reply(await tellWhy(room, request.id));
			return;
		case 'lock':
			await lockPath(room, attempt, {path: request.name, waitMs: request.waitMs ?? 0}, reply, onClose);
			return;
		case 'unlock':
			reply(await unlockPath(room, attempt, request.name));
			return;
		case 'tested':
			reply(await noteTested(room, attempt, request));
	}
};
