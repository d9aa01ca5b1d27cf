import {describe, expect, test} from 'vitest';
import {createCoordination} from '../../../source/redis/coordination.ts';
import {completion, nextOpId, submission, takes} from '../../helpers/coordination.ts';
import {besideATeam} from '../../helpers/external-worker.ts';

const externalWorker = besideATeam();
const types = (command: string, key: string, ...args: (string | number)[]) => externalWorker().types(command, key, ...args);
const taskOf = (id: string) => externalWorker().taskOf(id);

describe('a key that somebody made something else of', () => {
	test('where a review is shown stops neither the hand-over nor the review', async () => {
		const {team} = externalWorker();
		await team.register({id: 'agent:rev:001', role: 'code-sentinel', capabilities: [], room: 'r1', harness: 'scripted', host: ''});
		await types('SET', 'reviews:a', 'approved');
		await team.submit(submission({id: 'a'}));
		const developed = await takes(team, 'agent:dev:001');
		expect(await team.complete(completion(developed, {next: 'review', nextRole: 'code-sentinel'}))).toEqual({code: 'ok'});
		const review = await takes(team, 'agent:rev:001');
		expect(await team.complete(completion(review, {next: 'test', nextRole: 'test-orchestrator'}))).toEqual({code: 'ok'});
		expect(await taskOf('a')).toMatchObject({stage: 'test', state: 'ready', reviewer: 'agent:rev:001'});
	});

	test('where agents are listed, or a task is locked, changes nothing of a lease', async () => {
		const {team} = externalWorker();
		await types('DEL', 'agents:registry');
		await types('SADD', 'agents:registry', 'agent:001');
		await team.submit(submission({id: 'a'}));
		const {token} = await takes(team, 'agent:dev:001');
		await types('DEL', 'locks:task:a');
		await types('LPUSH', 'locks:task:a', 'agent:002');
		const held = {agent: 'agent:dev:001', task: 'a', token};
		const beaten = await team.heartbeat({room: 'r1', leaseMs: 5000, ttlMs: 5000, agents: ['agent:dev:001'], held: [held]});
		expect(beaten).toMatchObject({stale: [], leases: [held]});
		await types('DEL', 'locks:task:a');
		await types('LPUSH', 'locks:task:a', 'agent:002');
		expect(await team.release({task: 'a', token, reason: '', to: '', fields: {}})).toBe('ok');
		await externalWorker().sweeps();
		expect(await taskOf('a')).toMatchObject({state: 'ready', owner: ''});
	});

	test('where a task stands is no task: it holds up nothing else, and its name is taken', async () => {
		const {team} = externalWorker();
		await types('SET', 'tasks:status:a', 'done');
		await types('LPUSH', 'tasks:pending', 'task:implement:a');
		const [entry] = (await team.sweep()).entries;
		const {mark = ''} = entry ?? {};
		const admission = {
			mark,
			title: 'implement a',
			description: '',
			stage: 'develop',
			role: 'developer',
			priority: 50,
			needs: [],
			after: [],
		};
		const given = {...admission, feature: '', attempts: 3};
		expect(await team.acceptIntake({...given, id: 'a', isExact: true})).toEqual({code: 'exists', id: 'a'});
		expect(await team.acceptIntake({...given, id: 'a', isExact: false})).toEqual({code: 'ok', id: 'a-2'});
		expect(await team.submit(submission({id: 'a'}))).toMatchObject({code: 'exists', id: 'a'});
		await team.submit(submission({id: 'b', priority: 90}));
		await team.submit(submission({id: 'c', priority: 80}));
		const developed = await takes(team, 'agent:dev:001');
		await types('DEL', 'tasks:status:c', 'tasks:status:b');
		await types('SET', 'tasks:status:c', 'done');
		await types('SET', 'tasks:status:b', 'done');
		const held = {agent: 'agent:dev:001', task: 'b', token: developed.token};
		expect(await team.heartbeat({room: 'r1', leaseMs: 5000, ttlMs: 5000, agents: ['agent:dev:001'], held: [held]})).toMatchObject({
			stale: [developed.token],
		});
		expect(await team.reportExternal('c', 'done', 3)).toBe('ignored');
		await externalWorker().sweeps();
		expect((await takes(team, 'agent:dev:002')).task.id).toBe('a-2');
		expect((await team.list('', 100)).tasks.map(({id}) => id)).toEqual(['a-2']);
		expect([...(await team.read(['a', 'b', 'a-2'])).keys()]).toEqual(['a-2']);
		const {connection, namespace} = externalWorker();
		expect(await createCoordination({connection, namespace, newOpId: nextOpId, checkpointInterval: 1}).record.keep()).toBe('ok');
	});

	test('or that was deleted holds up no queue, however many there are', async () => {
		const {team} = externalWorker();
		const ids = Array.from({length: 40}, (_, index) => `x-${index}`);
		await team.submitAll([...ids.map(id => submission({id, priority: 90})), submission({id: 'last'})]);
		for (const id of ids) await types('DEL', `tasks:status:${id}`);
		expect(await team.claim({agent: 'agent:dev:001', room: 'r1', leaseMs: 1000, nonce: 'n', stages: ['develop']})).toMatchObject({
			code: 'none',
		});
		expect((await takes(team, 'agent:dev:002')).task.id).toBe('last');
		const {counts} = (await team.snapshot()).team;
		expect(counts).toMatchObject({ready: 0, leased: 1});
	});

	test('a number that is none loses no task', async () => {
		const {team} = externalWorker();
		await team.submit(submission({id: 'a', attempts: 1}));
		const {token} = await takes(team, 'agent:dev:001');
		await types('HSET', 'tasks:status:a', 'score', 'nan', 'attempts', 'x', 'failures', 'y', 'priority', 'z', 'waits', 'w');
		expect(await team.release({task: 'a', token, reason: '', to: '', fields: {}})).toBe('ok');
		expect((await takes(team, 'agent:dev:002')).task.id).toBe('a');
	});

	test('where the record is kept lets nothing begin that could not be recorded', async () => {
		const {team} = externalWorker();
		await team.submit(submission({id: 'a'}));
		await types('RENAME', 'events', `${externalWorker().namespace}:aside`);
		await types('SET', 'events', 'x');
		await expect(takes(team, 'agent:dev:001')).rejects.toThrow('WRONGTYPE');
		await expect(externalWorker().team.sweep()).rejects.toThrow('WRONGTYPE');
		await types('DEL', 'events');
		await types('RENAME', 'aside', `${externalWorker().namespace}:events`);
		expect(await taskOf('a')).toMatchObject({state: 'ready'});
		expect((await takes(team, 'agent:dev:001')).task.id).toBe('a');
	});
});
