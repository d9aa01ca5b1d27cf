import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import type {Coordination} from '../../source/core/coordination.ts';
import {readEntry} from '../../source/core/seed.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {claims, coordinationOn, joins, submission, takes} from '../helpers/coordination.ts';
import {eventually, startTestRedis, type TestRedis} from '../helpers/redis.ts';

let redis: TestRedis;
let connection: RedisConnection;
let team: Coordination;
let namespace: string;
let number = 0;

beforeAll(async () => {
	redis = await startTestRedis();
	connection = await redis.connect();
});
afterAll(() => redis.stop());
beforeEach(async () => {
	namespace = `n${++number}`;
	team = coordinationOn(connection, namespace);
	await joins(team, 'agent:dev:001');
	await joins(team, 'agent:dev:002');
});

const types = (command: string, key: string, ...args: (string | number)[]) => connection.call(command, `${namespace}:${key}`, ...args);
/** As a room does: one sweep, then every entry it named is accepted or refused. */
const sweeps = async () => {
	const swept = await team.sweep();
	for (const entry of swept.entries) {
		const read = readEntry(entry, {plan: 'off', attempts: 3});
		if (!read.ok) await team.refuse(entry.mark, read.message);
		else {
			const admitted = await team.admit(read.admission);
			if (admitted.code === 'exists' || admitted.code === 'unknown') await team.refuse(entry.mark, admitted.code);
		}
	}
	return swept;
};
const taskOf = async (id: string) => (await team.snapshot()).team.tasks.get(id);
const agentOf = async (id: string) => (await team.snapshot()).team.agents.get(id);
const ids = async () => [...(await team.snapshot()).team.tasks.keys()];
const told = async () =>
	(await team.snapshot()).team.events.map(event => `${event.type} ${event.task} ${event.agent} ${event.text}`.trim());

describe('the intake', () => {
	test('a pushed entry becomes a task and stays where it is until one of our claims takes both', async () => {
		await types('LPUSH', 'tasks:pending', 'task:implement:user-auth');
		await sweeps();
		await sweeps();
		expect(await ids()).toEqual(['user-auth']);
		expect(await taskOf('user-auth')).toMatchObject({state: 'ready', title: 'implement user-auth', priority: 50, role: 'developer'});
		expect(await types('LRANGE', 'tasks:pending', 0, -1)).toEqual(['task:implement:user-auth']);
		await takes(team, 'agent:dev:001');
		expect(await types('LLEN', 'tasks:pending')).toBe(0);
		await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({state: 'leased', owner: 'agent:dev:001'});
		expect(await connection.call('KEYS', `${namespace}:tasks:intake*`)).toEqual([]);
	});

	test('an entry with a score goes first, by its score', async () => {
		await types('LPUSH', 'tasks:pending', 'task:implement:user-auth');
		await types('ZADD', 'tasks:priority', 100, 'task:critical:security-fix', 'inf', 'task:very:urgent', -5, 'task:some:day');
		await sweeps();
		expect(await taskOf('security-fix')).toMatchObject({priority: 100, title: 'critical security-fix'});
		expect([(await taskOf('urgent'))?.priority, (await taskOf('day'))?.priority]).toEqual([100, 0]);
		expect((await takes(team, 'agent:dev:001')).task.id).toMatch(/urgent|security-fix/);
		expect((await takes(team, 'agent:dev:002')).task.id).toMatch(/urgent|security-fix/);
		expect(await types('ZRANGE', 'tasks:priority', 0, -1)).toEqual(['task:some:day']);
	});

	test('JSON gives every field; one that waits for others is no longer for outsiders', async () => {
		await team.submit(submission({id: 'first'}));
		const given = {id: 'second', title: 'Second', brief: 'how', priority: 70, needs: ['go'], after: ['first'], list: []};
		await types('LPUSH', 'tasks:pending', JSON.stringify(given));
		await sweeps();
		expect(await taskOf('second')).toMatchObject({
			state: 'blocked',
			title: 'Second',
			priority: 70,
			needs: ['go'],
			after: ['first'],
		});
		expect(await types('LLEN', 'tasks:pending')).toBe(0);
	});

	test('the same entry again is the same task; after its end it is a new one', async () => {
		await types('LPUSH', 'tasks:pending', 'task:implement:user-auth', 'task:implement:user-auth');
		await sweeps();
		const claimed = await takes(team, 'agent:dev:001');
		await types('LPUSH', 'tasks:pending', 'task:implement:user-auth');
		await sweeps();
		expect(await ids()).toEqual(['user-auth']);
		expect(await types('LLEN', 'tasks:pending')).toBe(0);
		await team.cancel(claimed.task.id, 'enough');
		await types('LPUSH', 'tasks:pending', 'task:implement:user-auth');
		await sweeps();
		expect((await ids()).toSorted()).toEqual(['user-auth', 'user-auth-2']);
	});

	test('another text with the same last part is another task', async () => {
		await types('LPUSH', 'tasks:pending', 'task:implement:user-auth', 'task:document:user-auth');
		await sweeps();
		expect((await ids()).toSorted()).toEqual(['user-auth', 'user-auth-2']);
	});

	test('what makes no task is moved aside and named, whatever it is', async () => {
		const hostile = ['', ':::', '{"title":', '{"id":"../x","title":"x"}', '{"title":"x","after":["nobody"]}', `task:${'x'.repeat(400)}`];
		await types('LPUSH', 'tasks:pending', ...hostile);
		await types('ZADD', 'tasks:priority', 5, '\u001b\u202e');
		await types('LPUSH', 'tasks:pending', 'x'.repeat(300_000));
		await connection.call('EVAL', "redis.call('LPUSH', KEYS[1], '\\255\\254')", 1, `${namespace}:tasks:pending`);
		await sweeps();
		expect(await ids()).toEqual([]);
		expect([await types('LLEN', 'tasks:pending'), await types('ZCARD', 'tasks:priority')]).toEqual([0, 0]);
		expect(await types('LLEN', 'tasks:refused')).toBe(hostile.length + 3);
		expect((await told()).filter(line => line.startsWith('entry_refused')).length).toBe(hostile.length + 3);
		expect((await sweeps()).entries).toEqual([]);
	});

	test('a title never carries what steers a terminal', async () => {
		await types('LPUSH', 'tasks:pending', 'task:im\u001b[31mplement\n:user\u202eauth');
		await sweeps();
		expect(await ids()).toEqual(['user-auth']);
		expect((await taskOf('user-auth'))?.title).toBe('im [31mplement user auth');
	});

	test('keys of another type are left alone, and the sweep goes on', async () => {
		for (const key of ['tasks:pending', 'tasks:priority', 'agents:registry-of-others', 'heartbeat:agent:9'])
			await types('HSET', key, 'a', 'b');
		await types('HSET', 'agents:registry', 'agent:9', '{}');
		await types('HSET', 'locks:task:t-1', 'a', 'b');
		await sweeps();
		expect(await agentOf('agent:9')).toMatchObject({status: 'idle'});
		expect(await types('HGETALL', 'tasks:pending')).toEqual(['a', 'b']);
	});

	test('a thousand entries are all read, oldest first, a hundred a sweep', async () => {
		const all = Array.from({length: 1000}, (_, index) => `task:do:n${index}`);
		await types('LPUSH', 'tasks:pending', ...all);
		let rounds = 0;
		while ((await sweeps()).isMore) rounds++;
		expect(rounds).toBeLessThan(15);
		await eventually(async () => (await sweeps()).entries.length === 0, 'nothing is left unread');
		expect(await types('ZCARD', 'tasks:live')).toBe(1000);
		expect((await takes(team, 'agent:dev:001')).task.id).toBe('n0');
		expect((await takes(team, 'agent:dev:002')).task.id).toBe('n1');
	});
});

describe('what an outsider takes', () => {
	const pushed = async () => {
		await types('LPUSH', 'tasks:pending', 'task:implement:user-auth');
		await sweeps();
	};

	test('with BRPOP and a lock is leased to it', async () => {
		await pushed();
		expect(await types('BRPOP', 'tasks:pending', 1)).toEqual([`${namespace}:tasks:pending`, 'task:implement:user-auth']);
		await types('SET', 'locks:task:user-auth', 'agent:dev:009', 'NX', 'EX', 3600);
		const swept = await sweeps();
		const task = await taskOf('user-auth');
		expect(task).toMatchObject({state: 'leased', owner: 'agent:dev:009', attempt: 1});
		expect(swept.outsideLeases).toMatchObject([{task: 'user-auth', agent: 'agent:dev:009', token: task?.token, word: '', branch: ''}]);
		expect(await agentOf('agent:dev:009')).toMatchObject({room: '', task: 'user-auth', status: 'working'});
		expect((await claims(team, 'agent:dev:001')).code).toBe('none');
	});

	test('without a lock yet is held back, goes to whoever locks it, and to us when nobody does', async () => {
		await pushed();
		await types('ZADD', 'tasks:priority', 60, 'task:do:other');
		await sweeps();
		await types('RPOP', 'tasks:pending');
		await types('ZPOPMAX', 'tasks:priority');
		await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({state: 'delayed', hold: expect.stringContaining('taken')});
		expect((await claims(team, 'agent:dev:001')).code).toBe('none');
		await types('SET', 'locks:task:user-auth', 'agent:dev:009', 'NX', 'EX', 3600);
		await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({state: 'leased', owner: 'agent:dev:009', hold: ''});
		await types('ZADD', 'tasks:delayed', 1, 'other');
		await sweeps();
		expect(await taskOf('other')).toMatchObject({state: 'ready', hold: ''});
		expect((await takes(team, 'agent:dev:001')).task.id).toBe('other');
	});

	test('before it was accepted becomes a task all the same', async () => {
		await types('LPUSH', 'tasks:pending', 'task:implement:user-auth');
		await team.sweep();
		await types('RPOP', 'tasks:pending');
		await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({state: 'delayed'});
		await types('SET', 'locks:task:user-auth', 'agent:dev:009', 'NX', 'EX', 3600);
		await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({state: 'leased', owner: 'agent:dev:009'});
	});

	test('before anybody saw it becomes a task at its first word, if it holds the lock', async () => {
		expect(await team.word('user-auth', 'ready-for-review', 3)).toBe('ignored');
		await types('SET', 'locks:task:user-auth', 'agent:dev:009', 'NX', 'EX', 3600);
		await types('HSET', 'tasks:status:user-auth', 'progress', '50%');
		expect(await team.word('user-auth', 'ready-for-review', 3)).toBe('ok');
		expect((await sweeps()).outsideLeases).toMatchObject([{task: 'user-auth', word: 'ready-for-review'}]);
		expect(await taskOf('user-auth')).toMatchObject({state: 'leased', owner: 'agent:dev:009', title: 'user auth', progress: '50%'});
	});

	test('goes on to review without waiting for the expiry of its lock', async () => {
		await pushed();
		await types('RPOP', 'tasks:pending');
		await types('SET', 'locks:task:user-auth', 'agent:dev:009', 'NX', 'EX', 3600);
		await sweeps();
		const {token = ''} = (await taskOf('user-auth')) ?? {};
		const handedIn = {
			task: 'user-auth',
			agent: 'agent:dev:009',
			token,
			stage: 'develop',
			next: 'review',
			nextRole: 'code-sentinel',
		} as const;
		const rest = {word: 'done', fields: {commit: 'c0'}, counts: 'none', delayMs: 0, text: ''} as const;
		expect(await team.complete({...handedIn, ...rest})).toEqual({code: 'ok'});
		expect(await types('EXISTS', 'locks:task:user-auth')).toBe(0);
		expect(await agentOf('agent:dev:009')).toMatchObject({task: '', status: 'idle'});
		await joins(team, 'agent:rev:001', 'code-sentinel');
		expect((await takes(team, 'agent:rev:001')).task).toMatchObject({id: 'user-auth', author: 'agent:dev:009', commit: 'c0'});
		expect((await sweeps()).outsideLeases).toEqual([]);
	});

	test('under the name of one of our agents stays apart from it', async () => {
		await pushed();
		await types('RPOP', 'tasks:pending');
		await types('SET', 'locks:task:user-auth', 'agent:dev:002', 'NX', 'EX', 3600);
		await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({owner: 'outside:agent:dev:002'});
		expect(await agentOf('agent:dev:002')).toMatchObject({task: '', room: 'r1', status: 'idle'});
	});

	test('an outsider’s word never touches what our own agents do', async () => {
		await pushed();
		const claimed = await takes(team, 'agent:dev:001');
		await types('HSET', 'tasks:status:user-auth', 'status', 'ready-for-review');
		expect(await team.word('user-auth', 'ready-for-review', 3)).toBe('ignored');
		expect((await sweeps()).outsideLeases).toEqual([]);
		expect(await taskOf('user-auth')).toMatchObject({state: 'leased', token: claimed.token});
	});

	test('an outsider that locks what one of ours lets lapse takes nothing from it', async () => {
		await pushed();
		const claimed = await takes(team, 'agent:dev:001', {leaseMs: 1});
		await eventually(async () => (await types('EXISTS', 'locks:task:user-auth')) === 0, 'its lock ends');
		await types('SET', 'locks:task:user-auth', 'agent:dev:009', 'NX', 'EX', 3600);
		expect(await team.word('user-auth', 'ready-for-review', 3)).toBe('ignored');
		await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({state: 'leased', owner: 'agent:dev:001', token: claimed.token});
	});

	test('a lock that changes hands hands the lease on', async () => {
		await pushed();
		await types('RPOP', 'tasks:pending');
		await types('SET', 'locks:task:user-auth', 'agent:x', 'NX', 'EX', 3600);
		await sweeps();
		const {token} = (await taskOf('user-auth')) ?? {};
		await types('SET', 'locks:task:user-auth', 'agent:y', 'EX', 3600);
		await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({state: 'leased', owner: 'agent:y'});
		expect((await taskOf('user-auth'))?.token).not.toBe(token);
		expect(await agentOf('agent:x')).toMatchObject({task: '', status: 'idle'});
	});
});

describe('the state store', () => {
	test('progress that anybody writes is told once, bounded and clean', async () => {
		await team.submit(submission({id: 'a'}));
		const claimed = await takes(team, 'agent:dev:001');
		await team.progress({agent: 'agent:dev:001', task: 'a', token: claimed.token}, {progress: '10%'}, '10%');
		await sweeps();
		await types('HSET', 'tasks:status:a', 'progress', `50%\u001b[2J${'é'.repeat(500)}`);
		await sweeps();
		await sweeps();
		const progress = (await taskOf('a'))?.progress ?? '';
		expect(progress).toMatch(/^50% \[2Jé+$/);
		expect(Buffer.byteLength(progress)).toBeLessThanOrEqual(200);
		expect((await told()).filter(line => line.startsWith('task_progressed a'))).toHaveLength(2);
	});
});

describe('agents from outside', () => {
	test('appear with what their registry entry says, change with it, and leave with it', async () => {
		await types('HSET', 'agents:registry', 'agent:001', '{"status":"active","capabilities":["backend","go"]}');
		await types('SETEX', 'heartbeat:agent:001', 30, 'alive');
		const {outsiders} = await sweeps();
		expect(outsiders).toMatchObject([{agent: 'agent:001', stamp: expect.stringMatching(/^alive@\d+$/)}]);
		expect(await agentOf('agent:001')).toMatchObject({room: '', harness: 'outside', capabilities: ['backend', 'go'], status: 'idle'});
		expect(await types('HGET', 'agents:registry', 'agent:001')).toBe('{"status":"active","capabilities":["backend","go"]}');
		await types('HSET', 'agents:registry', 'agent:001', '{"status":"paused","capabilities":[]}');
		await sweeps();
		expect(await agentOf('agent:001')).toMatchObject({status: 'paused', capabilities: []});
		await types('HDEL', 'agents:registry', 'agent:001');
		await sweeps();
		expect(await agentOf('agent:001')).toBeUndefined();
		expect(await agentOf('agent:dev:001')).toBeDefined();
	});

	test('hostile entries are read as far as they go', async () => {
		const hostile = [
			'',
			'active',
			'[1,2]',
			'{"status":7,"capabilities":"x","role":"../x"}',
			`{"a":${'['.repeat(5000)}`,
			'{"capabilities":{"a":1}}',
		];
		for (const [index, entry] of hostile.entries()) await types('HSET', 'agents:registry', `agent:h${index}`, entry);
		await types('HSET', 'agents:registry', '../../x \n', '{}', 'x'.repeat(5000), '{}');
		await sweeps();
		const agents = [...(await team.snapshot()).team.agents.values()].filter(agent => agent.room === '');
		expect(agents.map(agent => [agent.id, agent.role, agent.capabilities, agent.status])).toEqual(
			hostile.map((_, index) => [`agent:h${index}`, 'outsider', [], 'idle']),
		);
	});

	test('at most a thousand are shown, and one look reads about a hundred', async () => {
		for (let from = 0; from < 1500; from += 500)
			await types('HSET', 'agents:registry', ...Array.from({length: 500}, (_, index) => [`agent:m${from + index}`, '{}']).flat());
		await sweeps();
		const first = [...(await team.snapshot()).team.agents.values()].filter(agent => agent.room === '').length;
		expect(first).toBeGreaterThan(50);
		expect(first).toBeLessThan(300);
		for (let round = 0; round < 40; round++) await team.sweep();
		expect([...(await team.snapshot()).team.agents.values()].filter(agent => agent.room === '')).toHaveLength(1000);
	});

	test('one whose heartbeat is gone is lost, and back when it beats', async () => {
		await types('HSET', 'agents:registry', 'agent:001', '{}');
		await types('SETEX', 'heartbeat:agent:001', 30, 'alive');
		await sweeps();
		expect(await team.lose('agent:001', 0)).toBe('alive');
		await types('DEL', 'heartbeat:agent:001');
		expect((await sweeps()).outsiders).toMatchObject([{agent: 'agent:001', stamp: 'gone'}]);
		expect(await team.lose('agent:001', 0)).toBe('ok');
		expect(await agentOf('agent:001')).toMatchObject({status: 'lost', reason: 'no heartbeat'});
		await types('SETEX', 'heartbeat:agent:001', 30, 'alive');
		await sweeps();
		expect(await agentOf('agent:001')).toMatchObject({status: 'idle', reason: ''});
	});
});

describe('rooms', () => {
	const beats = (room: string, agents: string[]) => team.beat({room, leaseMs: 5000, ttlMs: 30_000, agents, held: []});

	test('are named by every sweep with their heartbeat and their lease', async () => {
		await beats('r1', ['agent:dev:001']);
		const [first] = (await team.sweep()).rooms;
		expect(first).toMatchObject({room: 'r1', leaseMs: 5000});
		await beats('r1', ['agent:dev:001']);
		const [second] = (await team.sweep()).rooms;
		expect(second?.beat).toBeGreaterThan(first?.beat ?? 0);
	});

	test('a lost one loses its agents, unless it has beaten since', async () => {
		await beats('r1', ['agent:dev:001', 'agent:dev:002']);
		const [seen] = (await team.sweep()).rooms;
		await beats('r1', ['agent:dev:001', 'agent:dev:002']);
		expect(await team.lose('r1', seen?.beat ?? 0)).toBe('alive');
		const [last] = (await team.sweep()).rooms;
		expect(await team.lose('r1', last?.beat ?? 0)).toBe('ok');
		expect(await agentOf('agent:dev:001')).toMatchObject({status: 'lost', reason: 'its room is gone'});
		expect((await team.sweep()).rooms).toEqual([]);
		await beats('r1', ['agent:dev:001', 'agent:dev:002']);
		expect((await team.sweep()).rooms).toMatchObject([{room: 'r1'}]);
	});
});
