import {beforeEach, describe, expect, test} from 'vitest';
import {whyNotRunning} from '../../../source/core/queue/why.ts';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import {claims, completion, coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;
let namespace = '';

const DEV = 'agent:dev:001';
const REVIEWER = 'agent:rev:001';
const MERGER = 'agent:merge:001';

beforeEach(async () => {
	namespace = server.newNamespace();
	team = coordinationOn(server.connection, namespace);
	await joins(team, DEV);
	await joins(team, REVIEWER, 'code-sentinel');
	await joins(team, MERGER, 'repository-guardian');
});

const state = async (id: string): Promise<string> => (await team.task(id))?.state ?? '';
/** Develops the next task and merges it without review or tests. */
const merges = async (): Promise<void> => {
	const claimed = await takes(team, DEV);
	await team.complete(completion(claimed, {next: 'merge', nextRole: 'repository-guardian'}));
	await team.complete(completion(await takes(team, MERGER), {next: 'merged', nextRole: ''}));
};
const feature = async (id: string) => (await team.snapshot()).team.features.get(id);

describe('a plan', () => {
	test('is accepted whole, in whatever order its tasks stand, or not at all', async () => {
		const plan = [submission({id: 'b', after: ['a']}), submission({id: 'a'}), submission({id: '', title: 'c', after: ['b', 'a']})];
		expect(await team.submitAll(plan)).toEqual({code: 'ok', ids: ['b', 'a', 't-1']});
		expect([await state('a'), await state('b'), await state('t-1')]).toEqual(['ready', 'blocked', 'blocked']);
		expect(await team.submitAll([submission({id: 'd'}), submission({id: 'e', after: ['nowhere']})])).toEqual({
			code: 'unknown',
			id: 'nowhere',
		});
		expect(await team.submitAll([submission({id: 'd'}), submission({id: 'a'})])).toEqual({code: 'exists', id: 'a'});
		expect(await team.submitAll([submission({id: 'd'}), submission({id: 'd'})])).toEqual({code: 'exists', id: 'd'});
		expect(await state('d')).toBe('');
	});

	test('whose tasks wait for one another in a circle is refused with the circle', async () => {
		const plan = [
			submission({id: 'a', after: ['c']}),
			submission({id: 'b', after: ['a']}),
			submission({id: 'c', after: ['b']}),
			submission({id: 'd'}),
		];
		const refused = await team.submitAll(plan);
		expect(refused.code).toBe('cycle');
		const circle = 'id' in refused ? refused.id.split(',') : [];
		expect([circle[0], circle.toSorted()]).toEqual([circle.at(-1), [...'abc', circle[0]].toSorted()]);
		expect(await state('d')).toBe('');
	});
});

describe('a feature', () => {
	test('ends when its tasks end, and frees what waits for it only once all of them are merged', async () => {
		await team.submitAll([submission({id: 'a', feature: 'login'}), submission({id: 'b', feature: 'login', after: ['a'], attempts: 1})]);
		await team.submit(submission({id: 'docs', after: ['login']}));
		expect(await state('docs')).toBe('blocked');
		await merges();
		expect(await feature('login')).toMatchObject({total: 2, open: 1, merged: 1, endedAt: 0});
		const claimed = await takes(team, DEV);
		await team.fail({task: 'b', agent: DEV, token: claimed.token, reason: 'no', feedback: '', delayMs: 0, fields: {}});
		expect(await feature('login')).toMatchObject({open: 0, merged: 1, failed: 1});
		expect((await feature('login'))?.endedAt).toBeGreaterThan(0);
		expect(await state('docs')).toBe('blocked');
		await team.retry('b');
		expect(await feature('login')).toMatchObject({open: 1, failed: 0, endedAt: 0});
		await merges();
		expect(await feature('login')).toMatchObject({open: 0, merged: 2});
		expect(await state('docs')).toBe('ready');
		const ends = (await team.events('0-0', 100)).filter(({type}) => type === 'feature_ended');
		expect(ends.map(({text}) => text)).toEqual(['login has ended, not fully merged', 'login is merged']);
	});

	test('may be called like anything of ours, and like a task, which is another thing to wait for', async () => {
		await team.submitAll([submission({id: 'a', feature: 'index'}), submission({id: 'b', feature: 'pay'})]);
		expect([await feature('index'), await feature('pay')]).toMatchObject([{total: 1}, {total: 1}]);
		await team.submit(submission({id: 'after-feature', after: ['index']}));
		await team.submit(submission({id: 'index', priority: 90}));
		await team.submit(submission({id: 'after-task', after: ['pay', 'index']}));
		await team.submit(submission({id: 'pay', priority: 80}));
		await merges();
		await merges();
		expect([await state('index'), await state('pay')]).toEqual(['merged', 'merged']);
		expect(await team.task('after-feature')).toMatchObject({state: 'blocked', waits: 1});
		expect(await team.task('after-task')).toMatchObject({state: 'blocked', waits: 1});
		await merges();
		expect([await state('a'), await state('after-feature'), await state('after-task')]).toEqual(['merged', 'ready', 'blocked']);
		await merges();
		expect([await state('b'), await state('after-task')]).toEqual(['merged', 'ready']);
	});

	test('is merged without a task whose place another of it has taken', async () => {
		const of = {feature: 'login'};
		await team.submitAll([submission({id: 'old', ...of}), submission({id: 'new', ...of}), submission({id: 'elsewhere'})]);
		await team.submit(submission({id: 'docs', after: ['login']}));
		expect(await team.cancel('old', '', 'new')).toBe('ok');
		expect(await feature('login')).toMatchObject({total: 1, open: 1, cancelled: 0});
		await merges();
		expect(await state('docs')).toBe('ready');
		await team.submit(submission({id: 'x', feature: 'pay'}));
		await team.submit(submission({id: 'y', after: ['pay']}));
		expect(await team.cancel('x', '', 'elsewhere')).toBe('ok');
		expect(await feature('pay')).toMatchObject({total: 1, open: 0, cancelled: 1});
		expect(await state('y')).toBe('blocked');
	});
});

describe('a circle through features', () => {
	const of = (id: string, feature: string, after: readonly string[] = []) => submission({id, feature, after});

	test('is refused: a task of a feature that waits for what waits for the feature', async () => {
		await team.submitAll([of('a', 'login'), submission({id: 'docs', after: ['login']}), submission({id: 'notes', after: ['docs']})]);
		expect(await team.submit(of('b', 'login', ['notes']))).toEqual({code: 'cycle', id: 'notes,docs,login,b,notes'});
		expect(await team.submit({...of('', 'login', ['docs'])})).toEqual({code: 'cycle', id: 'docs,login,docs'});
		expect(await team.submit(of('b', 'login', ['a']))).toEqual({code: 'ok', id: 'b'});
	});

	test('is refused also through several features and tasks of the same call', async () => {
		await team.submitAll([of('a', 'one'), of('b', 'two', ['one']), of('c', 'three', ['two'])]);
		const refused = await team.submitAll([of('d', 'one', ['e']), of('e', 'four', ['three'])]);
		expect(refused.code).toBe('cycle');
		expect('id' in refused ? refused.id.split(',').toSorted() : []).toEqual(
			expect.arrayContaining(['one', 'two', 'three', 'b', 'c', 'd', 'e']),
		);
		expect(await team.submitAll([of('d', 'two', ['e']), of('e', 'four', ['one'])])).toMatchObject({code: 'ok'});
	});

	test('is none where what waited has ended, or is of another feature', async () => {
		await team.submitAll([of('a', 'login'), submission({id: 'docs', after: ['login']}), of('x', 'pay', ['login'])]);
		await team.submit(submission({id: 'notes', after: ['docs']}));
		expect(await team.submit(of('b', 'login', ['notes']))).toMatchObject({code: 'cycle'});
		await team.cancel('docs', 'no');
		expect(await team.submit(of('b', 'login', ['notes']))).toMatchObject({code: 'ok'});
		expect(await team.submit(of('y', 'ship', ['pay']))).toMatchObject({code: 'ok'});
		expect(await team.submit(of('z', 'login', ['ship']))).toMatchObject({code: 'cycle'});
	});

	test('is refused where a task would take the place of one that it waits for through a feature', async () => {
		await team.submitAll([submission({id: 'old'}), of('part', 'login', ['old']), submission({id: 'new', after: ['login']})]);
		expect(await team.cancel('old', '', 'new')).toBe('cycle');
		expect(await team.submit(submission({id: 'free', after: ['part']}))).toMatchObject({code: 'ok'});
		expect(await team.cancel('old', '', 'free')).toBe('cycle');
	});

	test('is not looked for without bounds', async () => {
		await team.submitAll([of('a', 'login'), submission({id: 'z', after: ['a']}), submission({id: 'w-0', after: ['login']})]);
		for (let from = 0; from < 6000; from += 2000)
			await team.submitAll(Array.from({length: 2000}, (_, at) => submission({id: `w-${from + at + 1}`, after: [`w-${from + at}`]})));
		expect(await team.submit(of('b', 'login', ['z']))).toEqual({code: 'many', id: 'b'});
		expect(await team.submit(of('b', 'login', ['a']))).toEqual({code: 'ok', id: 'b'});
	});
});

describe('a task that takes the place of another', () => {
	test('is waited for instead, counted once where it was waited for already, and not at all where it is merged', async () => {
		await team.submitAll([submission({id: 'old'}), submission({id: 'new', priority: 90}), submission({id: 'x', after: ['old']})]);
		await team.submit(submission({id: 'both', after: ['old', 'new']}));
		expect(await team.cancel('old', 'superseded', 'new')).toBe('ok');
		expect(await team.task('old')).toMatchObject({state: 'cancelled'});
		expect((await team.task('x'))?.after).toEqual(['new']);
		expect(await team.task('both')).toMatchObject({after: ['new'], waits: 1});
		await merges();
		expect([await state('x'), await state('both')]).toEqual(['ready', 'ready']);
		await team.submit(submission({id: 'y', after: ['x']}));
		expect(await team.cancel('x', 'superseded', 'new')).toBe('ok');
		expect(await state('y')).toBe('ready');
	});

	test('must exist, go on, and not wait for the other itself', async () => {
		await team.submitAll([
			submission({id: 'a'}),
			submission({id: 'b', after: ['a']}),
			submission({id: 'c', after: ['b']}),
			submission({id: 'd'}),
		]);
		await team.cancel('d', 'no');
		expect(await team.cancel('a', '', 'nowhere')).toBe('unknown');
		expect(await team.cancel('a', '', 'd')).toBe('unknown');
		expect(await team.cancel('a', '', 'c')).toBe('cycle');
		expect(await team.cancel('a', '', 'a')).toBe('unknown');
		expect(await state('a')).toBe('ready');
	});

	test('is refused where too many wait to be sure that it does not wait for the other', async () => {
		const chain = Array.from({length: 1100}, (_, at) => submission({id: `c-${at}`, after: at === 0 ? [] : [`c-${at - 1}`]}));
		await team.submitAll(chain);
		await team.submit(submission({id: 'other'}));
		expect(await team.cancel('c-0', '', 'c-900')).toBe('cycle');
		expect(await team.cancel('c-0', '', 'c-1099')).toBe('many');
		expect(await team.cancel('c-0', '', 'other')).toBe('ok');
		expect(await team.task('c-1')).toMatchObject({state: 'blocked', after: ['other']});
	});
});

describe('the budget', () => {
	test('keeps everybody from claiming what costs money once it is spent, the room says so, and raising it hands out again', async () => {
		await team.control({budgetMicros: 1_000_000}, '');
		await team.submit(submission({id: 'a'}));
		const {token} = await takes(team, DEV);
		const cost = {task: 'a', agent: DEV, token, micros: 600_000, tokensIn: 900, tokensOut: 100};
		expect(await team.recordUsage(cost)).toBe('ok');
		await team.release({task: 'a', token: '', reason: '', to: '', fields: {}});
		expect(await team.recordUsage(cost)).toBe('stale');
		expect(await claims(team, DEV)).toEqual({code: 'over-budget'});
		const {team: now} = await team.snapshot();
		expect(now.control).toMatchObject({budget: 1_000_000, spent: 1_200_000});
		expect(now.agents.get(DEV)).toMatchObject({spent: 1_200_000, tokensIn: 1800, tokensOut: 200});
		const task = now.tasks.get('a');
		expect(task).toMatchObject({spent: 600_000, tokensIn: 900});
		expect(task && whyNotRunning(task, now, now.at)).toBe('over budget: $1.20 of $1.00 spent');
		await team.heartbeat({room: 'r1', leaseMs: 60_000, ttlMs: 60_000, agents: [DEV], held: []});
		await team.claim({agent: DEV, room: 'r1', leaseMs: 60_000, nonce: 'x', stages: ['develop'], waits: true});
		await team.control({budgetMicros: 2_000_000}, '');
		expect((await team.task('a'))?.owner).toBe(DEV);
	});

	test('does not hold tests and merges', async () => {
		await team.submit(submission({id: 'a'}));
		await team.complete(completion(await takes(team, DEV), {next: 'merge', nextRole: 'repository-guardian'}));
		await team.control({budgetMicros: 1}, '');
		await team.recordUsage({task: 'a', agent: DEV, token: 'none', micros: 1, tokensIn: 0, tokensOut: 0});
		expect((await takes(team, MERGER)).task.id).toBe('a');
	});
});

test('the review of a task can be followed in reviews:<id>', async () => {
	const review = async (...names: string[]) => server.connection.call('HMGET', `${namespace}:reviews:a`, ...names);
	await team.submit(submission({id: 'a'}));
	await team.complete(completion(await takes(team, DEV), {next: 'review', nextRole: 'code-sentinel', fields: {commit: 'c1'}}));
	expect(await review('status', 'commit')).toEqual(['waiting', 'c1']);
	const claimed = await takes(team, REVIEWER);
	expect(await review('status', 'reviewer', 'commit')).toEqual(['in-progress', REVIEWER, 'c1']);
	await team.complete(completion(claimed, {next: 'develop', nextRole: 'developer', counts: 'rounds', fields: {feedback: 'add a test'}}));
	expect(await review('status', 'verdict', 'comments')).toEqual(['changes-requested', 'changes', 'add a test']);
	await team.complete(completion(await takes(team, DEV), {next: 'review', nextRole: 'code-sentinel', fields: {commit: 'c2'}}));
	await team.complete(completion(await takes(team, REVIEWER), {next: 'test', nextRole: 'test-orchestrator'}));
	expect(await review('status', 'verdict', 'commit')).toEqual(['approved', 'approve', 'c2']);
});
