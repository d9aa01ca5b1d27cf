import {beforeEach, describe, expect, test} from 'vitest';
import {STAGES} from '../../../source/core/task/task.ts';
import type {Claimed, Coordination} from '../../../source/core/team/coordination.ts';
import {claims, completion, coordinationOn, joins, nextNonce, submission, takes} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;
let namespace = '';

const AUTHOR = 'agent:dev:001';
const OTHER = 'agent:dev:002';

const taskOf = async (id = 't') => (await team.snapshot()).team.tasks.get(id);
const waits = (agent: string) => team.claim({agent, room: 'r1', leaseMs: 60_000, nonce: nextNonce(), stages: STAGES, waits: true});
const held = ({task, token}: Claimed) => ({agent: task.owner, task: task.id, token});
const isCutOff = (claimed: Claimed, fields: Record<string, string> = {fresh: '0'}, delayMs = 0) =>
	team.fail({...held(claimed), reason: 'killed by SIGKILL', feedback: '', delayMs, fields});
/** It has been ready for longer than it is kept for anybody. */
const passes = () => server.connection.call('HSET', `${namespace}:tasks:status:t`, 'readyAt', Date.now() - 21_000);

let claimed: Claimed;
beforeEach(async () => {
	namespace = server.newNamespace();
	team = coordinationOn(server.connection, namespace);
	for (const id of [AUTHOR, OTHER]) await joins(team, id, 'developer', [], 'r1', 'work');
	await joins(team, 'agent:rev:001', 'code-sentinel');
	await team.heartbeat({room: 'r1', leaseMs: 60_000, ttlMs: 60_000, agents: [AUTHOR, OTHER, 'agent:rev:001'], held: []});
	await team.submit(submission({id: 't'}));
	claimed = await takes(team, AUTHOR);
	await team.progress(held(claimed), {session: 'claude abc', worktree: '/w'}, '');
});

describe('the session of a task', () => {
	test('is kept when its attempt is cut off, and goes on in the same attempt by the same agent', async () => {
		await isCutOff(claimed);
		expect(await taskOf()).toMatchObject({session: 'claude abc', sessionOf: AUTHOR, prefers: AUTHOR, state: 'ready'});
		const again = await takes(team, AUTHOR);
		expect(again.task).toMatchObject({session: 'claude abc', worktree: '/w', attempt: 1, failures: 1, prefers: ''});
	});

	test('is over where the next attempt is a fresh one, by whoever', async () => {
		await isCutOff(claimed, {});
		expect((await takes(team, AUTHOR)).task).toMatchObject({session: '', attempt: 2, worktree: ''});
	});

	test('is over where another agent goes on, and where a person gives the task to another', async () => {
		await isCutOff(claimed);
		await passes();
		expect((await takes(team, OTHER)).task).toMatchObject({session: '', worktree: '/w'});
		await team.progress({agent: OTHER, task: 't', token: (await taskOf())?.token ?? ''}, {session: 'claude two'}, '');
		await team.release({task: 't', token: '', reason: 'asked', to: AUTHOR, fields: {fresh: '0'}});
		expect(await taskOf()).toMatchObject({session: '', prefers: ''});
	});

	test('outlives the review, which keeps none of its own', async () => {
		await team.complete(completion(claimed, {next: 'review', nextRole: 'code-sentinel', fields: {commit: 'c'}}));
		const review = await takes(team, 'agent:rev:001');
		await team.progress(held(review), {session: 'claude review'}, '');
		await team.complete(completion(review, {next: 'develop', nextRole: 'developer', counts: 'rounds'}));
		expect((await takes(team, AUTHOR)).task).toMatchObject({session: 'claude abc'});
	});
});

describe('a task whose session was cut off', () => {
	test('is kept for the agent that had it, which rests after its crash; nobody else gets it meanwhile, waiting or asking', async () => {
		await waits(OTHER);
		await isCutOff(claimed);
		await team.updateAgent(AUTHOR, {status: 'crashed', reason: 'killed'}, '');
		await team.sweep();
		expect(await taskOf()).toMatchObject({state: 'ready'});
		await team.closeAgents([OTHER]);
		expect(await claims(team, OTHER)).toEqual({code: 'none'});
		expect(await claims(team, OTHER, {wanted: 't'})).toEqual({code: 'none'});
		await team.updateAgent(AUTHOR, {status: 'idle'}, '');
		expect((await takes(team, AUTHOR)).task.id).toBe('t');
	});

	test('comes before what is more urgent, for that agent, also after its room was away', async () => {
		await team.release({...held(claimed), reason: 'the room is stopping', to: '', fields: {fresh: '0'}});
		await team.submit(submission({id: 'urgent', priority: 100}));
		await passes();
		await joins(team, AUTHOR, 'developer', [], 'r1', 'work');
		expect((await takes(team, AUTHOR)).task.id).toBe('t');
	});

	test('is handed to it at once where it waits', async () => {
		await waits(OTHER);
		await isCutOff(claimed, {fresh: '0'}, 1);
		await waits(AUTHOR);
		while ((await taskOf())?.state === 'delayed') await team.sweep();
		expect(await taskOf()).toMatchObject({owner: AUTHOR});
	});

	test.each([
		['is paused', () => team.updateAgent(AUTHOR, {paused: '1', status: 'paused'}, '')],
		['was stopped', () => team.updateAgent(AUTHOR, {status: 'stopped'}, '')],
		['is logged out', () => team.updateAgent(AUTHOR, {status: 'logged-out'}, '')],
		[
			'works on something else',
			async () => {
				await team.submit(submission({id: 'mine', assigned: AUTHOR}));
				await claims(team, AUTHOR, {wanted: 'mine'});
			},
		],
		['has had its time', passes],
	])('is anybody’s by the next sweep where that agent %s', async (_, happens) => {
		await isCutOff(claimed);
		await happens();
		await waits(OTHER);
		await team.sweep();
		expect(await taskOf()).toMatchObject({owner: OTHER});
	});

	test('is anybody’s at once by a clock that was set back', async () => {
		await isCutOff(claimed);
		await server.connection.call('HSET', `${namespace}:tasks:status:t`, 'readyAt', Date.now() + 3_600_000);
		expect((await takes(team, OTHER)).task.id).toBe('t');
	});

	test('is still kept for it when a wait of its account is over, which was longer than that', async () => {
		await team.submit(submission({id: 'two'}));
		await team.throttle({account: 'work', agent: AUTHOR, retryMs: 0, reason: 'limit'});
		await team.release({...held(claimed), reason: 'limit', to: '', fields: {fresh: '0'}});
		await waits(OTHER);
		await passes();
		const [at, ends] = [Date.now() - 60_000, Date.now() - 1];
		await server.connection.call('HSET', `${namespace}:control`, 'rateLimit:work', `${at} ${ends} 1 ${AUTHOR} - limit`);
		await team.sweep();
		// The other one goes ahead with something else; the session waits for its own agent until that was answered.
		expect([(await taskOf())?.owner, (await taskOf('two'))?.owner]).toEqual(['', OTHER]);
		const token = (await taskOf('two'))?.token ?? '';
		await team.recordUsage({task: 'two', agent: OTHER, token, micros: 1, tokensIn: 1, tokensOut: 1});
		await team.release({task: 'two', token, reason: '', to: '', fields: {}});
		await team.submit(submission({id: 'urgent', priority: 100}));
		expect((await takes(team, OTHER)).task.id).toBe('urgent');
		expect((await takes(team, AUTHOR)).task).toMatchObject({id: 't', session: 'claude abc'});
	});

	test.each(['lifted', 'over'])('is kept for it from the moment on at which its account was free again (%s)', async how => {
		await team.throttle({account: 'work', agent: AUTHOR, retryMs: 0, reason: 'limit'});
		await team.release({...held(claimed), reason: 'limit', to: '', fields: {fresh: '0'}});
		await passes();
		if (how === 'lifted') await team.clearRateLimit('work');
		else {
			await server.connection.call('HSET', `${namespace}:control`, 'rateLimit:work', `1 ${Date.now() - 1} 1 ${AUTHOR} ${OTHER} limit`);
			await team.sweep();
		}
		expect(await claims(team, OTHER)).toEqual({code: 'none'});
		expect((await takes(team, AUTHOR)).task.id).toBe('t');
	});

	test('is anybody’s of another account while the account of that agent waits', async () => {
		await joins(team, 'agent:dev:003', 'developer', [], 'r1', 'home');
		await team.throttle({account: 'work', agent: AUTHOR, retryMs: 0, reason: 'limit'});
		await team.release({...held(claimed), reason: 'limit', to: '', fields: {fresh: '0'}});
		expect(await claims(team, OTHER)).toEqual({code: 'throttled'});
		expect((await takes(team, 'agent:dev:003')).task).toMatchObject({id: 't', session: ''});
	});
});
