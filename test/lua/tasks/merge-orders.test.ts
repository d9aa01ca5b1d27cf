import {beforeEach, describe, expect, test} from 'vitest';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import type {RevertOrder} from '../../../source/core/team/orders.ts';
import {completion, coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;

const DEV = 'agent:dev:001';
const TESTER = 'agent:test:001';
const MERGER = 'agent:merge:001';

beforeEach(async () => {
	team = coordinationOn(server.connection, server.newNamespace());
	await joins(team, DEV);
	await joins(team, TESTER, 'test-orchestrator');
	await joins(team, MERGER, 'repository-guardian');
});
const task = async (id: string) => team.task(id);

/** From the test of a task to the base. */
const isMerging = async (id: string, mergedCommit: string): Promise<void> => {
	const candidate = `c-${id}`;
	const fields = {candidate, checked: candidate, testedCommit: candidate, candidateBase: 'x'};
	await team.complete(completion(await takes(team, TESTER, {wanted: id}), {next: 'merge', nextRole: 'repository-guardian', fields}));
	await team.complete(completion(await takes(team, MERGER, {wanted: id}), {next: 'merged', nextRole: '', fields: {mergedCommit}}));
};
const developed = async (id: string): Promise<void> => {
	await team.submit(submission({id}));
	await team.complete(
		completion(await takes(team, DEV, {wanted: id}), {next: 'test', nextRole: 'test-orchestrator', fields: {commit: `w-${id}`}}),
	);
};

describe('a landing that is taken back', () => {
	const order: RevertOrder = {
		...{task: 'a', mergedCommit: 'm-a', id: 'revert-a', title: 'Revert a', description: 'Take it back.', attempts: 3},
		...{commit: 'r-a', branch: 'agent/revert-a-a1', worktree: '/w/revert-a-a1', base: 'm-a'},
	};

	test('waits for its test as work of a person’s, lands like any other, and is made once', async () => {
		await developed('a');
		expect((await team.revert(order)).code).toBe('gone');
		await isMerging('a', 'm-a');
		expect((await team.revert({...order, mergedCommit: 'another'})).code).toBe('gone');
		expect(await team.revert(order)).toEqual({code: 'ok', id: 'revert-a'});
		expect(await task('revert-a')).toMatchObject({
			...{
				state: 'ready',
				stage: 'test',
				firstStage: 'develop',
				role: 'test-orchestrator',
				priority: 95,
				commit: 'r-a',
				reviewedCommit: 'r-a',
			},
			...{author: 'person', reviewer: 'person', attempt: 1, branch: order.branch, worktree: order.worktree, description: order.description},
		});
		expect((await team.snapshot()).team.counts).toMatchObject({ready: 1, merged: 1});
		expect(await team.revert({...order, id: 'revert-a-2'})).toEqual({code: 'exists', id: 'revert-a'});
		await isMerging('revert-a', 'm-r');
		expect(await team.revert({...order, id: 'revert-a-2'})).toEqual({code: 'exists', id: 'revert-a'});
		expect(await team.revert({...order, task: 'revert-a', mergedCommit: 'm-r'})).toMatchObject({code: 'taken'});
		expect(await team.revert({...order, task: 'revert-a', mergedCommit: 'm-r', id: 'again'})).toEqual({code: 'ok', id: 'again'});
	});

	test('goes to a developer where its tests fail, and may be taken back again once that was cancelled', async () => {
		await developed('a');
		await isMerging('a', 'm-a');
		await team.revert(order);
		const claimed = await takes(team, TESTER, {wanted: 'revert-a'});
		await team.complete(completion(claimed, {next: 'develop', nextRole: 'developer', counts: 'failures'}));
		expect((await takes(team, DEV)).task).toMatchObject({id: 'revert-a', stage: 'develop', attempt: 1});
		await team.cancel('revert-a', 'no');
		expect(await team.revert({...order, id: 'revert-a-2'})).toEqual({code: 'ok', id: 'revert-a-2'});
	});
});

describe('a task that waits for what never comes', () => {
	test('goes on without it, and with all else that it waits for', async () => {
		await team.submitAll([submission({id: 'a'}), submission({id: 'b'}), submission({id: 'c', after: ['a', 'b']})]);
		expect(await team.removeDependency('c', 'a')).toBe('open');
		await team.cancel('a', 'no');
		expect(await team.removeDependency('c', 'nowhere')).toBe('stale');
		expect(await team.removeDependency('b', 'a')).toBe('gone');
		expect(await team.removeDependency('c', 'a')).toBe('ok');
		expect(await task('c')).toMatchObject({state: 'blocked', after: ['b'], waits: 1});
		expect(await team.removeDependency('c', 'a')).toBe('stale');
		await team.cancel('b', 'no');
		expect(await team.removeDependency('c', 'b')).toBe('ok');
		expect(await task('c')).toMatchObject({state: 'ready', after: [], waits: 0});
		expect((await takes(team, DEV)).task.id).toBe('c');
	});

	test('goes on without a dead one, which may be queued again and keeps it no more', async () => {
		await team.submitAll([submission({id: 'a', attempts: 1}), submission({id: 'c', after: ['a']})]);
		const claimed = await takes(team, DEV);
		await team.fail({task: 'a', agent: DEV, token: claimed.token, reason: 'no', feedback: '', delayMs: 0, fields: {}});
		expect(await team.removeDependency('c', 'a')).toBe('ok');
		await team.retry('a');
		expect((await team.snapshot()).team.counts).toMatchObject({ready: 2, blocked: 0});
		await developed('x');
	});

	test('goes on without a feature of which something was given up, once nothing of it is open', async () => {
		await team.submitAll([submission({id: 'f-1', feature: 'f'}), submission({id: 'f-2', feature: 'f'})]);
		await team.submit(submission({id: 'c', after: ['f']}));
		await team.cancel('f-1', 'no');
		expect(await team.removeDependency('c', 'f')).toBe('open');
		await team.cancel('f-2', 'no');
		expect(await team.removeDependency('c', 'f')).toBe('ok');
		expect(await task('c')).toMatchObject({state: 'ready', after: []});
	});
});
