import {beforeEach, describe, expect, test} from 'vitest';
import {STAGES} from '../../../source/core/task/task.ts';
import type {Claimed, Coordination, NotClaimed} from '../../../source/core/team/coordination.ts';
import {completion, coordinationOn, joins, nextNonce, submission, takes} from '../../helpers/coordination.ts';
import {eventually} from '../../helpers/redis.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;
let namespace = '';

const [DEV_1, DEV_2, DEV_3, DEV_4] = ['agent:dev:001', 'agent:dev:002', 'agent:dev:003', 'agent:dev:004'] as const;
const REVIEWER = 'agent:rev:001';

beforeEach(() => {
	namespace = server.newNamespace();
	team = coordinationOn(server.connection, namespace);
});

const beats = (room = 'r1', ...agents: readonly string[]) => team.heartbeat({room, leaseMs: 60_000, ttlMs: 60_000, agents, held: []});
const waits = (agent: string, room = 'r1') =>
	team.claim({agent, room, leaseMs: 60_000, nonce: nextNonce(), stages: STAGES, waits: true}).then(({code}) => code);
const ownerOf = async (id: string): Promise<string> => (await team.task(id))?.owner ?? '';
const granted = (answer: Claimed | NotClaimed): Claimed => {
	if (answer.code !== 'ok') throw new Error(`nothing was given: ${answer.code}`);
	return answer;
};
const held = async (id: string): Promise<Claimed> => {
	const task = await team.task(id);
	if (!task) throw new Error(`there is no ${id}`);
	return {code: 'ok', task, token: task.token, leaseUntil: task.leaseUntil};
};

describe('a task that becomes ready', () => {
	test('is given in the same step to whoever waits longest and can do it; that is in the record and in the answer to a beat', async () => {
		await joins(team, DEV_1);
		await joins(team, DEV_2, 'developer', ['go']);
		await joins(team, DEV_3, 'developer', ['go']);
		await beats();
		for (const agent of [DEV_1, DEV_2, DEV_3]) expect(await waits(agent)).toBe('none');
		await team.submit(submission({id: 'a', needs: ['go']}));
		await team.submit(submission({id: 'b'}));
		expect([await ownerOf('a'), await ownerOf('b')]).toEqual([DEV_2, DEV_1]);
		const events = await team.events('0-0', 100);
		expect(events.filter(({type}) => type === 'task_claimed').map(({task, agent}) => [task, agent])).toEqual([
			['a', DEV_2],
			['b', DEV_1],
		]);
		const {leases, waiting} = await beats('r1', DEV_1, DEV_2, DEV_3);
		expect(leases.map(({task}) => task).toSorted()).toEqual(['a', 'b']);
		expect(waiting).toEqual([DEV_3]);
	});

	test('is given whatever the role is called', async () => {
		await joins(team, DEV_1, 'calls');
		await beats();
		expect(await waits(DEV_1)).toBe('none');
		await team.submit(submission({id: 'a', role: 'calls'}));
		expect(await ownerOf('a')).toBe(DEV_1);
	});

	test('is not given to an agent that is paused, rests or was withdrawn, nor to one of a room that is silent', async () => {
		for (const agent of [DEV_1, DEV_2]) await joins(team, agent);
		await joins(team, DEV_3, 'developer', [], 'r2');
		await beats();
		for (const agent of [DEV_1, DEV_2]) await waits(agent);
		await waits(DEV_3, 'r2');
		await team.updateAgent(DEV_1, {status: 'paused', paused: '1'}, '');
		expect(await team.closeAgents([DEV_2])).toEqual([]);
		await joins(team, DEV_4);
		await waits(DEV_4);
		await team.updateAgent(DEV_4, {status: 'crashed'}, 'rests');
		await team.submit(submission({id: 'a'}));
		expect(await ownerOf('a')).toBe('');
		await team.updateAgent(DEV_1, {status: 'idle', paused: '0'}, '');
		expect(await waits(DEV_1)).toBe('ok');
	});

	test('is kept while all are held back, and given in the step that lets them go on', async () => {
		await joins(team, DEV_1);
		await beats();
		await team.control({frozen: true}, '');
		expect(await waits(DEV_1)).toBe('frozen');
		await team.submit(submission({id: 'a'}));
		expect(await ownerOf('a')).toBe('');
		await team.control({frozen: false}, '');
		expect(await ownerOf('a')).toBe(DEV_1);
	});

	test('by its delay, its dependency, a failure, a requeue or a person’s release goes the same way', async () => {
		for (const agent of [DEV_1, DEV_2]) await joins(team, agent);
		await beats();
		await waits(DEV_1);
		await team.submit(submission({id: 'a', attempts: 1}));
		await team.submit(submission({id: 'b', after: ['a']}));
		await waits(DEV_2);
		await team.release({task: 'a', token: '', reason: 'asked', to: '', fields: {}});
		expect(await ownerOf('a')).toBe(DEV_2);
		expect(await waits(DEV_1)).toBe('none');
		const {token} = await held('a');
		expect(await team.fail({task: 'a', agent: DEV_2, token, reason: 'no', feedback: '', delayMs: 0, fields: {}})).toBe('failed');
		await team.retry('a');
		expect(await ownerOf('a')).toBe(DEV_1);
		expect(await waits(DEV_2)).toBe('none');
		await team.complete(completion(await held('a'), {next: 'test', nextRole: 'test-orchestrator'}));
		await joins(team, 'agent:test:001', 'test-orchestrator');
		expect((await takes(team, 'agent:test:001', {wanted: 'a'})).task.id).toBe('a');
		await joins(team, 'agent:merge:001', 'repository-guardian');
		await team.complete(completion(await held('a'), {next: 'merge', nextRole: 'repository-guardian'}));
		await takes(team, 'agent:merge:001', {wanted: 'a'});
		await team.complete(completion(await held('a'), {next: 'merged', nextRole: ''}));
		expect(await ownerOf('b')).toBe(DEV_2);
	});

	test('after a failure, a lost lease or a delay goes to whoever waits meanwhile', async () => {
		for (const agent of [DEV_1, DEV_2]) await joins(team, agent);
		await beats();
		await waits(DEV_1);
		await team.submit(submission({id: 'a', attempts: 9}));
		const back = {task: 'a', reason: 'no', feedback: '', fields: {}};
		expect(await waits(DEV_2)).toBe('none');
		await team.fail({...back, agent: DEV_1, token: (await held('a')).token, delayMs: 0});
		expect(await ownerOf('a')).toBe(DEV_2);
		expect(await waits(DEV_1)).toBe('none');
		await team.reclaim({...back, token: (await held('a')).token, isProven: true, counts: false, delayMs: 0});
		expect(await ownerOf('a')).toBe(DEV_1);
		expect(await waits(DEV_2)).toBe('none');
		await team.fail({...back, agent: DEV_1, token: (await held('a')).token, delayMs: 1});
		await eventually(async () => {
			await team.sweep();
			return (await ownerOf('a')) === DEV_2;
		}, 'the end of the delay');
		const ready = (await team.events('0-0', 100)).filter(({type}) => type === 'task_ready' || type === 'task_claimed');
		// In one step: nothing came between.
		expect(ready.slice(-2).map(({type}) => type)).toEqual(['task_ready', 'task_claimed']);
	});

	test('because another takes the place of what it waited for goes the same way', async () => {
		await joins(team, DEV_1);
		await joins(team, 'agent:merge:001', 'repository-guardian');
		await beats();
		await team.submitAll([submission({id: 'done'}), submission({id: 'old', role: 'somebody'}), submission({id: 'x', after: ['old']})]);
		await waits(DEV_1);
		await team.complete(completion(await held('done'), {next: 'merge', nextRole: 'repository-guardian'}));
		await waits('agent:merge:001');
		await team.complete(completion(await held('done'), {next: 'merged', nextRole: ''}));
		expect(await waits(DEV_1)).toBe('none');
		await team.cancel('old', '', 'done');
		expect(await ownerOf('x')).toBe(DEV_1);
	});

	test('goes to nobody who did not ask for its stage, and where it is reserved to its agent alone', async () => {
		for (const agent of [DEV_1, DEV_2]) await joins(team, agent);
		await beats();
		await team.claim({agent: DEV_1, room: 'r1', leaseMs: 60_000, nonce: nextNonce(), stages: ['document'], waits: true});
		await team.submit(submission({id: 'a'}));
		expect(await ownerOf('a')).toBe('');
		expect(await waits(DEV_1)).toBe('ok');
		expect(await waits(DEV_2)).toBe('none');
		await team.submit(submission({id: 'b', assigned: DEV_1}));
		expect(await ownerOf('b')).toBe('');
		const nextCall = {leaseMs: 60_000, nonce: nextNonce(), stages: STAGES};
		await team.complete(completion(await held('a'), {next: 'review', nextRole: 'code-sentinel', nextCall}));
		expect(await ownerOf('b')).toBe(DEV_1);
	});

	test('for its author’s own attempt goes to the author, and a review never does', async () => {
		for (const agent of [DEV_1, DEV_2]) await joins(team, agent);
		await joins(team, REVIEWER, 'code-sentinel');
		await beats();
		await waits(DEV_2);
		await team.submit(submission({id: 'a'}));
		await waits(DEV_1);
		const nextCall = {leaseMs: 60_000, nonce: nextNonce(), stages: STAGES};
		await team.complete(completion(await held('a'), {next: 'review', nextRole: 'code-sentinel', nextCall}));
		expect(await waits(REVIEWER)).toBe('ok');
		await team.complete(completion(await held('a'), {next: 'develop', nextRole: 'developer', counts: 'rounds'}));
		expect(await ownerOf('a')).toBe(DEV_2);
		await team.release({task: 'a', token: '', reason: '', to: DEV_1, fields: {}});
		expect(await ownerOf('a')).toBe(DEV_1);
	});
});

describe('a lock that keeps a task from an agent that waits', () => {
	let token = '';
	beforeEach(async () => {
		for (const agent of [DEV_1, DEV_2]) await joins(team, agent);
		await beats();
		await team.submit(submission({id: 'a'}));
		({token} = await team.claim({agent: DEV_1, room: 'r1', leaseMs: 60_000, nonce: nextNonce(), stages: STAGES}).then(granted));
		expect(await team.lock({name: 'path:src/**', owner: DEV_1, token, ttlMs: 60_000})).toMatchObject({code: 'ok'});
		await team.submit(submission({id: 'b', paths: ['src/db/a.ts']}));
		expect(await waits(DEV_2)).toBe('none');
	});

	test('gives it free in the step that gives the lock back', async () => {
		await team.unlock({name: 'path:src/**', token});
		expect(await ownerOf('b')).toBe(DEV_2);
	});

	test('gives it free in the step that ends its attempt', async () => {
		await team.complete(completion(await held('a'), {next: 'review', nextRole: 'code-sentinel'}));
		expect(await ownerOf('b')).toBe(DEV_2);
	});

	test('and that somebody drops by hand gives it free with the next sweep, or to whoever asks before; that one waits no longer', async () => {
		await server.connection.call('DEL', `${namespace}:locks:path:src/**`);
		expect(await ownerOf('b')).toBe('');
		expect(await waits(DEV_2)).toBe('ok');
		expect((await beats('r1', DEV_1, DEV_2)).waiting).toEqual([]);
		await team.release({task: 'b', token: '', reason: '', to: '', fields: {}});
		expect(await waits(DEV_2)).toBe('ok');
	});
});

describe('a result', () => {
	test('leaves the lock of a task to an outsider that took it when ours had lapsed', async () => {
		await joins(team, DEV_1);
		await beats();
		await team.submit(submission({id: 'a'}));
		expect(await waits(DEV_1)).toBe('ok');
		const lock = `${namespace}:locks:task:a`;
		await server.connection.call('DEL', lock);
		await server.connection.call('SET', lock, 'agent:x', 'NX', 'EX', 300);
		await team.complete(completion(await held('a'), {next: 'review', nextRole: 'code-sentinel'}));
		expect(await server.connection.call('GET', lock)).toBe('agent:x');
	});

	test('brings the next task in the same step, once however often it is sent, or a place among those who wait', async () => {
		const resent = coordinationOn(server.connection, namespace, () => 'same');
		await joins(team, DEV_1);
		await beats();
		for (const id of ['a', 'b', 'c']) await team.submit(submission({id}));
		await team.claim({agent: DEV_1, room: 'r1', leaseMs: 60_000, nonce: nextNonce(), stages: STAGES});
		const nextCall = {leaseMs: 60_000, nonce: nextNonce(), stages: STAGES};
		const result = completion(await held('a'), {next: 'review', nextRole: 'code-sentinel', nextCall});
		const first = await resent.complete(result);
		expect(first).toMatchObject({code: 'ok', handed: {task: 'b'}});
		expect(await resent.complete(result)).toEqual(first);
		expect(await ownerOf('c')).toBe('');
		for (const id of ['b', 'c']) {
			const nonce = nextNonce();
			await team.complete(
				completion(await held(id), {next: 'review', nextRole: 'code-sentinel', nextCall: {leaseMs: 60_000, nonce, stages: STAGES}}),
			);
		}
		expect((await beats('r1', DEV_1)).waiting).toEqual([DEV_1]);
		await team.submit(submission({id: 'd'}));
		expect(await ownerOf('d')).toBe(DEV_1);
	});

	test('that is sent again hours later has still one effect', async () => {
		await joins(team, DEV_1);
		await team.submit(submission({id: 'a'}));
		const again = coordinationOn(server.connection, namespace, () => 'once');
		const call = {agent: DEV_1, room: 'r1', leaseMs: 60_000, nonce: 'n', stages: STAGES};
		const first = await again.claim(call);
		const [key = ''] = (await server.connection.call('KEYS', `${namespace}:ops:*`)) as string[];
		const left = Number(await server.connection.call('TTL', key));
		expect(left).toBeGreaterThan(24 * 3600);
		expect(await again.claim(call)).toEqual(first);
	});
});
