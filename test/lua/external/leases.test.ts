import {describe, expect, test} from 'vitest';
import {claims, joins, submission, takes} from '../../helpers/coordination.ts';
import {besideATeam} from '../../helpers/external-worker.ts';
import {eventually} from '../../helpers/redis.ts';

const externalWorker = besideATeam();
const types = (command: string, key: string, ...args: (string | number)[]) => externalWorker().types(command, key, ...args);
const sweeps = (takers?: readonly string[]) => externalWorker().sweeps(takers);
const taskOf = (id: string) => externalWorker().taskOf(id);
const agentOf = (id: string) => externalWorker().agentOf(id);

describe('what an outsider takes', () => {
	const pushed = async () => {
		await types('LPUSH', 'tasks:pending', 'task:implement:user-auth');
		await sweeps();
	};

	test('with BRPOP and a lock is leased to it', async () => {
		await pushed();
		expect(await types('BRPOP', 'tasks:pending', 1)).toEqual([`${externalWorker().namespace}:tasks:pending`, 'task:implement:user-auth']);
		await types('SET', 'locks:task:user-auth', 'agent:dev:009', 'NX', 'EX', 3600);
		const swept = await sweeps();
		const task = await taskOf('user-auth');
		expect(task).toMatchObject({state: 'leased', owner: 'agent:dev:009', attempt: 1});
		expect(swept.externalLeases).toMatchObject([{task: 'user-auth', agent: 'agent:dev:009', token: task?.token, word: '', branch: ''}]);
		expect(await agentOf('agent:dev:009')).toMatchObject({room: '', task: 'user-auth', status: 'working'});
		expect((await claims(externalWorker().team, 'agent:dev:001')).code).toBe('none');
	});

	test('without a lock yet is held back, goes to whoever locks it, and to us when nobody does', async () => {
		await pushed();
		await types('ZADD', 'tasks:priority', 60, 'task:do:other');
		await sweeps();
		await types('RPOP', 'tasks:pending');
		await types('ZPOPMAX', 'tasks:priority');
		await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({state: 'delayed', waitReason: expect.stringContaining('taken')});
		expect((await claims(externalWorker().team, 'agent:dev:001')).code).toBe('none');
		await types('SET', 'locks:task:user-auth', 'agent:dev:009', 'NX', 'EX', 3600);
		await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({state: 'leased', owner: 'agent:dev:009', waitReason: ''});
		await types('ZADD', 'tasks:delayed', 1, 'other');
		await sweeps();
		expect(await taskOf('other')).toMatchObject({state: 'ready', waitReason: ''});
		expect((await takes(externalWorker().team, 'agent:dev:001')).task.id).toBe('other');
	});

	test('with BLMOVE is leased to that agent without a lock, and leaves its list in the step that ends the lease', async () => {
		const {namespace, team} = externalWorker();
		const moves = (agent: string) => types('LMOVE', 'tasks:pending', `${namespace}:tasks:taken:${agent}`, 'RIGHT', 'LEFT');
		await pushed();
		await moves('agent:dev:009');
		await sweeps(['agent:dev:009']);
		const first = await taskOf('user-auth');
		expect(first).toMatchObject({state: 'leased', owner: 'agent:dev:009'});
		await sweeps();
		expect(await taskOf('user-auth')).toEqual(first);
		expect(await types('LRANGE', 'tasks:taken:agent:dev:009', 0, -1)).toEqual(['task:implement:user-auth']);
		// Gone: it comes back once, and nothing is left of it.
		await team.reclaim({
			task: 'user-auth',
			token: first?.token ?? '',
			reason: 'silent',
			isProven: true,
			counts: true,
			delayMs: 0,
			fields: {},
		});
		expect(await types('EXISTS', 'tasks:taken:agent:dev:009')).toBe(0);
		await sweeps();
		expect(await externalWorker().ids()).toEqual(['user-auth']);
		expect((await takes(team, 'agent:dev:001')).task.id).toBe('user-auth');
		// In the moment of the push, by an agent that only its registry entry names; the same entry by another is the same task.
		await types('HSET', 'agents:registry', 'agent:dev:010', '{}');
		await types('LPUSH', 'tasks:pending', 'task:implement:other', 'task:implement:other', 'task:::', 'task:implement:user-auth');
		for (const agent of ['agent:dev:010', 'agent:dev:011', 'agent:dev:010', 'agent:dev:011']) await moves(agent);
		for (let sweep = 0; sweep < 4; sweep++) await sweeps(['agent:dev:011', '../x', 'agent:dev:012']);
		expect((await externalWorker().ids()).toSorted()).toEqual(['other', 'user-auth']);
		expect(await taskOf('other')).toMatchObject({state: 'leased', owner: expect.stringMatching(/^agent:dev:01[01]$/)});
		expect(await types('LLEN', 'tasks:refused')).toBe(1);
		const lists = ['agent:dev:010', 'agent:dev:011'].map(async agent => Number(await types('LLEN', `tasks:taken:${agent}`)));
		expect((await Promise.all(lists)).reduce((sum, length) => sum + length)).toBe(1);
	});

	test('is leased to the living agent that names it in the registry, and an entry that nobody saw becomes a task by that word', async () => {
		await pushed();
		await types('RPOP', 'tasks:pending');
		await types('HSET', 'agents:registry', 'agent:dev:009', '{"status":"working","task":"user-auth"}');
		await types('SETEX', 'heartbeat:agent:dev:009', 30, 'alive');
		const handed = {status: 'working', task: 'task:implement:handed'};
		for (const agent of ['agent:dev:010', 'agent:dev:011']) await types('HSET', 'agents:registry', agent, JSON.stringify(handed));
		await types('SETEX', 'heartbeat:agent:dev:010', 30, 'alive');
		for (let sweep = 0; sweep < 4; sweep++) await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({state: 'leased', owner: 'agent:dev:009'});
		expect(await taskOf('handed')).toMatchObject({state: 'leased', owner: expect.stringMatching(/^agent:dev:01[01]$/)});
		// A word that stays behind when the task is over makes no new one, nor does one without a sign of life.
		await externalWorker().team.cancel('handed', 'enough');
		await types('HSET', 'agents:registry', 'agent:dev:010', JSON.stringify({...handed, again: true}));
		await types('HSET', 'agents:registry', 'agent:dev:012', '{"task":"task:do:silent"}');
		for (let sweep = 0; sweep < 3; sweep++) await sweeps();
		expect((await externalWorker().ids()).toSorted()).toEqual(['handed', 'user-auth']);
	});

	test('before it was accepted becomes a task all the same', async () => {
		await types('LPUSH', 'tasks:pending', 'task:implement:user-auth');
		await externalWorker().team.sweep();
		await types('RPOP', 'tasks:pending');
		await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({state: 'delayed'});
		await types('SET', 'locks:task:user-auth', 'agent:dev:009', 'NX', 'EX', 3600);
		await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({state: 'leased', owner: 'agent:dev:009'});
	});

	test.each(['was seen, and made by its first word,', 'is still there, and locked without being taken,'])(
		'whose entry %s is one task',
		async how => {
			await types('LPUSH', 'tasks:pending', 'task:implement:user-auth');
			if (how.startsWith('was')) {
				await externalWorker().team.sweep();
				await types('RPOP', 'tasks:pending');
			}
			await types('SET', 'locks:task:user-auth', 'agent:dev:009', 'NX', 'EX', 3600);
			expect(await externalWorker().team.reportExternal('user-auth', '', 3)).toBe('ok');
			await sweeps();
			await sweeps();
			expect(await externalWorker().ids()).toEqual(['user-auth']);
			expect(await taskOf('user-auth')).toMatchObject({state: 'leased', owner: 'agent:dev:009'});
			expect(await types('LLEN', 'tasks:pending')).toBe(0);
		},
	);

	test('before anybody saw it becomes a task at its first word, if it holds the lock', async () => {
		expect(await externalWorker().team.reportExternal('user-auth', 'ready-for-review', 3)).toBe('ignored');
		await types('SET', 'locks:task:user-auth', 'agent:dev:009', 'NX', 'EX', 3600);
		await types('HSET', 'tasks:status:user-auth', 'progress', '50%');
		expect(await externalWorker().team.reportExternal('user-auth', 'ready-for-review', 3)).toBe('ok');
		expect((await sweeps()).externalLeases).toMatchObject([{task: 'user-auth', word: 'ready-for-review'}]);
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
		expect(await externalWorker().team.complete({...handedIn, ...rest})).toEqual({code: 'ok'});
		expect(await types('EXISTS', 'locks:task:user-auth')).toBe(0);
		expect(await agentOf('agent:dev:009')).toMatchObject({task: '', status: 'idle'});
		await joins(externalWorker().team, 'agent:rev:001', 'code-sentinel');
		expect((await takes(externalWorker().team, 'agent:rev:001')).task).toMatchObject({
			id: 'user-auth',
			author: 'agent:dev:009',
			commit: 'c0',
		});
		expect((await sweeps()).externalLeases).toEqual([]);
	});

	test('under the name of one of our agents stays apart from it', async () => {
		await pushed();
		await types('RPOP', 'tasks:pending');
		await types('SET', 'locks:task:user-auth', 'agent:dev:002', 'NX', 'EX', 3600);
		await sweeps();
		expect(await taskOf('user-auth')).toMatchObject({owner: 'external:agent:dev:002'});
		expect(await agentOf('agent:dev:002')).toMatchObject({task: '', room: 'r1', status: 'idle'});
	});

	test('an outsider’s word never touches what our own agents do', async () => {
		await pushed();
		const claimed = await takes(externalWorker().team, 'agent:dev:001');
		await types('HSET', 'tasks:status:user-auth', 'status', 'ready-for-review');
		expect(await externalWorker().team.reportExternal('user-auth', 'ready-for-review', 3)).toBe('ignored');
		expect((await sweeps()).externalLeases).toEqual([]);
		expect(await taskOf('user-auth')).toMatchObject({state: 'leased', token: claimed.token});
	});

	test('by its lock alone is its own, where nobody of ours has it', async () => {
		await pushed();
		await externalWorker().team.submit(submission({id: 'ours'}));
		await types('SET', 'locks:task:user-auth', 'agent:dev:009', 'NX', 'EX', 3600);
		await types('SET', 'locks:task:ours', 'agent:dev:008', 'NX', 'EX', 3600);
		expect([
			await externalWorker().team.reportExternal('user-auth', '', 3),
			await externalWorker().team.reportExternal('ours', '', 3),
		]).toEqual(['ok', 'ok']);
		expect(await taskOf('user-auth')).toMatchObject({state: 'leased', owner: 'agent:dev:009'});
		expect(await taskOf('ours')).toMatchObject({state: 'leased', owner: 'agent:dev:008'});
		expect(await types('LLEN', 'tasks:pending')).toBe(0);
		expect((await sweeps()).externalLeases.map(({word}) => word)).toEqual(['', '']);
	});

	test('an outsider that locks what one of ours lets lapse takes nothing from it', async () => {
		await pushed();
		const claimed = await takes(externalWorker().team, 'agent:dev:001', {leaseMs: 1});
		await eventually(async () => (await types('EXISTS', 'locks:task:user-auth')) === 0, 'its lock ends');
		await types('SET', 'locks:task:user-auth', 'agent:dev:009', 'NX', 'EX', 3600);
		expect(await externalWorker().team.reportExternal('user-auth', 'ready-for-review', 3)).toBe('ignored');
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
