import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {TASK_STATES} from '../../source/core/task/task.ts';
import type {Coordination} from '../../source/core/team/coordination.ts';
import type {Moment, Replayed} from '../../source/core/team/replay.ts';
import type {TeamSnapshot} from '../../source/core/team/snapshot.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {createCoordination} from '../../source/redis/coordination.ts';
import {completion, joins, nextOpId, submission, takes} from '../helpers/coordination.ts';
import {createHistory} from '../helpers/history.ts';
import {startTestRedis, type TestRedis} from '../helpers/redis.ts';

let redis: TestRedis;
let connection: RedisConnection;
let number = 0;
let namespace = '';
let team: Coordination;

beforeAll(async () => {
	redis = await startTestRedis(['--appendfsync', 'no']);
	connection = await redis.connect();
});
afterAll(() => redis.stop());

const coordination = (through: RedisConnection, checkpointInterval = 1000): Coordination =>
	createCoordination({connection: through, namespace, newOpId: nextOpId, checkpointInterval});
beforeEach(() => {
	namespace = `p${++number}`;
	team = coordination(connection);
});

type Rows = ReadonlyMap<string, Readonly<Record<string, string>>>;
const without = (rows: Rows, ...names: readonly string[]): unknown =>
	Object.fromEntries(
		[...rows].map(([id, fields]) => [id, Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))]),
	);

/** All that a record can know: renewals and heartbeats write no entry, and long texts stay out of it. */
const comparable = (state: TeamSnapshot): unknown => ({
	tasks: without(state.rawTasks, 'leaseUntil', 'description', 'feedback'),
	agents: without(state.rawAgents, 'beatAt'),
	locks: Object.fromEntries(state.locks),
	waiters: [...state.waiters.values()],
	control: state.control,
	counts: state.counts,
	titles: Object.fromEntries([...state.tasks].map(([id, task]) => [id, [task.title, task.state, task.owner, task.failures]])),
	statuses: Object.fromEntries([...state.agents].map(([id, agent]) => [id, [agent.status, agent.task]])),
});
const replayed = async (moment: Moment, through = team): Promise<Replayed> => {
	const found = await through.record.stateAt(moment);
	if (found === 'gone') throw new Error(`${moment.id || moment.at} is gone`);
	return found;
};
const momentOf = (id: string): Moment => ({id, at: Number(id.split('-')[0])});
const checkpoints = async (): Promise<string[]> =>
	((await connection.call('ZRANGE', `${namespace}:checkpoints`, 0, -1)) as unknown[]).map(String);

describe('the record', () => {
	test('rebuilds the state at any moment since its oldest checkpoint, after it was trimmed', {timeout: 120_000}, async () => {
		const history = await createHistory(team, connection, namespace, 7);
		const remembered: TeamSnapshot[] = [];
		for (let round = 0; round < 60; round++) {
			await history.work(70);
			remembered.push((await team.snapshot()).team);
			await history.fill(500);
			await team.record.keep();
		}
		const {team: fresh} = await team.snapshot();
		const range = await team.record.range();
		expect(range.entries).toBeLessThan(20_200);
		expect(range.checkpoints).toBeGreaterThan(8);
		expect(range.newest?.id).toBe(fresh.streamId);
		const oldest = range.oldest ?? momentOf('0-0');
		const first = String(((await connection.call('XRANGE', `${namespace}:events`, '-', '+', 'COUNT', 1)) as string[][])[0]?.[0]);
		expect(oldest.at).toBeGreaterThan(Number(first.split('-')[0]) - 1);

		// From the oldest checkpoint alone, over everything that follows.
		const [, ...newer] = await checkpoints();
		await connection.call('ZREM', `${namespace}:checkpoints`, ...newer);
		expect(comparable((await replayed(momentOf(fresh.streamId))).team)).toEqual(comparable(fresh));
		const reachable = remembered.filter(({streamId}) => Number(streamId.split('-')[0]) > oldest.at);
		expect(reachable.length).toBeGreaterThan(30);
		for (const then of reachable) expect(comparable((await replayed(momentOf(then.streamId))).team)).toEqual(comparable(then));
		// It was a history of everything, with more finished tasks than are shown.
		const states = remembered.map(then => Object.groupBy(then.tasks.values(), ({state}) => state));
		for (const state of TASK_STATES) expect([state, states.some(then => (then[state]?.length ?? 0) > 0)]).toEqual([state, true]);
		expect(remembered.filter(then => then.locks.size > 0).length).toBeGreaterThan(3);
		const doneIn = (then: (typeof states)[number]): number =>
			[then.merged, then.planned, then.cancelled].reduce((sum, some) => sum + (some?.length ?? 0), 0);
		expect(Math.max(...states.map(doneIn))).toBe(100);

		// What lies before is refused, never guessed.
		expect(await team.record.stateAt({id: '', at: oldest.at - 1})).toBe('gone');
		expect(await team.record.stateAt(momentOf(remembered[0]?.streamId ?? ''))).toBe('gone');
	});

	test('that was never trimmed goes back to its beginning without a checkpoint', async () => {
		expect(await team.record.range()).toMatchObject({oldest: null, newest: null, entries: 0, checkpoints: 0});
		const history = await createHistory(team, connection, namespace, 3);
		const {team: before} = await team.snapshot();
		await history.work(200);
		const {team: after} = await team.snapshot();
		const range = await team.record.range();
		expect([range.checkpoints, range.oldest?.id, range.newest?.id]).toEqual([0, (await team.events('0-0', 1))[0]?.id, after.streamId]);
		expect(comparable((await replayed(momentOf(before.streamId))).team)).toEqual(comparable(before));
		const {moment, before: last} = await replayed({id: '', at: range.now});
		expect([moment.id, last.at(-1)?.id, last.length]).toEqual([after.streamId, after.streamId, 10]);
	});

	test('is exact although tasks move, end, come back and appear between the pages of a checkpoint', async () => {
		// The oldest of all dies before the first page and is revived after it, in a place that was read already.
		await team.submit(submission({id: 'mourned', role: 'writer', attempts: 1}));
		await joins(team, 'agent:writer:001', 'writer');
		const mourned = await takes(team, 'agent:writer:001');
		await team.fail({...mourned, agent: 'agent:writer:001', task: 'mourned', reason: 'why', feedback: '', delayMs: 0, fields: {}});
		await Promise.all(
			Array.from({length: 1300}, (_, index) => team.submit(submission({title: `task ${index}`, priority: index % 7, attempts: 1}))),
		);
		await joins(team, 'agent:dev:001');
		const read: string[] = [];
		const disturbing: RedisConnection = {
			...connection,
			get isConnected() {
				return connection.isConnected;
			},
			async run(script, keys, args) {
				const reply = await connection.run(script, keys, args);
				if (script.name !== 'checkpoint-page') return reply;
				const [, page = '', , , cursor = ''] = reply as readonly string[];
				read.push(page);
				const claimed = await takes(team, 'agent:dev:001');
				await team.complete(completion(claimed, {next: 'merged', nextRole: 'none', fields: {author: 'x'}}));
				await takes(team, 'agent:dev:001').then(next =>
					team.release({token: next.token, task: next.task.id, reason: '', to: '', fields: {}}),
				);
				// The last of the page just read: the next page begins after one that is no longer there.
				const last = cursor.split(' ')[1];
				if (last) expect(await team.cancel(last, 'between')).toBe('ok');
				await team.retry('mourned');
				await team.submit(submission({title: 'late'}));
				await team.control({drained: read.length === 3}, 'between');
				return reply;
			},
		};
		expect(await coordination(disturbing).record.keep()).toBe('ok');
		expect(read).toHaveLength(3);
		const {streamId} = (await team.snapshot()).team;
		const [from = ''] = await checkpoints();
		await connection.call('XTRIM', `${namespace}:events`, 'MINID', from);
		// Before its last page was read it is no state yet.
		expect((await team.record.range()).oldest?.id).toBe(read[2]);
		expect(await team.record.stateAt(momentOf(from))).toBe('gone');
		expect(await team.record.stateAt(momentOf(read[1] ?? ''))).toBe('gone');
		const {team: then} = await replayed(momentOf(streamId));
		const ids = ((await connection.call('ZRANGE', `${namespace}:tasks:live`, 0, -1)) as unknown[]).map(String);
		expect(ids.length).toBe(1301 - 3 - 2 + 3);
		for (const id of ids) {
			const flat = ((await connection.call('HGETALL', `${namespace}:tasks:status:${id}`)) as unknown[]).map(String);
			const {description: _, ...fields} = Object.fromEntries(
				Array.from({length: flat.length / 2}, (_, at) => [flat[at * 2], flat[at * 2 + 1]]),
			);
			expect({...then.rawTasks.get(id), description: ''}).toEqual({...fields, description: ''});
		}
		expect([...then.tasks.values()].filter(({state}) => state === 'merged').length).toBe(3);
		expect(then.control.drained).toBe(true);
	});
});

describe('checkpoints', () => {
	test('stand an interval apart, one of several writers wins, and only those that can be followed are kept', async () => {
		const history = await createHistory(team, connection, namespace, 5);
		await history.work(50);
		expect(await team.record.keep()).toBe('early');
		await history.fill(1000);
		const rivals = await Promise.all([team, coordination(connection), coordination(connection)].map(room => room.record.keep()));
		expect(rivals.filter(word => word === 'ok')).toHaveLength(1);
		await history.fill(999);
		expect(await team.record.keep()).toBe('early');
		await history.fill(1);
		expect(await team.record.keep()).toBe('ok');
		expect(await checkpoints()).toHaveLength(2);
		for (let round = 0; round < 22; round++) {
			await history.fill(1000);
			expect(await team.record.keep()).toBe('ok');
		}
		const kept = await checkpoints();
		expect(kept.length).toBeGreaterThanOrEqual(20);
		expect(kept.length).toBeLessThanOrEqual(22);
		const keys = ((await connection.call('KEYS', `${namespace}:checkpoint:*`)) as unknown[]).map(String);
		expect(keys.map(key => key.slice(`${namespace}:checkpoint:`.length)).toSorted()).toEqual(kept.toSorted());
		const range = await team.record.range();
		expect(range.entries - range.checkpoints * 1000).toBeLessThan(1200);
	});

	test('stand further apart where many tasks wait, since each holds all of them', async () => {
		const history = await createHistory(team, connection, namespace, 5);
		await history.work(50);
		const wide = coordination(connection, 10);
		await connection.call(
			'EVAL',
			"for index = 1, 1000 do redis.call('ZADD', KEYS[1], index, 'ghost' .. index) end",
			1,
			`${namespace}:tasks:live`,
		);
		await history.fill(40);
		const {entries} = await team.record.range();
		expect(await coordination(connection, Math.ceil(entries / 5) + 1).record.keep()).toBe('early');
		expect(await wide.record.keep()).toBe('ok');
		await history.fill(49);
		expect(await wide.record.keep()).toBe('early');
		await history.fill(1);
		expect(await wide.record.keep()).toBe('ok');
	});

	test('that are damaged, of another version or of a record that is no more are never believed', async () => {
		const history = await createHistory(team, connection, namespace, 9);
		for (let round = 0; round < 3; round++) {
			await history.work(100);
			await history.fill(1000);
			expect(await team.record.keep()).toBe('ok');
		}
		const {team: fresh} = await team.snapshot();
		const now = momentOf(fresh.streamId);
		const [first = '', second = '', third = ''] = await checkpoints();
		// The damaged one is passed over for an older one; nothing in it becomes a state.
		await connection.call('HSET', `${namespace}:checkpoint:${third}`, 'part:2', 'AAAA');
		expect(comparable((await replayed(now)).team)).toEqual(comparable(fresh));
		await connection.call('HSET', `${namespace}:checkpoint:${second}`, 'version', '0');
		expect(comparable((await replayed(now)).team)).toEqual(comparable(fresh));
		// Trimmed up to a checkpoint that nobody can read: its successor is written at once.
		await connection.call('XTRIM', `${namespace}:events`, 'MINID', second);
		expect(await team.record.stateAt(now)).toBe('gone');
		await connection.call('HSET', `${namespace}:checkpoint:${third}`, 'version', '0');
		await history.fill(1);
		expect(await team.record.keep()).toBe('ok');
		expect(await checkpoints()).not.toContain(first);
		// A stream that began anew.
		await connection.call('DEL', `${namespace}:events`);
		await team.control({paused: true}, 'anew');
		expect((await team.record.range()).checkpoints).toBe(0);
	});

	test('tell nothing where the record is trimmed while it is read', async () => {
		const history = await createHistory(team, connection, namespace, 4);
		for (let round = 0; round < 3; round++) {
			await history.work(60);
			await history.fill(1000);
			expect(await team.record.keep()).toBe('ok');
		}
		const {team: fresh} = await team.snapshot();
		const [, second = '', third = ''] = await checkpoints();
		// The third is unreadable, and half of what follows the second goes after its checkpoint was read: no state can be told.
		await connection.call('HSET', `${namespace}:checkpoint:${third}`, 'part:1', '');
		let isTrimmed = false;
		const trimming: RedisConnection = {
			...connection,
			get isConnected() {
				return connection.isConnected;
			},
			async call(command, ...args) {
				const reply = await connection.call(command, ...args);
				if (command === 'HGETALL' && args[0] === `${namespace}:checkpoint:${second}`) {
					isTrimmed = true;
					await connection.call('XTRIM', `${namespace}:events`, 'MAXLEN', 500);
				}
				return reply;
			},
		};
		expect(await coordination(trimming).record.stateAt(momentOf(fresh.streamId))).toBe('gone');
		expect(isTrimmed).toBe(true);
	});

	test('that are asked for twice are written once and answer the same', async () => {
		const history = await createHistory(team, connection, namespace, 9);
		await history.work(20);
		await history.fill(1000);
		let repeats = 0;
		const twice: RedisConnection = {
			...connection,
			get isConnected() {
				return connection.isConnected;
			},
			async run(script, keys, args) {
				const first = await connection.run(script, keys, args);
				if (script.name !== 'checkpoint') return first;
				repeats++;
				expect(await connection.run(script, keys, args)).toEqual(first);
				return first;
			},
		};
		expect(await coordination(twice).record.keep()).toBe('ok');
		expect([repeats, (await checkpoints()).length]).toEqual([1, 1]);
	});
});
