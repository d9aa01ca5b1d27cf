import {beforeEach, describe, expect, test} from 'vitest';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import type {PlanOrder} from '../../../source/core/team/orders.ts';
import {completion, coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;
let namespace = '';

const PLANNER = 'agent:orc:001';
const DEV = 'agent:dev:001';
const MERGER = 'agent:merge:001';

beforeEach(async () => {
	namespace = server.newNamespace();
	team = coordinationOn(server.connection, namespace);
	await joins(team, PLANNER, 'orchestrator');
	await joins(team, DEV);
	await joins(team, MERGER, 'repository-guardian');
	await team.submit(submission({id: 'login', stage: 'plan', role: 'orchestrator'}));
});

const task = async (id: string) => team.task(id);
const state = async (id: string): Promise<string> => (await task(id))?.state ?? '';
const feature = async (id: string) => (await team.snapshot()).team.features.get(id);
const plan = async (given: Partial<PlanOrder>) =>
	team.plan({task: 'login', token: '', agent: '', cancel: [], tasks: [], text: 'planned', ...given});
/** The planner claims the plan and hands it in. */
const plans = async (given: Partial<PlanOrder>) => {
	const {token} = await takes(team, PLANNER);
	return plan({token, agent: PLANNER, ...given});
};
/** The planner's plan waits for a person. */
const decision = async () => {
	const claimed = await takes(team, PLANNER);
	const fields = {decision: 'plan', waitReason: 'waits for you to accept the plan', proposal: '{}'};
	return team.complete(completion(claimed, {next: 'needs-decision', nextRole: '', word: 'needs-decision', fields}));
};
const merges = async (id: string): Promise<void> => {
	const claimed = await takes(team, DEV, {wanted: id});
	await team.complete(completion(claimed, {next: 'merge', nextRole: 'repository-guardian'}));
	await team.complete(completion(await takes(team, MERGER, {wanted: id}), {next: 'merged', nextRole: ''}));
};
/** Everything of the namespace but the answers that are kept for operations sent again. */
const everything = async (): Promise<unknown> => {
	const names = ((await server.connection.call('KEYS', `${namespace}:*`)) as unknown[]).map(String).filter(name => !name.includes(':ops:'));
	const dumps = await Promise.all(names.toSorted().map(async name => [name, String(await server.connection.call('DUMP', name))]));
	return dumps;
};

describe('a plan', () => {
	test('is of the feature with its own id, and becomes its tasks in one step', async () => {
		expect(await task('login')).toMatchObject({feature: 'login', firstStage: 'plan'});
		const tasks = [
			submission({
				id: 'schema',
				acceptance: ['a table\nusers', ' '],
				audit: true,
				model: 'opus',
				permissions: 'ask',
				adopts: 'claude a-1',
				startsAt: 'c0',
			}),
			submission({id: 'form', after: ['schema']}),
			submission({title: 'more', feature: 'elsewhere'}),
		];
		expect(await plans({tasks})).toEqual({code: 'ok', ids: ['schema', 'form', 't-1']});
		expect(await task('login')).toMatchObject({state: 'planned', owner: '', token: ''});
		expect(await task('schema')).toMatchObject({feature: 'login', acceptance: ['a table users'], audit: true, firstStage: 'develop'});
		expect(await task('schema')).toMatchObject({model: 'opus', permissions: 'ask', adopts: 'claude a-1', startsAt: 'c0'});
		expect(await task('form')).toMatchObject({model: '', permissions: ''});
		expect([await state('form'), (await task('t-1'))?.feature]).toEqual(['blocked', 'login']);
		expect(await feature('login')).toMatchObject({total: 3, open: 3, merged: 0});
		const {team: now} = await team.snapshot();
		expect([now.agents.get(PLANNER)?.task, now.counts.planned, now.counts.merged]).toEqual(['', 1, 0]);
		expect(await server.connection.call('ZSCORE', `${namespace}:tasks:live`, 'login')).toBeNull();
	});

	test.each([
		['exists', {tasks: [submission({id: 'a'}), submission({id: 'taken'})]}, 'taken'],
		['unknown', {tasks: [submission({id: 'a', after: ['nowhere']})]}, 'nowhere'],
		['unknown', {tasks: [submission({id: 'a', after: ['old']})], cancel: ['old']}, 'old'],
		['unknown', {tasks: [submission({id: 'a'})], cancel: ['taken']}, 'taken'],
		['unknown', {tasks: [submission({id: 'a'})], cancel: ['nowhere']}, 'nowhere'],
		['unknown', {tasks: [submission({id: 'a'})], cancel: ['login']}, 'login'],
		['cycle', {tasks: [submission({id: 'a', after: ['b']}), submission({id: 'b', after: ['a']})]}, ''],
		['merging', {tasks: [submission({id: 'a'})], cancel: ['old', 'lands']}, 'lands'],
	] as const)('that is refused (%s) changes nothing', async (code, given, id) => {
		await team.submitAll([
			submission({id: 'taken'}),
			submission({id: 'old', feature: 'login'}),
			submission({id: 'lands', feature: 'login'}),
		]);
		await team.complete(completion(await takes(team, DEV, {wanted: 'lands'}), {next: 'merge', nextRole: 'repository-guardian'}));
		await takes(team, MERGER, {wanted: 'lands'});
		const {token} = await takes(team, PLANNER);
		const before = await everything();
		expect(await plan({token, agent: PLANNER, ...given})).toMatchObject({code, ...(id === '' ? {} : {id})});
		expect(await everything()).toEqual(before);
	});

	test('under a token that was superseded, or by a person where it does not ask, changes nothing', async () => {
		const {token} = await takes(team, PLANNER);
		await team.release({task: 'login', token: '', reason: 'asked', to: '', fields: {}});
		const before = await everything();
		expect(await plan({token, tasks: [submission({id: 'a'})]})).toEqual({code: 'stale'});
		expect(await plan({tasks: [submission({id: 'a'})]})).toEqual({code: 'stale'});
		expect(await plan({task: 'nowhere', tasks: [submission({id: 'a'})]})).toEqual({code: 'gone'});
		expect(await everything()).toEqual(before);
	});

	test('is accepted once, and answers the same when it is sent again', async () => {
		await decision();
		expect(await task('login')).toMatchObject({state: 'blocked', decision: 'plan', waits: 0});
		const again = coordinationOn(server.connection, namespace, () => 'the-same');
		const order = {task: 'login', token: '', agent: '', cancel: [], tasks: [submission({title: 'a'})], text: ''};
		expect(await again.plan(order)).toEqual({code: 'ok', ids: ['t-1']});
		expect(await again.plan(order)).toEqual({code: 'ok', ids: ['t-1']});
		expect(await plan({tasks: [submission({id: 'b'})]})).toEqual({code: 'gone'});
		expect(await feature('login')).toMatchObject({total: 1, open: 1});
		expect(await server.connection.call('ZCARD', `${namespace}:tasks:asking`)).toBe(0);
	});

	test('has at most two thousand tasks', async () => {
		const tasks = Array.from({length: 2001}, () => submission());
		expect(await plans({tasks})).toEqual({code: 'many', id: 'login'});
		expect(await state('login')).toBe('leased');
	});

	test('whose tasks are made is handed out to those who wait', async () => {
		await team.heartbeat({room: 'r1', leaseMs: 60_000, ttlMs: 60_000, agents: [DEV], held: []});
		await team.claim({agent: DEV, room: 'r1', leaseMs: 60_000, nonce: 'w', stages: ['develop'], waits: true});
		await plans({tasks: [submission({id: 'a'})]});
		expect(await task('a')).toMatchObject({state: 'leased', owner: DEV});
	});

	test('of which nothing came is developed as it stands, and goes back there', async () => {
		await team.submit(submission({id: 'docs', after: ['login']}));
		const failed = await takes(team, PLANNER);
		await team.fail({task: 'login', agent: PLANNER, token: failed.token, reason: 'no', feedback: '', delayMs: 0, fields: {}});
		await team.complete(completion(await takes(team, PLANNER), {next: 'develop', nextRole: 'developer', counts: 'rounds'}));
		expect(await task('login')).toMatchObject({
			stage: 'develop',
			firstStage: 'develop',
			feature: 'login',
			attempt: 0,
			failures: 0,
			rounds: 0,
		});
		await merges('login');
		expect(await feature('login')).toMatchObject({total: 1, open: 0, merged: 1});
		expect(await state('docs')).toBe('ready');
	});

	test('that died lives again with all attempts', async () => {
		await team.submit(submission({id: 'once', stage: 'plan', role: 'orchestrator', attempts: 1, priority: 90}));
		const {token} = await takes(team, PLANNER);
		await team.fail({task: 'once', agent: PLANNER, token, reason: 'no', feedback: '', delayMs: 0, fields: {}});
		expect(await feature('once')).toMatchObject({open: 0, failed: 1});
		expect(await team.retry('once')).toBe('ok');
		expect(await plans({task: 'once', tasks: [submission({id: 'a'})]})).toEqual({code: 'ok', ids: ['a']});
		expect(await feature('once')).toMatchObject({total: 1, open: 1, failed: 0});
	});
});

describe('what comes after a plan', () => {
	test('comes after its feature; a task of that feature after the plan alone', async () => {
		await team.submit(submission({id: 'docs', after: ['login']}));
		await team.submit(submission({id: 'more', after: ['login'], feature: 'login'}));
		await plans({tasks: [submission({id: 'a'}), submission({id: 'b'})]});
		expect([await state('docs'), await state('more')]).toEqual(['blocked', 'ready']);
		for (const id of ['a', 'b']) await merges(id);
		expect(await state('docs')).toBe('blocked');
		await merges('more');
		expect(await feature('login')).toMatchObject({total: 3, open: 0, merged: 3});
		expect(await state('docs')).toBe('ready');
		await team.submit(submission({id: 'late', after: ['login']}));
		expect(await state('late')).toBe('ready');
	});

	test('is what takes its place, where that is another plan or task', async () => {
		await team.submit(submission({id: 'docs', after: ['login']}));
		await team.submit(submission({id: 'sso', stage: 'plan', role: 'orchestrator', priority: 90}));
		expect(await team.cancel('login', 'superseded', 'sso')).toBe('ok');
		expect(await task('docs')).toMatchObject({state: 'blocked', waits: 1, after: ['sso']});
		await plans({task: 'sso', tasks: [submission({id: 'a'})]});
		expect(await state('docs')).toBe('blocked');
		await team.submit(submission({id: 'other'}));
		expect(await team.cancel('sso', '', 'other')).toBe('gone');
		await merges('a');
		expect(await state('docs')).toBe('ready');
	});
});

describe('planning again', () => {
	const replan = {id: 'login-2', stage: 'plan', role: 'orchestrator', feature: 'login'} as const;

	test('gives up what nobody needs any more, whoever works on it, and the feature is what stays', async () => {
		await plans({tasks: [submission({id: 'a'}), submission({id: 'b'}), submission({id: 'c'})]});
		await team.submit(submission({id: 'docs', after: ['login']}));
		await merges('a');
		const worked = await takes(team, DEV, {wanted: 'b'});
		await team.submit(submission({...replan}));
		expect(await plans({task: 'login-2', cancel: ['b', 'c', 'b'], tasks: [submission({id: 'd', after: ['a']})]})).toMatchObject({
			code: 'ok',
		});
		expect([await state('b'), await state('c'), await state('a')]).toEqual(['cancelled', 'cancelled', 'merged']);
		expect(await team.renew({agent: DEV, task: 'b', token: worked.token}, 1000)).toBe('gone');
		expect(await feature('login')).toMatchObject({total: 2, open: 1, merged: 1, cancelled: 0, endedAt: 0});
		await merges('d');
		expect(await state('docs')).toBe('ready');
		const all = (await team.tasksOf('login')).map(({id, state: now}) => `${id} ${now}`);
		expect(all).toEqual(['login planned', 'a merged', 'b cancelled', 'c cancelled', 'login-2 planned', 'd merged']);
		expect(await team.tasksOf('nothing')).toEqual([]);
	});

	test('of nothing but what is given up ends the feature', async () => {
		await plans({tasks: [submission({id: 'a'}), submission({id: 'b'})]});
		await team.submit(submission({id: 'docs', after: ['login']}));
		await merges('a');
		await team.submit(submission({...replan}));
		expect(await plans({task: 'login-2', cancel: ['b']})).toEqual({code: 'ok', ids: []});
		expect(await feature('login')).toMatchObject({total: 1, open: 0, merged: 1});
		expect(await state('docs')).toBe('ready');
	});
});
