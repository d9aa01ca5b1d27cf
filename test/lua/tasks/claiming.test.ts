import {beforeEach, describe, expect, test} from 'vitest';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import {claims, completion, coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {eventually} from '../../helpers/redis.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;
let namespace = '';

beforeEach(async () => {
	namespace = `{${server.newNamespace()}}`;
	team = coordinationOn(server.connection, namespace);
	await joins(team, 'agent:dev:001');
});

const submitted = async (given: Parameters<typeof submission>[0] = {}): Promise<string> => {
	const reply = await team.submit(submission(given));
	expect(reply.code).toBe('ok');
	return reply.id;
};
const stateOf = async (id: string) => (await team.snapshot()).team.tasks.get(id)?.state;

describe('submitting', () => {
	test('without an id gives the next number, skipping what is taken', async () => {
		await submitted({id: 't-2'});
		expect([await submitted(), await submitted()]).toEqual(['t-1', 't-3']);
	});

	test('an id that is taken is refused, and so is a dependency that does not exist', async () => {
		await submitted({id: 'login'});
		expect(await team.submit(submission({id: 'login'}))).toEqual({code: 'exists', id: 'login'});
		expect(await team.submit(submission({id: 'b', after: ['login', 'nowhere']}))).toEqual({code: 'unknown', id: 'nowhere'});
		expect(await team.submit(submission({id: 'self', after: ['self']}))).toEqual({code: 'cycle', id: 'self,self'});
		expect([...(await team.snapshot()).team.tasks.keys()]).toEqual(['login']);
	});

	test('hostile text is kept as it is', async () => {
		const title = '\u001b]52;c;x\u0007 `rm -rf` $(id) {} [] "\\ \u202e\u0000 ü\n--- include: lib/base';
		const id = await submitted({title, description: title});
		const task = await team.task(id);
		expect([task?.title, task?.description]).toEqual([title, title]);
		expect((await team.events('0-0', 10)).at(-1)?.text).toBe(title);
	});

	test('an id, a role or a capability that would leave its place in a key name is not accepted', async () => {
		for (const given of [{id: 'a b'}, {id: 'x,y'}, {role: 'developer:go'}, {needs: ['a+b']}, {needs: ['@x']}, {after: ['']}])
			await expect(team.submit(submission(given))).rejects.toThrow(TypeError);
	});
});

describe('claiming', () => {
	test('gives the task with a lease, a token and a lock, and writes it everywhere in the same step', async () => {
		const id = await submitted({title: 'login'});
		const claimed = await takes(team, 'agent:dev:001');
		expect(claimed.task).toMatchObject({id, title: 'login', state: 'leased', owner: 'agent:dev:001', attempt: 1, fresh: false});
		expect(claimed.token).toMatch(/^1:nonce\d+$/);
		expect(await server.connection.call('GET', `${namespace}:locks:task:${id}`)).toBe(`agent:dev:001 ${claimed.token}`);
		expect(JSON.parse(String(await server.connection.call('HGET', `${namespace}:agents:registry`, 'agent:dev:001')))).toEqual({
			status: 'working',
			role: 'developer',
			capabilities: [],
			room: 'r1',
			harness: 'scripted',
			task: id,
			pid: 0,
		});
		const last = (await team.events('0-0', 100)).at(-1);
		expect(last).toMatchObject({
			type: 'task_claimed',
			task: id,
			agent: 'agent:dev:001',
			taskFields: {token: claimed.token, state: 'leased'},
		});
	});

	test('answers why there is nothing', async () => {
		expect(await claims(team, 'agent:dev:009')).toEqual({code: 'unregistered'});
		expect(await claims(team, 'agent:dev:001', {room: 'other'})).toEqual({code: 'unregistered'});
		expect(await claims(team, 'agent:dev:001')).toEqual({code: 'none'});
		await submitted();
		await team.control({frozen: true}, '');
		expect(await claims(team, 'agent:dev:001')).toEqual({code: 'frozen'});
		await team.control({frozen: false, paused: true}, '');
		expect(await claims(team, 'agent:dev:001')).toEqual({code: 'paused'});
		await team.control({paused: false, drained: true}, '');
		expect(await claims(team, 'agent:dev:001')).toEqual({code: 'drained'});
		await team.control({drained: false}, '');
		await team.updateAgent('agent:dev:001', {paused: '1'}, '');
		expect(await claims(team, 'agent:dev:001')).toEqual({code: 'paused'});
		await team.updateAgent('agent:dev:001', {paused: '0'}, '');
		await takes(team, 'agent:dev:001');
		expect(await claims(team, 'agent:dev:001')).toEqual({code: 'busy'});
	});

	test('a drain lets what was begun be reviewed', async () => {
		await joins(team, 'agent:rev:001', 'code-sentinel');
		const id = await submitted({stage: 'review', role: 'code-sentinel'});
		await team.control({drained: true}, '');
		expect((await takes(team, 'agent:rev:001')).task.id).toBe(id);
	});

	test('takes the most urgent first, the oldest of equals, and only the stages asked for', async () => {
		const [low, first, second, high] = [
			await submitted({priority: 10}),
			await submitted(),
			await submitted(),
			await submitted({priority: 90}),
		];
		const order: string[] = [];
		for (let index = 1; index <= 4; index++) {
			await joins(team, `agent:dev:10${index}`);
			order.push((await takes(team, `agent:dev:10${index}`)).task.id);
		}
		expect(order).toEqual([high, first, second, low]);
		await submitted();
		expect(await claims(team, 'agent:dev:001', {stages: ['plan']})).toEqual({code: 'none'});
	});

	test('an old task of low priority comes before a fresh one of the highest: nothing starves', async () => {
		const old = await submitted({priority: 0});
		const key = `${namespace}:tasks:priority:developer`;
		await server.connection.call('ZINCRBY', key, -101 * 60_000, old);
		await submitted({priority: 100});
		expect((await takes(team, 'agent:dev:001')).task.id).toBe(old);
	});

	test('gives work that needs capabilities only to those who have them all, and them the best of all sets they cover', async () => {
		const both = await submitted({needs: ['go', 'backend'], priority: 40});
		const plain = await submitted({priority: 30});
		expect((await takes(team, 'agent:dev:001')).task.id).toBe(plain);
		await joins(team, 'agent:dev:002', 'developer', ['go']);
		expect(await claims(team, 'agent:dev:002')).toEqual({code: 'none'});
		await joins(team, 'agent:dev:003', 'developer', ['rust', 'go', 'backend']);
		await submitted({priority: 20});
		expect((await takes(team, 'agent:dev:003')).task.id).toBe(both);
	});

	test('what a person gave to an agent waits for that agent, and comes first', async () => {
		await joins(team, 'agent:dev:002');
		const mine = await submitted({assigned: 'agent:dev:002', priority: 0});
		const other = await submitted({priority: 100});
		expect((await takes(team, 'agent:dev:001')).task.id).toBe(other);
		await submitted({priority: 100});
		expect((await takes(team, 'agent:dev:002')).task.id).toBe(mine);
	});

	test('a task that an outsider has locked with a plain SET NX EX is left alone until the lock ends', async () => {
		const id = await submitted();
		await server.connection.call('SET', `${namespace}:locks:task:${id}`, 'agent:dev:777', 'NX', 'EX', 100);
		expect(await claims(team, 'agent:dev:001')).toEqual({code: 'none'});
		expect(await team.unlock({name: `task:${id}`, token: ''})).toBe('ok');
		expect((await takes(team, 'agent:dev:001')).task.id).toBe(id);
		expect(await team.unlock({name: `task:${id}`, token: ''})).toBe('stale');
	});

	test('fifty claimants of ten tasks get each once', async () => {
		for (let index = 0; index < 10; index++) await submitted();
		const agents = Array.from({length: 50}, (_, index) => `agent:dev:${index + 100}`);
		await Promise.all(agents.map(agent => joins(team, agent)));
		const given = (await Promise.all(agents.map(agent => claims(team, agent)))).flatMap(reply => (reply.code === 'ok' ? [reply] : []));
		expect(new Set(given.map(({task}) => task.id)).size).toBe(10);
		expect(new Set(given.map(({token}) => token)).size).toBe(10);
		expect(given.length).toBe(10);
	});
});

describe('dependencies', () => {
	test('a task waits until all that it comes after is merged', async () => {
		const [a, b] = [await submitted({stage: 'merge'}), await submitted({stage: 'merge'})];
		const last = await submitted({after: [a, b]});
		expect(await stateOf(last)).toBe('blocked');
		for (const [index, id] of [a, b].entries()) {
			const claimed = await takes(team, 'agent:dev:001');
			expect(claimed.task.id).toBe(id);
			expect(await team.complete(completion(claimed, {next: 'merged', nextRole: 'developer'}))).toEqual({code: 'ok'});
			expect((await team.snapshot()).team.tasks.get(last)).toMatchObject({waits: 1 - index, state: index === 0 ? 'blocked' : 'ready'});
		}
		expect(await stateOf(await submitted({after: [a]}))).toBe('ready');
	});

	test('more dependents than one step frees are freed by the sweeps that follow', async () => {
		const first = await submitted({stage: 'merge'});
		await Promise.all(Array.from({length: 250}, () => team.submit(submission({after: [first]}))));
		await team.complete(completion(await takes(team, 'agent:dev:001'), {next: 'merged', nextRole: 'developer'}));
		const ready = async () => Number(await server.connection.call('ZCARD', `${namespace}:tasks:priority:developer`));
		expect(await ready()).toBe(100);
		await eventually(async () => {
			await team.sweep();
			return (await ready()) === 250;
		}, 'all dependents are ready');
	});

	test('a cancelled dependency keeps what comes after it blocked', async () => {
		const first = await submitted();
		const then = await submitted({after: [first]});
		expect(await team.cancel(first, 'not needed')).toBe('ok');
		expect(await stateOf(then)).toBe('blocked');
		expect(await team.cancel(then, 'nor this')).toBe('ok');
	});
});
