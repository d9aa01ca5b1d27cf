import {beforeEach, describe, expect, test} from 'vitest';
import type {Coordination, Decision} from '../../../source/core/team/coordination.ts';
import {claims, completion, coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;
let namespace = '';

const DEV = 'agent:dev:001';
const REVIEWER = 'agent:rev:001';

beforeEach(async () => {
	namespace = server.newNamespace();
	team = coordinationOn(server.connection, namespace);
	await joins(team, DEV);
	await joins(team, REVIEWER, 'code-sentinel');
	await team.submit(submission({id: 'a'}));
});

const task = async () => team.task('a');
const HOLD = {decision: 'rounds', waitReason: 'waits for your decision: 5 rounds of review are used up'};
/** Developed, reviewed, and out of rounds. */
const decision = async (given: {fields?: Record<string, string>} = {}) => {
	await team.complete(completion(await takes(team, DEV), {next: 'review', nextRole: 'code-sentinel', fields: {commit: 'c1', branch: 'b'}}));
	const claimed = await takes(team, REVIEWER);
	return team.complete(
		completion(claimed, {
			next: 'needs-decision',
			nextRole: '',
			word: 'needs-decision',
			counts: 'rounds',
			text: 'changes',
			fields: {...HOLD, feedback: 'no', ...given.fields},
		}),
	);
};
const decide = async (given: Partial<Decision>) =>
	team.decide({task: 'a', decision: 'rounds', next: 'test', nextRole: 'test-orchestrator', fields: {}, text: 'accepted', ...given});

describe('a task that asks a person', () => {
	test('stays in its stage, is nobody’s, and says what it waits for', async () => {
		expect(await decision()).toEqual({code: 'ok'});
		expect(await task()).toMatchObject({state: 'blocked', stage: 'review', waits: 0, owner: '', token: '', rounds: 1, ...HOLD});
		const {team: now} = await team.snapshot();
		expect(now.counts).toMatchObject({blocked: 1, ready: 0, leased: 0});
		expect(now.agents.get(REVIEWER)).toMatchObject({task: '', status: 'idle'});
		expect(await claims(team, REVIEWER)).toEqual({code: 'none'});
		expect(await claims(team, REVIEWER, {wanted: 'a'})).toEqual({code: 'none'});
	});

	test('is handed to nobody, whatever becomes ready, and given to nobody by an order', async () => {
		await decision();
		await team.sweep();
		expect(await team.release({task: 'a', token: '', reason: 'asked', to: DEV, fields: {}})).toBe('needs-decision');
		expect(await team.setWaitReason('a', 'something else')).toBe('gone');
		expect(await team.retry('a')).toBe('gone');
		expect(await task()).toMatchObject({state: 'blocked', assigned: '', ...HOLD});
	});

	test('is known by heart in however long a queue', async () => {
		await decision();
		await team.submitAll(Array.from({length: 400}, () => submission({priority: 100})));
		await server.connection.call('ZADD', `${namespace}:tasks:live`, String(Date.now() + 1e9), 'a');
		const {team: now} = await team.snapshot();
		expect([now.tasks.size < 300, now.tasks.get('a')?.decision]).toEqual([true, 'rounds']);
	});

	test('can be cancelled, and asks no more', async () => {
		await decision();
		expect(await team.cancel('a', 'no')).toBe('ok');
		expect(await task()).toMatchObject({state: 'cancelled', decision: '', waitReason: ''});
		expect(await decide({})).toBe('gone');
		expect(await server.connection.call('ZCARD', `${namespace}:tasks:asking`)).toBe(0);
	});

	test('must say what it asks, and nothing else may', async () => {
		const claimed = await takes(team, DEV);
		const ask = async (fields: Record<string, string>) =>
			team.complete(completion(claimed, {next: 'needs-decision', nextRole: '', fields}));
		await expect(ask({decision: 'money', waitReason: 'x'})).rejects.toThrow('`money`');
		await expect(ask({decision: 'rounds'})).rejects.toThrow('is missing');
		await expect(team.progress({agent: DEV, task: 'a', token: claimed.token}, {decision: 'plan'}, '')).rejects.toThrow('`decision`');
	});
});

describe('a decision', () => {
	test('passes work on as reviewed by a person, at the commit that it stands at', async () => {
		await decision();
		expect(await decide({})).toBe('ok');
		expect(await task()).toMatchObject({
			...{state: 'ready', stage: 'test', role: 'test-orchestrator', decision: '', waitReason: '', rounds: 0},
			...{reviewer: 'person', reviewedCommit: 'c1'},
		});
		expect(await server.connection.call('HMGET', `${namespace}:reviews:a`, 'status', 'reviewer', 'commit')).toEqual([
			'approved',
			'person',
			'c1',
		]);
		await joins(team, 'agent:merge:001', 'repository-guardian');
		await joins(team, 'agent:test:001', 'test-orchestrator');
		await team.complete(completion(await takes(team, 'agent:test:001'), {next: 'merge', nextRole: 'repository-guardian'}));
		const merge = await takes(team, 'agent:merge:001');
		expect(await team.complete(completion(merge, {next: 'merged', nextRole: '', fields: {commit: 'c2'}}))).toMatchObject({code: 'refused'});
	});

	test('sends it back to its author, in the same attempt, with as many rounds again', async () => {
		await decision();
		await team.heartbeat({room: 'r1', leaseMs: 60_000, ttlMs: 60_000, agents: [DEV], held: []});
		await team.claim({agent: DEV, room: 'r1', leaseMs: 60_000, nonce: 'w', stages: ['develop'], waits: true});
		expect(await decide({next: 'develop', nextRole: 'developer', fields: {feedback: 'use an index'}, text: 'rejected'})).toBe('ok');
		expect(await task()).toMatchObject({state: 'leased', owner: DEV, stage: 'develop', attempt: 1, rounds: 0, feedback: 'use an index'});
		expect((await task())?.reviewer).toBe('');
	});

	test('is made once, and of exactly what is asked', async () => {
		expect(await decide({})).toBe('stale');
		await decision();
		expect(await decide({decision: 'dropped'})).toBe('stale');
		expect(await Promise.all([decide({}), decide({next: 'develop', nextRole: 'developer'})])).toEqual(['ok', 'stale']);
		expect(await task()).toMatchObject({state: 'ready', stage: 'test'});
		expect(await decide({task: 'nowhere'})).toBe('gone');
	});

	test('lets land exactly the commit that its checks held, and no later one', async () => {
		await joins(team, 'agent:test:001', 'test-orchestrator');
		const toTest = {next: 'test', nextRole: 'test-orchestrator'} as const;
		const toMerge = {next: 'merge', nextRole: 'repository-guardian'} as const;
		const held = {next: 'needs-decision', nextRole: '', fields: {decision: 'checks', waitReason: 'NOT YET: secret in a.ts:1'}} as const;
		const tested = async (fields: Record<string, string>) =>
			team.complete(
				completion(await takes(team, 'agent:test:001'), {
					...toMerge,
					fields: {candidate: 'k', candidateBase: 'x', testedCommit: 'k', ...fields},
				}),
			);
		await team.complete(completion(await takes(team, DEV), {...toTest, fields: {commit: 'c1', branch: 'b'}}));
		await team.complete(completion(await takes(team, 'agent:test:001'), held));
		expect(await task()).toMatchObject({state: 'blocked', stage: 'test', decision: 'checks', cleared: ''});
		expect(await decide({decision: 'checks'})).toBe('ok');
		expect(await task()).toMatchObject({state: 'ready', stage: 'test', cleared: 'c1', waitReason: ''});
		expect(await tested({})).toEqual({code: 'ok'});
		await team.requestChanges({task: 'a', role: 'developer', reason: 'no', fields: {}});
		await team.complete(completion(await takes(team, DEV), {...toTest, fields: {commit: 'c2', branch: 'b'}}));
		const again = await takes(team, 'agent:test:001');
		const passes = (fields: Record<string, string>) =>
			team.complete(completion(again, {...toMerge, fields: {testedCommit: 'k2', ...fields}}));
		expect(await passes({candidate: 'k2', checked: 'k2', testedCommit: ''})).toMatchObject({
			code: 'refused',
			reason: expect.stringContaining('was not tested'),
		});
		expect(await passes({candidate: 'k2'})).toMatchObject({code: 'refused', reason: expect.stringContaining('was not scanned')});
		expect(await passes({candidate: 'k2', checked: 'k1'})).toMatchObject({code: 'refused'});
		expect(await passes({candidate: 'k2', checked: 'k2'})).toEqual({code: 'ok'});
		await expect(team.progress({agent: DEV, task: 'a', token: again.token}, {cleared: 'c2'}, '')).rejects.toThrow('`cleared`');
	});

	test('that sends back what its checks held clears nothing', async () => {
		await joins(team, 'agent:test:001', 'test-orchestrator');
		await team.complete(
			completion(await takes(team, DEV), {
				next: 'test',
				nextRole: 'test-orchestrator',
				fields: {commit: 'c1', branch: 'b'},
				counts: 'rounds',
			}),
		);
		const fields = {decision: 'checks', waitReason: 'NOT YET: secret in a.ts:1'};
		await team.complete(completion(await takes(team, 'agent:test:001'), {next: 'needs-decision', nextRole: '', fields}));
		expect(await decide({decision: 'checks', next: 'develop', nextRole: 'developer'})).toBe('ok');
		expect(await task()).toMatchObject({state: 'ready', stage: 'develop', cleared: '', rounds: 1, failures: 0});
	});

	test('on a resolution keeps the rounds, and its author is one of the authors', async () => {
		await joins(team, 'agent:fix:001', 'conflict-resolver');
		await team.complete(completion(await takes(team, DEV), {next: 'review', nextRole: 'code-sentinel'}));
		await team.complete(completion(await takes(team, REVIEWER), {next: 'resolve', nextRole: 'conflict-resolver', counts: 'rounds'}));
		const fields = {decision: 'dropped', waitReason: 'src/a.ts lost 3 lines', commit: 'c3'};
		await team.complete(completion(await takes(team, 'agent:fix:001'), {next: 'needs-decision', nextRole: '', fields}));
		expect(await task()).toMatchObject({state: 'blocked', decision: 'dropped', commit: 'c3', authors: [DEV, 'agent:fix:001']});
		expect(await decide({decision: 'dropped', next: 'review', nextRole: 'code-sentinel'})).toBe('ok');
		expect(await task()).toMatchObject({stage: 'review', rounds: 1, reviewer: '', reviewedCommit: ''});
	});

	test('on a blocker keeps attempts, rounds and author, and no reviewer has judged by it', async () => {
		await joins(team, 'agent:fix:001', 'conflict-resolver');
		const fields = {decision: 'blocked', waitReason: 'blocked: no key'};
		const asks = {next: 'needs-decision', nextRole: '', word: 'blocked', fields} as const;
		await team.complete(completion(await takes(team, DEV), {...asks, fields: {...fields, commit: 'c1'}}));
		expect(await task()).toMatchObject({state: 'blocked', stage: 'develop', author: DEV, failures: 0, commit: 'c1'});
		expect(await decide({decision: 'blocked', next: 'develop', nextRole: 'developer'})).toBe('ok');
		await team.complete(completion(await takes(team, DEV), {next: 'review', nextRole: 'code-sentinel'}));
		await team.complete(completion(await takes(team, REVIEWER), asks));
		expect(await task()).toMatchObject({state: 'blocked', stage: 'review', reviewer: '', rounds: 0});
		expect(await server.connection.call('HMGET', `${namespace}:reviews:a`, 'status', 'reviewer')).toEqual(['waiting', '']);
		expect(await decide({decision: 'rounds'})).toBe('stale');
		expect(await decide({decision: 'blocked', next: 'review', nextRole: 'code-sentinel'})).toBe('ok');
		expect(await task()).toMatchObject({state: 'ready', stage: 'review', decision: '', reviewedCommit: ''});
	});
});
