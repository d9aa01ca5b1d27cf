import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import type {Submission} from '../../source/core/intake/submission.ts';
import type {Coordination} from '../../source/core/team/coordination.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {claims, coordinationOn, joins, submission, takes} from '../helpers/coordination.ts';
import {startTestRedis, type TestRedis} from '../helpers/redis.ts';

const FEW = 1000;
const MANY = 100_000;
const AT_ONCE = 500;

let redis: TestRedis;
let connection: RedisConnection;
let team: Coordination;
let namespace = '';
let number = 0;

beforeAll(async () => {
	redis = await startTestRedis(['--appendonly', 'no']);
	connection = await redis.connect();
});
afterAll(() => redis.stop());
beforeEach(() => {
	namespace = `n${++number}`;
	team = coordinationOn(connection, namespace);
});

const load = async (from: number, to: number, given: (index: number) => Partial<Submission> = () => ({})): Promise<void> => {
	for (let at = from; at < to; at += AT_ONCE) {
		const tasks = Array.from({length: Math.min(AT_ONCE, to - at)}, (_, index) =>
			submission({description: 'b'.repeat(300), ...given(at + index)}),
		);
		expect((await team.submitAll(tasks)).code).toBe('ok');
	}
};

/** Commands that Redis runs for something, those within scripts too, by its own account. */
const commandsOf = async (work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> => {
	await connection.call('CONFIG', 'RESETSTAT');
	await work();
	const stats = String(await connection.call('INFO', 'commandstats'));
	return Object.fromEntries(
		[...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)]
			.map(([, name = '', calls]) => [name, Number(calls)] as const)
			.filter(([name]) => !/^(config|info)/.test(name)),
	);
};

const agentOf = (index: number): string => `agent:dev:${String(index + 1).padStart(3, '0')}`;

describe('a queue of a hundred thousand tasks', () => {
	test('costs a snapshot and a claim the same commands as one of a thousand; every task is counted, listed and found', {
		timeout: 120_000,
	}, async () => {
		for (let index = 0; index < 50; index++) await joins(team, agentOf(index));
		await load(0, FEW);
		for (let index = 0; index < 48; index++) await takes(team, agentOf(index));
		await team.snapshot();
		const few = await commandsOf(() => team.snapshot());
		const fewOfClaim = await commandsOf(() => takes(team, agentOf(48)));
		await load(FEW, MANY, index => (index === FEW ? {id: 'hidden', after: ['t-900']} : {}));
		const many = await commandsOf(() => team.snapshot());
		const manyOfClaim = await commandsOf(() => takes(team, agentOf(49)));
		expect(manyOfClaim).toEqual(fewOfClaim);
		// The one that was claimed meanwhile is one more to read.
		expect({...many, hgetall: 0}).toEqual({...few, hgetall: 0});
		expect((many.hgetall ?? 0) - (few.hgetall ?? 0)).toBe(1);
		expect(many.hgetall).toBeLessThan(500);

		const {team: state} = await team.snapshot();
		expect(state.counts).toEqual({blocked: 1, delayed: 0, ready: MANY - 51, leased: 50, merged: 0, planned: 0, failed: 0, cancelled: 0});
		expect(state.tasks.size).toBeLessThan(500);
		expect([...state.tasks.values()].filter(task => task.state === 'leased')).toHaveLength(50);
		expect(state.tasks.has('hidden')).toBe(false);
		expect(await team.task('hidden')).toMatchObject({state: 'blocked', after: ['t-900'], description: 'b'.repeat(300)});

		const seen = new Set<string>();
		for (let cursor: string | undefined; cursor !== ''; ) {
			const page = await team.list(cursor ?? '', 500);
			for (const {id} of page.tasks) seen.add(id);
			({cursor} = page);
		}
		expect(seen.size).toBe(MANY);
		expect(Number(await connection.call('XLEN', `${namespace}:events`))).toBeLessThan(21_000);
	});
});

describe('a year of tasks', () => {
	test('keeps the long texts of the last thousand that ended, and of every one that may be queued again', async () => {
		await joins(team, agentOf(0));
		await load(0, 1, () => ({id: 'dead', attempts: 1}));
		const {token} = await takes(team, agentOf(0));
		await team.fail({task: 'dead', agent: agentOf(0), token, reason: 'no', feedback: 'log', delayMs: 0, fields: {}});
		await load(0, 1001, index => ({id: `n-${index}`}));
		for (const id of ['n-0', 'n-1']) await connection.call('HSET', `${namespace}:reviews:${id}`, 'status', 'approved', 'comments', 'long');
		for (let index = 0; index <= 1000; index++) await team.cancel(`n-${index}`, 'enough');
		const texts = (await connection.call('KEYS', `${namespace}:tasks:text:*`)) as string[];
		expect(texts).toHaveLength(1001);
		expect(await team.task('n-0')).toMatchObject({description: '', title: 'a task', state: 'cancelled'});
		expect((await team.task('n-1'))?.description).toHaveLength(300);
		expect(await team.task('dead')).toMatchObject({description: 'b'.repeat(300), feedback: 'log'});
		expect((await team.snapshot()).team.counts).toMatchObject({failed: 1, cancelled: 1001});
		expect(await connection.call('HKEYS', `${namespace}:reviews:n-0`)).toEqual(['status']);
		expect(await connection.call('HGET', `${namespace}:reviews:n-1`, 'comments')).toBe('long');
	});
});

describe('a registry of a thousand agents', () => {
	test('is in a snapshot whole, and beats in pieces that hold up nobody else; all of it is lost with its room', async () => {
		const all = Array.from({length: 1000}, (_, index) => agentOf(index));
		await Promise.all(all.map(id => joins(team, id)));
		const beat = await commandsOf(() => team.heartbeat({room: 'r1', leaseMs: 60_000, ttlMs: 60_000, agents: all, held: []}));
		expect(beat.fcall).toBe(2);
		const {team: state, beats} = await team.snapshot();
		expect([state.agents.size, beats.size]).toEqual([1000, 1000]);
		expect([...beats.values()].every(sequence => sequence > 0)).toBe(true);
		await load(0, 900);
		const given = await Promise.all(all.slice(0, 900).map(agent => takes(team, agent)));
		const held = given.map(({task, token}) => ({agent: task.owner, task: task.id, token}));
		const answer = await team.heartbeat({room: 'r1', leaseMs: 60_000, ttlMs: 60_000, agents: all, held});
		expect([answer.stale, answer.leases]).toEqual([[], held]);
		const [{beat: last = 0} = {}] = (await team.sweep()).rooms;
		let calls = 0;
		while ((await team.expire('r1', last)) === 'more') calls++;
		expect(calls).toBeLessThanOrEqual(10);
		expect([...(await team.snapshot()).team.agents.values()].every(({status}) => status === 'unreachable')).toBe(true);
	});

	test('of which only the last who wait can do a task has it done within a few sweeps', async () => {
		const able = agentOf(549);
		for (let index = 0; index < 550; index++) {
			const agent = agentOf(index);
			await joins(team, agent, 'developer', agent === able ? ['go'] : []);
			await team.claim({agent, room: 'r1', leaseMs: 60_000, nonce: agent, stages: ['develop'], waits: true});
		}
		await team.heartbeat({room: 'r1', leaseMs: 60_000, ttlMs: 60_000, agents: [], held: []});
		await load(0, 1, () => ({id: 'a', needs: ['go']}));
		for (let sweeps = 0; sweeps < 6; sweeps++) await team.sweep();
		expect(await team.task('a')).toMatchObject({state: 'leased', owner: able});
	});
});

describe('a role with many sets of needs', () => {
	const needsOf = (index: number): string[] => [`a${index % 20}`, `b${Math.floor(index / 20)}`];

	test('costs a claim no more than the combinations of its own capabilities, and gives the best that they cover', async () => {
		await joins(team, 'agent:dev:001', 'developer', ['b3', 'a7', 'a8']);
		await joins(team, 'agent:dev:002', 'developer', ['c']);
		await load(0, 400, index => ({id: `n-${index}`, needs: needsOf(index), priority: index === 67 ? 90 : 50}));
		const commands = await commandsOf(async () => expect((await takes(team, 'agent:dev:001')).task.id).toBe('n-67'));
		expect(commands.zrange).toBeLessThanOrEqual(9);
		expect(commands.smembers).toBeUndefined();
		expect(await claims(team, 'agent:dev:002')).toEqual({code: 'none'});
		expect([...(await team.snapshot()).team.tasks.keys()].filter(id => id.startsWith('n-')).length).toBeGreaterThan(100);
	});

	test('gives in the end what an agent of very many capabilities alone can do', async () => {
		const capabilities = Array.from({length: 12}, (_, index) => `a${index}`);
		await joins(team, 'agent:dev:001', 'developer', [...capabilities, 'b3']);
		await load(0, 400, index => ({id: `n-${index}`, needs: needsOf(index)}));
		const commands = await commandsOf(async () => expect((await takes(team, 'agent:dev:001')).task.needs).toContain('b3'));
		expect(commands.zrange).toBeLessThanOrEqual(66);
	});
});
