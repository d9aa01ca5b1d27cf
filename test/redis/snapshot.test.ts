import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import type {Coordination} from '../../source/core/coordination.ts';
import {EVENTS_KEPT, reduce} from '../../source/core/snapshot.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {createCoordination} from '../../source/redis/coordination.ts';
import {completion, coordinationOn, joins, nextOpId, submission, takes} from '../helpers/coordination.ts';
import {startTestRedis, type TestRedis} from '../helpers/redis.ts';

let redis: TestRedis;
let connection: RedisConnection;
let team: Coordination;
let number = 0;

beforeAll(async () => {
	redis = await startTestRedis(['--appendfsync', 'no']);
	connection = await redis.connect();
});
afterAll(() => redis.stop());
beforeEach(() => {
	team = coordinationOn(connection, `n${++number}`);
});

const submitMany = async (count: number): Promise<void> => {
	await Promise.all(Array.from({length: count}, () => team.submit(submission())));
};

describe('a snapshot', () => {
	test('of nothing is empty, and the first event folds onto it', async () => {
		const {team: empty, now} = await team.snapshot();
		expect(empty).toMatchObject({streamId: '0-0', control: {paused: false, drained: false, frozen: false}});
		expect([empty.tasks.size, empty.agents.size, empty.locks.size, empty.events.length]).toEqual([0, 0, 0, 0]);
		expect(now).toBeGreaterThan(1_700_000_000_000);
		await team.submit(submission({title: 'login'}));
		expect(reduce(empty, await team.events('0-0', 10)).tasks.get('t-1')?.title).toBe('login');
	});

	test('keeps the newest events, oldest first, and the tail goes on from its id', async () => {
		await submitMany(EVENTS_KEPT + 20);
		const {team: state} = await team.snapshot();
		expect(state.events.length).toBe(EVENTS_KEPT);
		expect([state.events[0]?.task, state.events.at(-1)?.task, state.events.at(-1)?.id]).toEqual([
			't-21',
			`t-${EVENTS_KEPT + 20}`,
			state.streamId,
		]);
		const waiting = team.tail(state.streamId, 10_000);
		await team.control({paused: true}, 'lunch');
		expect((await waiting).map(({type, text}) => [type, text])).toEqual([['control_changed', 'lunch']]);
		expect(await team.tail((await team.snapshot()).team.streamId, 20)).toEqual([]);
	});

	test('of more tasks than a page is that of the end, though tasks move, end and appear between its pages', async () => {
		await submitMany(1200);
		await joins(team, 'agent:dev:001');
		let pages = 0;
		const disturbing: RedisConnection = {
			...connection,
			get isConnected() {
				return connection.isConnected;
			},
			async run(script, keys, args) {
				const reply = await connection.run(script, keys, args);
				if (script.name === 'snapshot') {
					pages++;
					const claimed = await takes(team, 'agent:dev:001');
					await team.complete(completion(claimed, {next: 'merged', nextRole: 'none', fields: {author: 'x'}}));
					await team.cancel(`t-${1200 - pages}`, 'between');
					await team.submit(submission({title: 'late'}));
				}
				return reply;
			},
		};
		const {team: read} = await createCoordination({connection: disturbing, namespace: `n${number}`, newOpId: nextOpId}).snapshot();
		expect(pages).toBe(3);
		const {team: quiet} = await team.snapshot();
		expect(read.streamId).toBe(quiet.streamId);
		expect(Object.fromEntries(read.rawTasks)).toEqual(Object.fromEntries(quiet.rawTasks));
		expect([...read.tasks.values()].filter(({title}) => title === 'late').length).toBe(3);
		expect(read.tasks.size).toBe(1203);
	});

	test('shows what an outsider wrote into a status field', async () => {
		await team.submit(submission({id: 'user-auth'}));
		await connection.call('HSET', `n${number}:tasks:status:user-auth`, 'progress', '50%');
		expect((await team.snapshot()).team.tasks.get('user-auth')?.progress).toBe('50%');
	});

	test('field names from outside cannot reach the prototype of anything', async () => {
		await team.submit(submission({id: 'x'}));
		await connection.call('HSET', `n${number}:tasks:status:x`, '__proto__', 'bad', 'constructor', 'bad');
		const fields = (await team.snapshot()).team.rawTasks.get('x');
		expect(Object.getPrototypeOf(fields)).toBeNull();
		expect(Object.keys(fields ?? {})).toContain('__proto__');
	});
});
