import {beforeEach, describe, expect, test} from 'vitest';
import type {Claimed, Coordination} from '../../../source/core/team/coordination.ts';
import {claims, completion, coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {eventually} from '../../helpers/redis.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;
let namespace = '';

const DEV = 'agent:dev:001';
const TESTER = 'agent:test:001';
const MERGER = 'agent:merge:001';

beforeEach(async () => {
	namespace = server.newNamespace();
	team = coordinationOn(server.connection, namespace);
	await joins(team, DEV);
	await joins(team, TESTER, 'test-orchestrator');
	await joins(team, MERGER, 'repository-guardian');
});

const task = async (id: string) => team.task(id);
const fieldsOf = async (id: string, ...names: readonly string[]) =>
	server.connection.call('HMGET', `${namespace}:tasks:status:${id}`, ...names);
/** Tested tasks that wait to land; the candidate of `a` is `c-a`. */
const tested = async (...ids: readonly string[]): Promise<void> => testedFrom('', ...ids);
/** The same of tasks that a person gave to an agent as they began. */
const testedFrom = async (assigned: string, ...ids: readonly string[]): Promise<void> => {
	for (const id of ids) {
		await team.submit(submission({id, assigned}));
		await team.complete(completion(await takes(team, DEV, {wanted: id}), {next: 'test', nextRole: 'test-orchestrator'}));
		const claimed = await takes(team, TESTER, {wanted: id});
		const fields = {candidate: `c-${id}`, candidateBase: 'x', checked: `c-${id}`, testedCommit: `c-${id}`};
		await team.complete(completion(claimed, {next: 'merge', nextRole: 'repository-guardian', fields}));
	}
};
const entries = (...ids: readonly string[]) => ids.map(id => ({task: id, candidate: `c-${id}`}));
const boards = async (head: Claimed, ...ids: readonly string[]) =>
	team.joinMergeGroup({agent: MERGER, task: head.task.id, token: head.token, leaseMs: 30_000, entries: entries(...ids)});
const isMerging = async (head: Claimed, id: string) =>
	team.complete({...completion(head, {next: 'merged', nextRole: ''}), task: id, stage: 'merge'});

describe('a claim by name', () => {
	test('gives this very task, whatever else would come first, or none', async () => {
		await team.submitAll([submission({id: 'a', priority: 90}), submission({id: 'b'}), submission({id: 'c', needs: ['go']})]);
		expect(await claims(team, DEV, {wanted: 'c'})).toEqual({code: 'none'});
		expect(await claims(team, DEV, {wanted: 'nowhere'})).toEqual({code: 'none'});
		expect(await claims(team, TESTER, {wanted: 'b'})).toEqual({code: 'none'});
		expect(await claims(team, DEV, {wanted: 'b', stages: ['document']})).toEqual({code: 'none'});
		expect((await takes(team, DEV, {wanted: 'b'})).task.id).toBe('b');
		expect(await claims(team, DEV, {wanted: 'a'})).toEqual({code: 'busy'});
		await joins(team, 'agent:dev:002');
		expect(await claims(team, 'agent:dev:002', {wanted: 'b'})).toEqual({code: 'none'});
	});

	test('obeys the orders to the team, choices and locks like any other, and never waits', async () => {
		await team.submitAll([submission({id: 'a'}), submission({id: 'b', assigned: 'agent:dev:002'})]);
		await team.control({drained: true}, '');
		expect(await claims(team, DEV, {wanted: 'a'})).toEqual({code: 'drained'});
		await team.control({drained: false}, '');
		expect(await claims(team, DEV, {wanted: 'b'})).toEqual({code: 'none'});
		await team.claim({agent: DEV, room: 'r1', leaseMs: 30_000, nonce: 'w', stages: ['develop'], waits: true, wanted: 'b'});
		expect(await server.connection.call('ZCARD', `${namespace}:waiting`)).toBe(0);
	});

	test('is the only way to a test or a landing but asking oneself: nobody is handed one', async () => {
		await team.heartbeat({room: 'r1', leaseMs: 60_000, ttlMs: 60_000, agents: [TESTER, MERGER], held: []});
		for (const agent of [TESTER, MERGER])
			await team.claim({agent, room: 'r1', leaseMs: 60_000, nonce: agent, stages: ['test', 'merge', 'develop'], waits: true});
		await team.submit(submission({id: 'a'}));
		await team.complete(completion(await takes(team, DEV), {next: 'test', nextRole: 'test-orchestrator'}));
		await team.control({paused: false}, '');
		expect(await task('a')).toMatchObject({state: 'ready', stage: 'test'});
		expect((await takes(team, TESTER, {wanted: 'a'})).task.id).toBe('a');
	});
});

describe('what boards a landing', () => {
	test('may be what a person once gave to a developer: that choice was for the development', async () => {
		await tested('a');
		await testedFrom(DEV, 'b');
		const head = await takes(team, MERGER, {wanted: 'a'});
		expect(await boards(head, 'b')).toEqual({code: 'ok', joined: 1});
	});

	test('is the longest prefix that waits to land with these very candidates, under the token of the head', async () => {
		await tested('a', 'b', 'c', 'd', 'e');
		await server.connection.call('HSET', `${namespace}:tasks:status:d`, 'candidate', 'rebuilt');
		const head = await takes(team, MERGER, {wanted: 'a'});
		expect(await boards(head, 'b', 'c', 'd', 'e')).toEqual({code: 'ok', joined: 2});
		for (const id of ['b', 'c']) expect(await fieldsOf(id, 'state', 'owner', 'token')).toEqual(['leased', MERGER, head.token]);
		expect([(await task('d'))?.state, (await task('e'))?.state]).toEqual(['ready', 'ready']);
		expect(await boards(head, 'b', 'c')).toEqual({code: 'ok', joined: 2});
		const {team: now} = await team.snapshot();
		expect(now.agents.get(MERGER)).toMatchObject({task: 'a', token: head.token, status: 'working'});
		expect(now.counts).toMatchObject({leased: 3, ready: 2});
		expect(await server.connection.call('GET', `${namespace}:locks:task:b`)).toBe(`${MERGER} ${head.token}`);
	});

	test('ends with a candidate that passed its tests: a batch joins as a whole, or not at all', async () => {
		await tested('a', 'b', 'c', 'd');
		for (const [id, last] of [
			['b', 'c-c'],
			['d', 'c-e'],
		] as const)
			await server.connection.call('HSET', `${namespace}:tasks:status:${id}`, 'testedCommit', last);
		const head = await takes(team, MERGER, {wanted: 'a'});
		expect(await boards(head, 'b')).toEqual({code: 'ok', joined: 0});
		expect(await boards(head, 'b', 'c', 'd')).toEqual({code: 'ok', joined: 2});
		expect((await task('d'))?.state).toBe('ready');
	});

	test('is nothing without the current lease on a head that lands', async () => {
		await tested('a', 'b');
		const head = await takes(team, MERGER, {wanted: 'a'});
		expect(await boards({...head, token: '1:x'}, 'b')).toEqual({code: 'stale'});
		expect(await team.joinMergeGroup({agent: DEV, task: 'a', token: head.token, leaseMs: 1000, entries: entries('b')})).toEqual({
			code: 'stale',
		});
		await team.submit(submission({id: 'x'}));
		const work = await takes(team, DEV, {wanted: 'x'});
		expect(await team.joinMergeGroup({agent: DEV, task: 'x', token: work.token, leaseMs: 1000, entries: entries('b')})).toEqual({
			code: 'stale',
		});
		await isMerging(head, 'a');
		expect(await boards(head, 'b')).toEqual({code: 'gone'});
		expect((await task('b'))?.state).toBe('ready');
	});

	test('is never the guardian’s own work, nor what an outsider has locked', async () => {
		await tested('a', 'b', 'c');
		await server.connection.call('HSET', `${namespace}:tasks:status:b`, 'authors', `${DEV},${MERGER}`);
		const head = await takes(team, MERGER, {wanted: 'a'});
		expect(await boards(head, 'b', 'c')).toEqual({code: 'ok', joined: 0});
		await server.connection.call('HSET', `${namespace}:tasks:status:b`, 'authors', DEV);
		await server.connection.call('SET', `${namespace}:locks:task:c`, 'agent:x');
		expect(await boards(head, 'b', 'c')).toEqual({code: 'ok', joined: 1});
	});

	test('is renewed, landed and taken back one by one; the guardian is free when the head is', async () => {
		await tested('a', 'b', 'c');
		const head = await takes(team, MERGER, {wanted: 'a'});
		const lock = {name: 'path:src/**', owner: MERGER, token: head.token, ttlMs: 60_000};
		expect(await team.lock(lock)).toMatchObject({code: 'ok'});
		await boards(head, 'b', 'c');
		const held = {agent: MERGER, token: head.token};
		const beat = await team.heartbeat({room: 'r1', leaseMs: 60_000, ttlMs: 60_000, agents: [MERGER], held: [{...held, task: 'c'}]});
		expect([beat.stale, beat.leases.map(lease => lease.task)]).toEqual([[], ['a']]);
		expect(await isMerging(head, 'b')).toEqual({code: 'ok'});
		expect([(await task('b'))?.state, (await task('a'))?.state]).toEqual(['merged', 'leased']);
		expect((await team.snapshot()).team.agents.get(MERGER)).toMatchObject({task: 'a', status: 'working'});
		expect(await server.connection.call('GET', `${namespace}:locks:path:src/**`)).toBe(`${MERGER} ${head.token}`);
		expect(await isMerging(head, 'a')).toEqual({code: 'ok'});
		expect((await team.snapshot()).team.agents.get(MERGER)).toMatchObject({task: '', status: 'idle'});
		expect(await server.connection.call('GET', `${namespace}:locks:path:src/**`)).toBeNull();
		expect((await task('c'))?.state).toBe('leased');
		const order = {task: 'c', token: head.token, reason: 'gone', isProven: true, counts: false, delayMs: 0, fields: {}};
		expect(await team.reclaim(order)).toBe('ok');
		expect(await task('c')).toMatchObject({state: 'ready', stage: 'merge', candidate: 'c-c', failures: 0});
		expect(await isMerging(head, 'c')).toEqual({code: 'stale'});
	});

	test('is found by who comes after a room that ended meanwhile, and by the sweep, although the guardian has gone on', async () => {
		await tested('a', 'b', 'c');
		const head = await takes(team, MERGER, {wanted: 'a'});
		await team.joinMergeGroup({agent: MERGER, task: 'a', token: head.token, leaseMs: 1, entries: entries('b', 'c')});
		const held = (id: string) => ({agent: MERGER, task: id, token: head.token});
		expect(await team.closeAgents([MERGER])).toEqual([held('a'), held('b'), held('c')]);
		await isMerging(head, 'a');
		expect(await team.closeAgents([MERGER])).toEqual([held('b'), held('c')]);
		await team.heartbeat({room: 'r1', leaseMs: 60_000, ttlMs: 60_000, agents: [MERGER], held: []});
		await eventually(async () => (await team.sweep()).expired.length === 2, 'both cars to be past their deadline');
		expect((await team.sweep()).expired).toMatchObject([
			{...held('b'), room: '', agentBeat: 0, roomBeat: 0},
			{...held('c'), room: '', agentBeat: 0, roomBeat: 0},
		]);
	});

	test('cannot be cancelled or given away by a person: it is about to be on the base', async () => {
		await tested('a', 'b', 'c');
		const head = await takes(team, MERGER, {wanted: 'a'});
		await boards(head, 'b');
		for (const id of ['a', 'b']) {
			expect(await team.cancel(id, 'no')).toBe('merging');
			expect(await team.cancel(id, 'no', 'c')).toBe('merging');
			expect(await team.release({task: id, token: '', reason: 'asked', to: '', fields: {}})).toBe('merging');
			expect((await task(id))?.state).toBe('leased');
		}
		expect(await team.release({task: 'b', token: head.token, reason: 'held', to: '', fields: {}})).toBe('ok');
		expect(await team.cancel('b', 'no')).toBe('ok');
	});
});

describe('a batch of tests', () => {
	const waits = async (...ids: readonly string[]): Promise<void> => {
		for (const id of ids) {
			await team.submit(submission({id}));
			const fields = {commit: `w-${id}`};
			await team.complete(completion(await takes(team, DEV, {wanted: id}), {next: 'test', nextRole: 'test-orchestrator', fields}));
		}
	};
	const joinsBatch = async (head: Claimed, ...ids: readonly string[]) =>
		team.joinTestBatch({
			...{agent: TESTER, task: head.task.id, token: head.token, leaseMs: 30_000, candidate: 'c-a', candidateBase: 'x'},
			entries: ids.map((id, at) => ({task: id, commit: `w-${id}`, candidate: `c-${id}`, candidateBase: `c-${ids[at - 1] ?? 'a'}`})),
		});

	test('is the longest prefix that waits with exactly this work, under the token of its first; all candidates are known at once', async () => {
		await waits('a', 'b', 'c', 'd', 'e');
		await server.connection.call('HSET', `${namespace}:tasks:status:d`, 'commit', 'changed');
		const head = await takes(team, TESTER, {wanted: 'a'});
		expect(await joinsBatch({...head, token: '1:x'}, 'b')).toEqual({code: 'stale'});
		expect(await joinsBatch(head, 'b', 'c', 'd', 'e')).toEqual({code: 'ok', joined: 2});
		for (const id of ['a', 'b', 'c'])
			expect(await fieldsOf(id, 'state', 'token', 'candidate', 'checked', 'batch')).toEqual([
				'leased',
				head.token,
				`c-${id}`,
				`c-${id}`,
				'3',
			]);
		expect([(await task('d'))?.state, (await task('e'))?.state]).toEqual(['ready', 'ready']);
		expect(await joinsBatch(head, 'b', 'c')).toEqual({code: 'ok', joined: 2});
		const passes = {next: 'merge', nextRole: 'repository-guardian', fields: {testedCommit: 'c-c'}} as const;
		expect(await team.complete({...completion(head, {...passes, fields: {}}), task: 'c'})).toMatchObject({code: 'refused'});
		expect(await team.complete({...completion(head, passes), task: 'c'})).toEqual({code: 'ok'});
		expect((await team.snapshot()).team.agents.get(TESTER)).toMatchObject({task: 'a', status: 'working'});
		expect(await team.release({task: 'b', token: head.token, reason: 'again', to: '', fields: {}})).toBe('ok');
		expect(await task('b')).toMatchObject({state: 'ready', stage: 'test', failures: 0});
		expect(await team.complete(completion(head, passes))).toEqual({code: 'ok'});
		expect((await team.snapshot()).team.agents.get(TESTER)).toMatchObject({task: '', status: 'idle'});
	});
});

describe('a recall', () => {
	test('sends what waits to land with exactly that candidate back to test, and costs nothing', async () => {
		await tested('a', 'b');
		expect(await team.retest({task: 'a', candidate: 'other', reason: 'x'})).toBe('stale');
		expect(await team.retest({task: 'a', candidate: 'c-a', reason: 'the base moved'})).toBe('ok');
		expect(await task('a')).toMatchObject({
			...{state: 'ready', stage: 'test', role: 'test-orchestrator', reason: 'the base moved', candidate: '', candidateBase: ''},
			...{failures: 0, rounds: 0, attempt: 1},
		});
		expect((await takes(team, TESTER)).task.id).toBe('a');
	});

	test('leaves alone what lands, is tested, or is no more', async () => {
		await tested('a');
		const head = await takes(team, MERGER, {wanted: 'a'});
		const recall = async (candidate = 'c-a') => team.retest({task: 'a', candidate, reason: 'x'});
		expect(await recall()).toBe('stale');
		await isMerging(head, 'a');
		expect(await recall()).toBe('gone');
		await team.submit(submission({id: 'b'}));
		expect(await team.retest({task: 'b', candidate: '', reason: 'x'})).toBe('stale');
	});
});

describe('a bounce', () => {
	const requestChanges = async (id: string) =>
		team.requestChanges({task: id, role: 'developer', reason: 'changes requested by you: no', fields: {feedback: 'no'}});

	test('sends what waits to land back to where it began, without candidate and approvals, at no cost, and its author goes on', async () => {
		await tested('a', 'b');
		expect(await requestChanges('a')).toBe('ok');
		expect(await task('a')).toMatchObject({
			...{state: 'ready', stage: 'develop', role: 'developer', reason: 'changes requested by you: no', feedback: 'no'},
			...{candidate: '', candidateBase: '', reviewer: '', reviewedCommit: '', failures: 0, rounds: 0, attempt: 1, fresh: false},
		});
		expect((await takes(team, DEV)).task).toMatchObject({id: 'a', attempt: 1});
		expect((await takes(team, MERGER)).task.id).toBe('b');
	});

	test('ends the lease of who tests it: nothing that is said under its token counts any more, and the tester goes on', async () => {
		for (const id of ['a', 'b']) {
			await team.submit(submission({id}));
			await team.complete(completion(await takes(team, DEV, {wanted: id}), {next: 'test', nextRole: 'test-orchestrator'}));
		}
		const claimed = await takes(team, TESTER, {wanted: 'a'});
		expect(await requestChanges('a')).toBe('ok');
		expect(await team.complete(completion(claimed, {next: 'merge', nextRole: 'repository-guardian'}))).toMatchObject({code: 'stale'});
		expect(await task('a')).toMatchObject({state: 'ready', stage: 'develop', owner: '', token: ''});
		expect((await takes(team, TESTER)).task.id).toBe('b');
	});

	test('leaves alone what is at its beginning, lands, is over, or is not there', async () => {
		await team.submit(submission({id: 'new'}));
		expect(await requestChanges('new')).toBe('stale');
		await tested('a');
		const head = await takes(team, MERGER, {wanted: 'a'});
		expect(await requestChanges('a')).toBe('merging');
		await isMerging(head, 'a');
		expect(await requestChanges('a')).toBe('gone');
		expect(await requestChanges('nowhere')).toBe('gone');
	});
});

test('new work has no candidate, and nobody who wrote into it merges it', async () => {
	await tested('a');
	await team.complete(completion(await takes(team, MERGER), {next: 'resolve', nextRole: 'conflict-resolver'}));
	await joins(team, 'agent:fix:001', 'conflict-resolver');
	await team.complete(completion(await takes(team, 'agent:fix:001'), {next: 'review', nextRole: 'code-sentinel', fields: {commit: 'c2'}}));
	expect(await task('a')).toMatchObject({author: 'agent:fix:001', authors: [DEV, 'agent:fix:001'], candidate: '', candidateBase: ''});
});

test('a red base is known with its commit, its time and how it failed, until it is red no more', async () => {
	await team.control({failingBase: 'abc', failingWhy: 'npm test fails'}, 'main is red at abc');
	const {team: failingBase, now} = await team.snapshot();
	expect(failingBase.control).toMatchObject({failingBase: 'abc', failingWhy: 'npm test fails'});
	expect(Math.abs(now - failingBase.control.failingSince)).toBeLessThan(10_000);
	await team.control({failingBase: ''}, 'main passes');
	expect((await team.snapshot()).team.control).toMatchObject({failingBase: '', failingSince: 0, failingWhy: ''});
});

test('what changes no state is kept in the record', async () => {
	const before = await team.snapshot();
	await team.appendEvent({type: 'base_moved', task: '', agent: '', text: 'main moved to abc, outside the room'});
	await team.appendEvent({type: 'test_flaky', task: 'a', agent: TESTER, text: 'failed, then passed'});
	const events = await team.events(before.team.streamId, 10);
	expect(events.map(({type, task: about, agent, text}) => [type, about, agent, text])).toEqual([
		['base_moved', '', '', 'main moved to abc, outside the room'],
		['test_flaky', 'a', TESTER, 'failed, then passed'],
	]);
});
