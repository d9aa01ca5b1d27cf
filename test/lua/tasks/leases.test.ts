import {beforeEach, describe, expect, test} from 'vitest';
import type {Claimed, Coordination, Failure} from '../../../source/core/team/coordination.ts';
import {claims, completion, coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {eventually} from '../../helpers/redis.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;

beforeEach(async () => {
	team = coordinationOn(server.connection, server.newNamespace());
	await joins(team, 'agent:dev:001');
	await joins(team, 'agent:dev:002');
});

const given = async (options: Parameters<typeof takes>[2] = {}, task: Parameters<typeof submission>[0] = {}): Promise<Claimed> => {
	await team.submit(submission(task));
	return takes(team, 'agent:dev:001', options);
};
const heldBy = (claimed: Claimed) => ({agent: claimed.task.owner, task: claimed.task.id, token: claimed.token});
const failure = (claimed: Claimed, more: Partial<Failure> = {}): Failure => ({
	...heldBy(claimed),
	reason: 'exit code 1',
	feedback: 'the log',
	delayMs: 0,
	fields: {},
	...more,
});
const reclaiming = (claimed: Claimed, more: Partial<Parameters<Coordination['reclaim']>[0]> = {}) =>
	team.reclaim({
		task: claimed.task.id,
		token: claimed.token,
		reason: 'no heartbeat',
		isProven: false,
		counts: true,
		delayMs: 0,
		fields: {},
		...more,
	});
const released = (claimed: Claimed, token: string, to = '') =>
	team.release({task: claimed.task.id, token, reason: 'asked', to, fields: {}});
const taskOf = async (id: string) => team.task(id);
const agentOf = async (id: string) => (await team.snapshot()).team.agents.get(id);

describe('fencing', () => {
	test('a late token that nobody superseded is accepted in every way', async () => {
		const claimed = await given({leaseMs: 1});
		await eventually(async () => (await team.sweep()).expired.length === 1, 'the lease runs out');
		expect(await team.progress(heldBy(claimed), {progress: '50%'}, 'half')).toBe('ok');
		expect(await team.renew(heldBy(claimed), 30_000)).toBe('ok');
		expect((await team.sweep()).expired).toEqual([]);
		expect(await team.complete(completion(claimed, {next: 'review', nextRole: 'code-sentinel'}))).toEqual({code: 'ok'});
	});

	test('a superseded token is stale in every way, and changes nothing', async () => {
		const old = await given();
		expect(await released(old, '')).toBe('ok');
		const current = await takes(team, 'agent:dev:002');
		const before = await taskOf(old.task.id);
		expect(await team.progress(heldBy(old), {progress: '99%'}, '')).toBe('stale');
		expect(await team.renew(heldBy(old), 30_000)).toBe('stale');
		expect(await team.complete(completion(old, {next: 'review', nextRole: 'code-sentinel'}))).toEqual({code: 'stale'});
		expect(await team.fail(failure(old))).toBe('stale');
		expect(await released(old, old.token)).toBe('stale');
		expect(await reclaiming(old, {isProven: true})).toBe('stale');
		expect(await taskOf(old.task.id)).toEqual(before);
		expect(before?.token).toBe(current.token);
	});

	test('a completion of another stage than the claimed one is stale', async () => {
		const claimed = await given();
		expect(await team.complete(completion(claimed, {stage: 'review', next: 'test', nextRole: 'x'}))).toEqual({code: 'stale'});
	});

	test('whatever is said about a finished or unknown task is gone', async () => {
		const claimed = await given({}, {stage: 'merge'});
		expect(await team.complete(completion(claimed, {next: 'merged', nextRole: 'x'}))).toEqual({code: 'ok'});
		expect(await team.renew(heldBy(claimed), 1000)).toBe('gone');
		expect(await team.progress(heldBy(claimed), {}, '')).toBe('gone');
		expect(await team.complete(completion(claimed, {next: 'merged', nextRole: 'x'}))).toEqual({code: 'gone'});
		expect(await team.fail(failure(claimed))).toBe('gone');
		expect(await released(claimed, '')).toBe('gone');
		expect(await reclaiming(claimed)).toBe('gone');
		expect([await team.cancel(claimed.task.id, ''), await team.retry(claimed.task.id), await team.setWaitReason('t-99', 'x')]).toEqual([
			'gone',
			'gone',
			'gone',
		]);
	});

	test('fields that say where a task is are written by no caller', async () => {
		const claimed = await given();
		for (const name of ['state', 'token', 'owner', 'stage'])
			await expect(team.progress(heldBy(claimed), {[name]: 'x'}, '')).rejects.toThrow(name);
	});

	test('a cancelled task supersedes its holder and sets it free', async () => {
		const claimed = await given();
		expect(await team.cancel(claimed.task.id, 'changed my mind')).toBe('ok');
		expect(await team.renew(heldBy(claimed), 1000)).toBe('gone');
		expect(await agentOf('agent:dev:001')).toMatchObject({status: 'idle', task: '', token: ''});
		expect(await taskOf(claimed.task.id)).toMatchObject({state: 'cancelled', owner: '', reason: 'changed my mind'});
	});
});

describe('tokens', () => {
	test('grow with every claim, and two differ even when the counter was rolled back', async () => {
		const first = await given();
		await released(first, '');
		const second = await takes(team, 'agent:dev:001');
		expect([first, second].map(({token}) => token.split(':')[0])).toEqual(['1', '2']);
		await server.connection.call('SET', `${server.namespace}:fencing`, '0');
		await released(second, '');
		const third = await takes(team, 'agent:dev:001');
		expect(third.token.split(':')[0]).toBe('1');
		expect(await team.renew(heldBy(first), 1000)).toBe('stale');
	});
});

describe('failing', () => {
	test('counts, begins afresh, and ends among the dead letters when attempts are used up', async () => {
		const first = await given({}, {attempts: 2});
		await team.progress(heldBy(first), {branch: 'agent/t-1-a1', worktree: '/w'}, '');
		expect(await team.fail(failure(first))).toBe('ok');
		expect(await taskOf(first.task.id)).toMatchObject({
			state: 'ready',
			stage: 'develop',
			failures: 1,
			fresh: true,
			reason: 'exit code 1',
			feedback: 'the log',
		});
		const second = await takes(team, 'agent:dev:002');
		expect(second.task).toMatchObject({attempt: 2, fresh: false, branch: '', worktree: ''});
		expect(await team.fail(failure(second))).toBe('failed');
		expect(await taskOf(first.task.id)).toMatchObject({state: 'failed', failures: 2, owner: '', token: ''});
		expect(await claims(team, 'agent:dev:001')).toEqual({code: 'none'});
		expect(await team.retry(first.task.id)).toBe('ok');
		expect((await takes(team, 'agent:dev:001')).task).toMatchObject({id: first.task.id, failures: 0, attempt: 3});
	});

	test('a delayed task cannot be claimed before its time, and a sweep brings it back', async () => {
		const claimed = await given();
		expect(await team.fail(failure(claimed, {delayMs: 120}))).toBe('ok');
		expect((await taskOf(claimed.task.id))?.state).toBe('delayed');
		expect(await claims(team, 'agent:dev:002')).toEqual({code: 'none'});
		await eventually(async () => {
			await team.sweep();
			return (await taskOf(claimed.task.id))?.state === 'ready';
		}, 'the delay is over');
		expect(await server.connection.call('ZCARD', `${server.namespace}:tasks:delayed`)).toBe(0);
		const back = await taskOf(claimed.task.id);
		expect((await team.events('0-0', 100)).at(-1)?.at).toBeGreaterThanOrEqual((back?.readyAt ?? 0) - 1);
		expect((await takes(team, 'agent:dev:002')).task.id).toBe(claimed.task.id);
	});

	test('a review that fails leaves the author’s branch and attempt alone', async () => {
		await joins(team, 'agent:rev:001', 'code-sentinel');
		const developed = await given();
		await team.progress(heldBy(developed), {branch: 'agent/t-1-a1'}, '');
		await team.complete(completion(developed, {next: 'review', nextRole: 'code-sentinel', fields: {commit: 'c1'}}));
		const review = await takes(team, 'agent:rev:001');
		await team.fail(failure(review));
		expect(await taskOf(review.task.id)).toMatchObject({
			state: 'ready',
			stage: 'review',
			fresh: false,
			branch: 'agent/t-1-a1',
			attempt: 1,
			failures: 1,
		});
	});
});

describe('releasing', () => {
	test('costs no attempt and keeps the place in the order', async () => {
		const claimed = await given();
		await team.submit(submission());
		expect(await released(claimed, claimed.token)).toBe('ok');
		expect(await taskOf(claimed.task.id)).toMatchObject({state: 'ready', failures: 0, fresh: true, owner: ''});
		expect((await takes(team, 'agent:dev:002')).task.id).toBe(claimed.task.id);
	});

	test('a person gives a task to one agent, whatever state it is in, and takes the choice back', async () => {
		const claimed = await given();
		expect(await released(claimed, '', 'agent:dev:002')).toBe('ok');
		expect(await claims(team, 'agent:dev:001')).toEqual({code: 'none'});
		expect(await released(claimed, '')).toBe('ok');
		const again = await takes(team, 'agent:dev:001');
		await team.fail(failure(again, {delayMs: 60_000}));
		expect(await released(claimed, '', 'agent:dev:002')).toBe('ok');
		expect(await taskOf(claimed.task.id)).toMatchObject({state: 'delayed', assigned: 'agent:dev:002'});
	});

	test('a choice is of the role it was made for: the review goes to the reviewers', async () => {
		await joins(team, 'agent:rev:001', 'code-sentinel');
		const developed = await given({}, {assigned: 'agent:dev:001'});
		await team.complete(completion(developed, {next: 'review', nextRole: 'code-sentinel'}));
		const review = await takes(team, 'agent:rev:001');
		await team.complete(completion(review, {next: 'develop', nextRole: 'developer', counts: 'rounds'}));
		expect(await claims(team, 'agent:dev:002')).toEqual({code: 'none'});
		expect((await takes(team, 'agent:dev:001')).task).toMatchObject({rounds: 1, attempt: 1, assigned: 'agent:dev:001'});
	});
});

describe('reclaiming', () => {
	test('waits for the deadline unless the death is proven', async () => {
		const claimed = await given();
		expect(await reclaiming(claimed)).toBe('early');
		expect(await reclaiming(claimed, {isProven: true})).toBe('ok');
		expect(await taskOf(claimed.task.id)).toMatchObject({state: 'ready', failures: 1, fresh: true, reason: 'no heartbeat'});
	});

	test('a fault of the room costs nothing; faults of the task end in the dead letters', async () => {
		const claimed = await given({leaseMs: 1}, {attempts: 1});
		await eventually(async () => (await team.sweep()).expired.length === 1, 'the lease runs out');
		expect(await reclaiming(claimed, {counts: false})).toBe('ok');
		expect(await taskOf(claimed.task.id)).toMatchObject({failures: 0, state: 'ready'});
		expect(await reclaiming(await takes(team, 'agent:dev:001'), {isProven: true, delayMs: 5})).toBe('failed');
	});

	test('an agent that died stays dead when its task is taken away', async () => {
		const claimed = await given();
		await team.updateAgent('agent:dev:001', {status: 'crashed', reason: 'SIGKILL'}, '');
		expect(await reclaiming(claimed, {isProven: true})).toBe('ok');
		expect(await agentOf('agent:dev:001')).toMatchObject({status: 'crashed', reason: 'SIGKILL', task: '', token: ''});
	});
});

describe('beating', () => {
	test('renews every lease, moves every heartbeat, names the superseded and lists what the room holds', async () => {
		const mine = await given({leaseMs: 1});
		await team.submit(submission());
		const lost = await takes(team, 'agent:dev:002');
		await released(lost, '');
		await eventually(async () => (await team.sweep()).expired.length === 1, 'the lease runs out');
		const beat = () =>
			team.heartbeat({
				room: 'r1',
				leaseMs: 30_000,
				ttlMs: 30_000,
				agents: ['agent:dev:001', 'agent:dev:002'],
				held: [heldBy(mine), heldBy(lost)],
			});
		const first = await beat();
		expect(first).toMatchObject({stale: [lost.token], leases: [heldBy(mine)]});
		expect((await team.sweep()).expired).toEqual([]);
		const before = (await team.snapshot()).beats;
		await beat();
		const after = (await team.snapshot()).beats;
		for (const agent of ['agent:dev:001', 'agent:dev:002']) expect(after.get(agent)).toBeGreaterThan(before.get(agent) ?? 0);
		expect((await agentOf('agent:dev:001'))?.beatAt).toBeGreaterThanOrEqual(first.now);
	});

	test('beside the token of a result just written, the next attempt at the same task is not superseded', async () => {
		const before = await given({leaseMs: 30_000});
		await released(before, '');
		const now = await takes(team, 'agent:dev:002');
		expect(now.task.id).toBe(before.task.id);
		const held = [heldBy(before), heldBy(now)];
		const {stale} = await team.heartbeat({room: 'r1', leaseMs: 30_000, ttlMs: 30_000, agents: ['agent:dev:001', 'agent:dev:002'], held});
		expect(stale).toEqual([before.token]);
	});

	test('a heartbeat grows also after its key was gone and when the clock was set back', async () => {
		const beat = () => team.heartbeat({room: 'r1', leaseMs: 1000, ttlMs: 1000, agents: ['agent:dev:001'], held: []});
		await beat();
		await server.connection.call('SET', `${server.namespace}:beats`, '9000000000000');
		await server.connection.call('DEL', `${server.namespace}:heartbeat:agent:dev:001`);
		await beat();
		expect((await team.snapshot()).beats.get('agent:dev:001')).toBe(9_000_000_000_001);
	});

	test('an expired lease is named with the heartbeats of its agent and room', async () => {
		const claimed = await given({leaseMs: 1});
		await team.heartbeat({room: 'r1', leaseMs: 1000, ttlMs: 30_000, agents: ['agent:dev:001'], held: []});
		await eventually(async () => (await team.sweep()).expired.length === 1, 'the lease runs out');
		const [expired] = (await team.sweep()).expired;
		const beat = expired?.agentBeat;
		expect(expired).toMatchObject({...heldBy(claimed), room: 'r1', leaseUntil: claimed.leaseUntil, roomBeat: beat});
		expect(beat).toBeGreaterThan(0);
	});
});
