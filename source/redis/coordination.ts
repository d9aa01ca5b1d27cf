import type {Submission} from '../core/intake/submission.ts';
import {MOST_AT_ONCE} from '../core/plan/plan.ts';
import {stageRole} from '../core/task/stages.ts';
import {parseTask, parseWholeTask} from '../core/task/task.ts';
import type {Coordination} from '../core/team/coordination.ts';
import {EVENTS_KEPT} from '../core/team/snapshot.ts';
import type {RedisConnection} from './connection.ts';
import {createPanes} from './coordination-panes.ts';
import {createAccounts, createComments, createMergeOrders, createQueueOrders, whole} from './coordination-parts.ts';
import {createRooms} from './coordination-rooms.ts';
import {LeadLost} from './errors.ts';
import {createTail} from './events.ts';
import {leadingNow} from './leading.ts';
import {orderNow} from './ordered.ts';
import {createRecord} from './record.ts';
import {createBarrier} from './replicated.ts';
import {resending} from './retry.ts';
import {
	accountOf,
	agentFields,
	askingFields,
	ids,
	isSafeId,
	joined,
	rowOf,
	safeId,
	safeLock,
	safeWord,
	taskFields,
} from './scripts/arguments.ts';
import {
	claimedFields,
	eventsOf,
	heldOf,
	listOf,
	lockAnswer,
	mailOf,
	packedOf,
	readSnapshot,
	recordsOf,
	sweptOf,
	wordOf,
	wordsOf,
} from './scripts/replies.ts';
import {type ArgumentsOf, argumentList, loadScript, SCRIPTS, type ScriptName} from './scripts/table.ts';

export type CoordinationOptions = {
	readonly connection: RedisConnection;
	/** Prefix of every key; `{acme}` makes it a Cluster hash tag. */
	readonly namespace?: string;
	/** An id for each intent, unique in the namespace. */
	readonly newOpId: () => string;
	/** How long to resend after a lost reply before throwing `RedisLost`, ms. */
	readonly resendMs?: number;
	/** Events between two checkpoints. */
	readonly checkpointInterval?: number;
	/** Writes count as done once a replica has them. */
	readonly isReplicated?: boolean;
};

/** Names of one `read` script. */
const READ_AT_ONCE = 500;

/** Agents and leases of one `beat` script: it blocks other scripts for about a millisecond. */
const BEAT_AT_ONCE = 500;

/** Limit of entries merged together. */
const ENTRIES_AT_ONCE = 100;
/** The same of one batch of tests. */
const BATCHED_AT_ONCE = 50;

/** Limit of a message, UTF-16 units. */
const MAIL_LIMIT = 4000;

/**
 * An op-id starts with its hour, by which scripts group stored replies. After a blank follows who ordered it, after an `@` a leader's
 * token: so every script records the one and refuses a superseded other (`lua/lib/once`) without an argument.
 */
const opIdOf = (id: string, token: string, by: string): string =>
	`${Math.floor(Date.now() / 3_600_000)}-${id}${token && `@${token}`}${by && ` ${by}`}`;

/**
 * The team's coordination in Redis. Guarantee: every call is one script, so one step; a write whose reply is lost is resent with the same
 * op-id. Throws `RedisLost` while Redis is disconnected, `TypeError` for invalid ids and fields.
 */
export const createCoordination = ({
	connection,
	namespace = 'workflow',
	newOpId,
	resendMs = 10_000,
	checkpointInterval,
	isReplicated = false,
}: CoordinationOptions): Coordination => {
	const events = `${namespace}:events`;
	const isOnReplica = createBarrier(connection, namespace);
	const run = async <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>): Promise<unknown> => {
		const args = argumentList(name, namespace, opIdOf(newOpId(), leadingNow(), orderNow()), given);
		const send = (): Promise<unknown> => connection.run(loadScript(name), [events], args);
		// A resend with the same op-id takes effect once, whichever server is primary.
		const sendAndWait = async (): Promise<unknown> => {
			const answer = await send();
			await isOnReplica();
			return answer;
		};
		const isIntent = SCRIPTS[name].some(argument => argument === 'op');
		const reply = await resending(connection, isReplicated && isIntent ? sendAndWait : send, resendMs);
		if (Array.isArray(reply) && reply[0] === 'superseded') throw new LeadLost();
		return reply;
	};
	const fieldsOfTasks = async (
		named: readonly string[],
		isWhole: boolean,
	): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> => recordsOf(packedOf(await run('read', {isWhole, 'ids...': named})));
	const call: RedisConnection['call'] = (command, ...args) => resending(connection, () => connection.call(command, ...args), resendMs);
	const tail = createTail(connection, events);
	const snapshot = async () => readSnapshot(await run('snapshot', {eventCount: EVENTS_KEPT}));
	const read: Coordination['read'] = async (given, isWhole = false) => {
		const known = new Map<string, Readonly<Record<string, string>>>();
		const named = given.filter(isSafeId);
		for (let from = 0; from < named.length; from += READ_AT_ONCE)
			for (const [id, fields] of await fieldsOfTasks(named.slice(from, from + READ_AT_ONCE), isWhole)) known.set(id, fields);
		return known;
	};
	const submit = async (tasks: readonly Submission[]) => {
		if (tasks.length > MOST_AT_ONCE) throw new TypeError(`Too many tasks at once: ${tasks.length}; at most ${MOST_AT_ONCE}.`);
		const [code, ...named] = wordsOf(await run('submit', {'rows...': tasks.flatMap(rowOf)}));
		return {code: wordOf([code], 'ok', 'exists', 'unknown', 'cycle', 'many'), named};
	};

	return {
		...createAccounts(run),
		...createRooms(run),
		...createPanes(run),
		...createComments(run),
		...createQueueOrders(run),
		...createMergeOrders(run),
		async submit(task) {
			const {code, named} = await submit([task]);
			return {code, id: named[0] ?? ''};
		},
		async submitAll(tasks) {
			const {code, named} = await submit(tasks);
			return code === 'ok' ? {code, ids: named} : {code, id: named[0] ?? ''};
		},
		async plan({cancel, tasks, ...order}) {
			if (tasks.length > MOST_AT_ONCE) return {code: 'many', id: order.task};
			const given = {...order, task: safeId(order.task), cancel: ids(cancel), 'rows...': tasks.flatMap(rowOf)};
			const [code, ...named] = wordsOf(await run('plan', given));
			const word = wordOf([code], 'ok', 'exists', 'unknown', 'cycle', 'merging', 'gathered', 'many', 'stale', 'gone');
			if (word === 'ok') return {code: word, ids: named};
			return word === 'stale' || word === 'gone' ? {code: word} : {code: word, id: named[0] ?? ''};
		},
		async claim({stages, waits = false, wanted = '', ...call}) {
			const given = {
				...call,
				waits,
				wanted: wanted && safeId(wanted),
				agent: safeId(call.agent),
				room: safeId(call.room),
				stages: stages.join(','),
			};
			const reply = listOf(await run('claim', given));
			const code = wordOf(reply, 'ok', 'none', 'paused', 'drained', 'frozen', 'throttled', 'over-budget', 'busy', 'unregistered');
			if (code !== 'ok') return {code};
			const [, id = '', token = '', leaseUntil = '0'] = reply.slice(0, 4).map(String);
			// A resend returns the first id and token; fields are not in the stored reply and are read again.
			const fields = reply[4] ? claimedFields(reply[4], reply[5]) : (await fieldsOfTasks([id], true)).get(id);
			return {code, task: parseWholeTask(id, fields ?? {}), token, leaseUntil: Number(leaseUntil)};
		},
		async renew({task, token}, leaseMs) {
			return wordOf(await run('renew', {task: safeId(task), token, leaseMs}), 'ok', 'stale', 'gone');
		},
		async progress({task, agent, token}, fields, text) {
			const given = {task: safeId(task), agent, token, text, 'fields...': taskFields(fields)};
			return wordOf(await run('progress', given), 'ok', 'stale', 'gone');
		},
		async complete({fields, nextCall, ...completion}) {
			const given = {
				...completion,
				task: safeId(completion.task),
				nextRole: completion.next === 'merged' || completion.next === 'needs-decision' ? '' : safeWord(completion.nextRole),
				waits: nextCall ? `${nextCall.leaseMs} ${nextCall.nonce} ${nextCall.stages.join(',')}` : '',
				'fields...': completion.next === 'needs-decision' ? askingFields(fields) : taskFields(fields),
			};
			const reply = wordsOf(await run('complete', given));
			const code = wordOf(reply, 'ok', 'stale', 'gone', 'refused', 'failed');
			if (code === 'refused') return {code, reason: reply[1] ?? ''};
			const [, task = '', token = '', leaseUntil] = reply;
			return code === 'ok' && task ? {code, handed: {task, token, leaseUntil: Number(leaseUntil)}} : {code};
		},
		async fail({fields, ...failure}) {
			const given = {...failure, task: safeId(failure.task), 'fields...': taskFields(fields)};
			return wordOf(await run('fail', given), 'ok', 'stale', 'gone', 'failed');
		},
		async refuse({fields, ...question}) {
			const given = {...question, task: safeId(question.task), 'fields...': taskFields(fields)};
			return wordOf(await run('refuse', given), 'ok', 'stale', 'gone');
		},
		async release({fields, to, ...order}) {
			const given = {...order, task: safeId(order.task), to: to && safeId(to), 'fields...': taskFields(fields)};
			return wordOf(await run('release', given), 'ok', 'stale', 'gone', 'merging', 'needs-decision');
		},
		async reclaim({fields, ...order}) {
			const given = {...order, task: safeId(order.task), 'fields...': taskFields(fields)};
			return wordOf(await run('reclaim', given), 'ok', 'stale', 'gone', 'failed', 'early');
		},
		async decide({fields, ...decision}) {
			const given = {...decision, task: safeId(decision.task), nextRole: safeWord(decision.nextRole), 'fields...': taskFields(fields)};
			return wordOf(await run('decide', given), 'ok', 'stale', 'gone');
		},
		async joinMergeGroup({entries, ...options}) {
			const list = entries.slice(0, ENTRIES_AT_ONCE).flatMap(({task, candidate}) => [safeId(task), candidate]);
			const [code, joined] = wordsOf(
				await run('join-merge-group', {...options, agent: safeId(options.agent), task: safeId(options.task), 'entries...': list}),
			);
			const word = wordOf([code], 'ok', 'stale', 'gone');
			return word === 'ok' ? {code: word, joined: Number(joined)} : {code: word};
		},
		async joinTestBatch({entries, ...options}) {
			const list = entries
				.slice(0, BATCHED_AT_ONCE)
				.flatMap(({task, commit, candidate, candidateBase}) => [safeId(task), commit, candidate, candidateBase]);
			const [code, joined] = wordsOf(
				await run('join-test-batch', {...options, agent: safeId(options.agent), task: safeId(options.task), 'entries...': list}),
			);
			const word = wordOf([code], 'ok', 'stale', 'gone');
			return word === 'ok' ? {code: word, joined: Number(joined)} : {code: word};
		},
		async retest({task, candidate, reason}) {
			return wordOf(await run('retest', {task: safeId(task), candidate, role: stageRole('test'), reason}), 'ok', 'stale', 'gone');
		},
		async requestChanges({fields, ...order}) {
			const given = {...order, task: safeId(order.task), role: safeWord(order.role), 'fields...': taskFields(fields)};
			return wordOf(await run('request-changes', given), 'ok', 'gone', 'merging', 'needs-decision', 'stale');
		},
		async heartbeat({room, leaseMs, ttlMs, agents, held, load = 0, memory = 0, draining = false, reaches = true}) {
			const pieces = Math.max(1, Math.ceil(agents.length / BEAT_AT_ONCE), Math.ceil(held.length / BEAT_AT_ONCE));
			const beats = Array.from({length: pieces}, async (_, piece) => {
				const [from, to] = [piece * BEAT_AT_ONCE, (piece + 1) * BEAT_AT_ONCE];
				const some = agents.slice(from, to);
				const list = [...some, ...held.slice(from, to).flatMap(({agent, task, token}) => [agent, task, token])];
				const health =
					piece === 0
						? {load: whole(load), memory: whole(memory), draining: draining ? '1' : '', reaches: reaches ? '1' : '0'}
						: {load: '', memory: '', draining: '', reaches: ''};
				return listOf(await run('heartbeat', {room: safeId(room), leaseMs, ttlMs, ...health, agentCount: some.length, 'entries...': list}));
			});
			const answers = await Promise.all(beats);
			return {
				now: Math.max(...answers.map(([now]) => Number(now))),
				stale: answers.flatMap(([, stale]) => wordsOf(stale)),
				leases: answers.flatMap(([, , leases]) => heldOf(leases)),
				waiting: answers.flatMap(([, , , waiting]) => wordsOf(waiting)),
			};
		},
		async sweep(token = '', takers = []) {
			return sweptOf(await run('sweep', {token, 'takers...': takers}));
		},
		async acceptIntake(entry) {
			const [code, id = ''] = wordsOf(
				await run('accept-intake', {
					...entry,
					id: safeId(entry.id),
					role: safeWord(entry.role),
					needs: joined(entry.needs),
					after: ids(entry.after),
				}),
			);
			return {code: wordOf([code], 'ok', 'same', 'exists', 'unknown', 'cycle', 'gone'), id};
		},
		async noteTaken(entries) {
			const noted = wordsOf(await run('note-taken', {'entries...': entries.flatMap(({source, text}) => [source, text])}));
			return Number(noted[0]);
		},
		async rejectIntake(mark, reason) {
			return wordOf(await run('reject-intake', {mark, reason}), 'ok', 'gone');
		},
		async reportExternal(task, word, attempts) {
			return wordOf(await run('report-external', {task: safeId(task), word: word && safeWord(word), attempts}), 'ok', 'ignored');
		},
		async expire(name, beat) {
			return wordOf(await run('expire', {name: safeId(name), beat}), 'ok', 'more', 'alive', 'gone');
		},
		async lock({name, owner, token, ttlMs, waitMs = 0}) {
			if (name.startsWith('task:')) throw new TypeError(`\`${name}\` is the lock of a lease; claim the task instead.`);
			return lockAnswer(wordsOf(await run('lock', {name: safeLock(name), owner: safeId(owner), token, ttlMs, waitMs})));
		},
		async unlock({name, token}) {
			return wordOf(await run('unlock', {name: safeLock(name), token}), 'ok', 'stale', 'gone');
		},
		async sendMail({from, token, to, text}) {
			return wordOf(await run('send-mail', {from, token, to: safeId(to), text: text.slice(0, MAIL_LIMIT)}), 'ok', 'stale', 'gone');
		},
		async unread(agent) {
			const mark = String(await call('HGET', `${namespace}:agents:status:${safeId(agent)}`, 'mailRead'));
			const from = /^\d+-\d+$/.test(mark) ? `(${mark}` : '-';
			return mailOf(await call('XRANGE', `${namespace}:mail:${agent}`, from, '+', 'COUNT', 100));
		},
		async readMail({agent, token, upTo}) {
			return wordOf(await run('read-mail', {agent: safeId(agent), token, upTo}), 'ok', 'stale');
		},
		async register({id, capabilities, room, role, account = '', ...program}) {
			const member = {agent: safeId(id), role: safeWord(role), capabilities: joined(capabilities), room: safeId(room)};
			return wordOf(await run('register', {...program, ...member, account: accountOf(account)}), 'ok', 'taken');
		},
		async updateAgent(agent, fields, text) {
			return wordOf(await run('update-agent', {agent: safeId(agent), text, 'fields...': agentFields(fields)}), 'ok', 'gone');
		},
		async control(fields, text) {
			const given = (['paused', 'drained', 'frozen'] as const).flatMap(name => {
				const value = fields[name];
				return value === undefined ? [] : [name, value ? '1' : '0'];
			});
			const budget = fields.budgetMicros === undefined ? [] : ['budget', String(whole(fields.budgetMicros))];
			const tokens = fields.tokenBudget === undefined ? [] : ['tokenBudget', String(whole(fields.tokenBudget))];
			const met = fields.atBudget === undefined ? [] : ['atBudget', fields.atBudget];
			const from = fields.budgetFrom === undefined ? [] : ['budgetFrom', fields.budgetFrom];
			const whose = fields.budgetRoom === undefined ? [] : ['budgetRoom', safeId(fields.budgetRoom)];
			const failingBase =
				fields.failingBase === undefined
					? []
					: ['failingBase', fields.failingBase, 'failingWhy', fields.failingBase === '' ? '' : (fields.failingWhy ?? '')];
			wordOf(await run('control', {text, 'fields...': [...given, ...met, ...budget, ...tokens, ...from, ...whose, ...failingBase]}), 'ok');
		},
		async cancel(task, reason, by = '', isWhole = false) {
			const given = {task: safeId(task), reason, by: by && safeId(by), isWhole};
			return wordOf(await run('cancel', given), 'ok', 'gone', 'merging', 'gathered', 'unknown', 'cycle', 'many');
		},
		async closeAgents(agents) {
			const [leases] = listOf(await run('close-agents', {'ids...': agents.map(safeId)}));
			return heldOf(leases);
		},
		async retry(task) {
			return wordOf(await run('retry', {task: safeId(task)}), 'ok', 'gone');
		},
		async setWaitReason(task, waitReason) {
			return wordOf(await run('set-wait-reason', {task: safeId(task), waitReason}), 'ok', 'gone');
		},
		async appendEvent(note) {
			wordOf(await run('append-event', {...note, task: note.task && safeId(note.task), agent: note.agent && safeId(note.agent)}), 'ok');
		},
		async tasksOf(feature) {
			if (!isSafeId(feature)) return [];
			const named = wordsOf(await call('ZRANGE', `${namespace}:features:tasks:${feature}`, 0, MOST_AT_ONCE - 1));
			return [...(await read(named))].map(([id, fields]) => parseTask(id, fields));
		},
		snapshot,
		async task(id) {
			if (!isSafeId(id)) return undefined;
			const fields = (await fieldsOfTasks([id], true)).get(id);
			return fields && parseWholeTask(id, fields);
		},
		read,
		async list(cursor, size) {
			const [now, tasks, next] = listOf(packedOf(await run('list', {cursor, size})));
			return {now: Number(now), tasks: [...recordsOf(tasks)].map(([id, fields]) => parseTask(id, fields)), cursor: String(next)};
		},
		async events(since, count) {
			return eventsOf(await call('XRANGE', events, `(${since}`, '+', 'COUNT', count));
		},
		tail,
		record: createRecord({
			run,
			read: call,
			snapshot,
			namespace,
			...(checkpointInterval === undefined ? {} : {interval: checkpointInterval}),
		}),
	};
};
