import {describe, expect, test} from 'vitest';
import {submission, takes} from '../../helpers/coordination.ts';
import {besideATeam} from '../../helpers/external-worker.ts';

const externalWorker = besideATeam();
const types = (command: string, key: string, ...args: (string | number)[]) => externalWorker().types(command, key, ...args);
const sweeps = () => externalWorker().sweeps();
const taskOf = (id: string) => externalWorker().taskOf(id);
const agentOf = (id: string) => externalWorker().agentOf(id);
const ids = () => externalWorker().ids();
const told = () => externalWorker().told();

describe('the intake', () => {
	test('a pushed entry becomes a task and stays where it is until one of our claims takes both', async () => {
		await types('LPUSH', 'tasks:pending', 'task:implement:user-auth');
		await sweeps();
		await sweeps();
		expect(await ids()).toEqual(['user-auth']);
		expect(await taskOf('user-auth')).toMatchObject({state: 'ready', title: 'implement user-auth', priority: 50, role: 'developer'});
		expect(await types('LRANGE', 'tasks:pending', 0, -1)).toEqual(['task:implement:user-auth']);
		await takes(externalWorker().team, 'agent:dev:001');
		expect(await types('LLEN', 'tasks:pending')).toBe(0);
		await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({state: 'leased', owner: 'agent:dev:001'});
		expect(await externalWorker().connection.call('KEYS', `${externalWorker().namespace}:tasks:intake*`)).toEqual([]);
	});

	test('an entry with a score goes first, by its score', async () => {
		await types('LPUSH', 'tasks:pending', 'task:implement:user-auth');
		await types('ZADD', 'tasks:priority', 100, 'task:critical:security-fix', 'inf', 'task:very:urgent', -5, 'task:some:day');
		await sweeps();
		expect(await taskOf('security-fix')).toMatchObject({priority: 100, title: 'critical security-fix'});
		expect([(await taskOf('urgent'))?.priority, (await taskOf('day'))?.priority]).toEqual([100, 0]);
		expect((await takes(externalWorker().team, 'agent:dev:001')).task.id).toMatch(/urgent|security-fix/);
		expect((await takes(externalWorker().team, 'agent:dev:002')).task.id).toMatch(/urgent|security-fix/);
		expect(await types('ZRANGE', 'tasks:priority', 0, -1)).toEqual(['task:some:day']);
	});

	test('a score that changes, and the same words with a score, put the task where they say', async () => {
		await types('LPUSH', 'tasks:pending', 'task:do:first', 'task:do:second');
		await types('ZADD', 'tasks:priority', 10, 'task:do:third');
		await sweeps();
		await types('ZADD', 'tasks:priority', 90, 'task:do:third');
		await types('ZADD', 'tasks:priority', 80, 'task:do:second');
		await sweeps();
		expect([(await taskOf('third'))?.priority, (await taskOf('second'))?.priority]).toEqual([90, 80]);
		expect(await ids()).toHaveLength(3);
		expect((await takes(externalWorker().team, 'agent:dev:001')).task.id).toBe('third');
		expect((await takes(externalWorker().team, 'agent:dev:002')).task.id).toBe('second');
		expect(await types('ZRANGE', 'tasks:priority', 0, -1)).toEqual([]);
		expect(await types('LRANGE', 'tasks:pending', 0, -1)).toEqual(['task:do:first']);
	});

	test('JSON gives every field; one that waits for others is no longer for outsiders', async () => {
		await externalWorker().team.submit(submission({id: 'first'}));
		const given = {id: 'second', title: 'Second', description: 'how', priority: 70, needs: ['go'], after: ['first'], list: []};
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

	test('JSON may wait for a feature', async () => {
		await externalWorker().team.submit(submission({id: 'first', feature: 'login'}));
		await types('LPUSH', 'tasks:pending', JSON.stringify({id: 'docs', title: 'Docs', after: ['login']}));
		await sweeps();
		expect(await taskOf('docs')).toMatchObject({state: 'blocked', waits: 1});
	});

	test('the same entry again is the same task; after its end it is a new one', async () => {
		await types('LPUSH', 'tasks:pending', 'task:implement:user-auth', 'task:implement:user-auth');
		await sweeps();
		const claimed = await takes(externalWorker().team, 'agent:dev:001');
		await types('LPUSH', 'tasks:pending', 'task:implement:user-auth');
		await sweeps();
		expect(await ids()).toEqual(['user-auth']);
		expect(await types('LLEN', 'tasks:pending')).toBe(0);
		await externalWorker().team.cancel(claimed.task.id, 'enough');
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
		await externalWorker().connection.call(
			'EVAL',
			"redis.call('LPUSH', KEYS[1], '\\255\\254')",
			1,
			`${externalWorker().namespace}:tasks:pending`,
		);
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

	test('hundreds of entries are all read, the oldest first, a hundred a sweep and no sweep in vain', async () => {
		await types('LPUSH', 'tasks:pending', ...Array.from({length: 500}, (_, index) => `task:do:n${index}`));
		await types('ZADD', 'tasks:priority', ...Array.from({length: 300}, (_, index) => [1, `task:do:z${index}`]).flat());
		let rounds = 1;
		while ((await sweeps()).isMore) rounds++;
		expect(rounds).toBeLessThanOrEqual(12);
		expect(await types('ZCARD', 'tasks:live')).toBe(800);
		expect((await sweeps()).entries).toEqual([]);
		expect((await takes(externalWorker().team, 'agent:dev:001')).task.id).toBe('n0');
		expect((await takes(externalWorker().team, 'agent:dev:002')).task.id).toBe('n1');
	});
});
