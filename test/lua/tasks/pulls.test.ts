import {beforeEach, expect, test} from 'vitest';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import type {PullChange} from '../../../source/core/team/orders.ts';
import {completion, coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;

const [DEV, TESTER, MERGER] = ['agent:dev:001', 'agent:test:001', 'agent:merge:001'] as const;

beforeEach(async () => {
	team = coordinationOn(server.connection, server.newNamespace());
	await joins(team, DEV);
	await joins(team, TESTER, 'test-orchestrator');
	await joins(team, MERGER, 'repository-guardian');
});

const asks = {waitReason: 'pull request #12: no checks yet', decision: 'pull', pullNumber: '12', pullState: 'open'};
const change = (id: string, given: Partial<PullChange>): PullChange => ({
	...{task: id, head: `w-${id}`, outcome: 'kept', role: '', mergedCommit: '', text: 'said', fields: {}},
	...given,
});

/** A task whose pull request is open. */
const opened = async (id: string): Promise<void> => {
	await team.submit(submission({id}));
	const work = {commit: `w-${id}`};
	await team.complete(completion(await takes(team, DEV, {wanted: id}), {next: 'test', nextRole: 'test-orchestrator', fields: work}));
	const built = {candidate: `c-${id}`, checked: `c-${id}`, testedCommit: `c-${id}`, candidateBase: 'x'};
	await team.complete(completion(await takes(team, TESTER, {wanted: id}), {next: 'merge', nextRole: 'repository-guardian', fields: built}));
	const fields = {...asks, pullHead: `w-${id}`};
	const taken = await takes(team, MERGER, {wanted: id});
	expect(await team.complete(completion(taken, {next: 'needs-decision', nextRole: '', fields}))).toMatchObject({code: 'ok'});
};

test('what a forge says counts for exactly the head that was pushed, and only while the task waits for it', async () => {
	await opened('a');
	expect(await team.task('a')).toMatchObject({state: 'blocked', decision: 'pull', pull: {number: 12, head: 'w-a'}});
	expect(await team.pullRequest(change('a', {head: 'w-0', outcome: 'home', role: 'developer'}))).toBe('stale');
	expect(await team.pullRequest(change('none', {}))).toBe('gone');
	expect(await team.pullRequest(change('a', {outcome: 'home', role: 'developer', fields: {feedback: 'fix it'}}))).toBe('ok');
	expect(await team.task('a')).toMatchObject({
		...{state: 'ready', stage: 'develop', decision: '', candidate: '', failures: 0, feedback: 'fix it', author: DEV},
		pull: {number: 12, head: 'w-a'},
	});
	expect(await team.pullRequest(change('a', {outcome: 'home', role: 'developer'}))).toBe('stale');
	expect(await team.pullRequest(change('a', {outcome: 'closed'}))).toBe('stale');
	// The forge merges what its author works on again: it is merged, and the late token writes nothing.
	const late = await takes(team, DEV, {wanted: 'a'});
	expect(await team.pullRequest(change('a', {outcome: 'merged', mergedCommit: 'm-a', fields: {pullState: 'merged'}}))).toBe('ok');
	expect(await team.task('a')).toMatchObject({state: 'merged', mergedCommit: 'm-a', owner: '', pull: {state: 'merged'}});
	expect((await team.complete(completion(late, {next: 'test', nextRole: 'test-orchestrator', fields: {commit: 'w-2'}}))).code).toBe('gone');
	expect(await team.pullRequest(change('a', {outcome: 'merged', mergedCommit: 'm-b'}))).toBe('gone');
	expect((await team.snapshot()).team.counts).toMatchObject({merged: 1, blocked: 0, leased: 0});
});

test('closed it asks; opened again it is tested; merged it frees what waits for it; dropped, its request is still noted', async () => {
	await opened('a');
	await team.submit(submission({id: 'b', after: ['a']}));
	expect(await team.pullRequest(change('a', {outcome: 'closed', text: 'pull request #12 was closed'}))).toBe('ok');
	expect(await team.task('a')).toMatchObject({state: 'blocked', decision: 'closed', waitReason: 'pull request #12 was closed'});
	expect(await team.pullRequest(change('a', {outcome: 'test', role: 'test-orchestrator'}))).toBe('ok');
	expect(await team.task('a')).toMatchObject({state: 'ready', stage: 'test', decision: '', candidate: '', commit: 'w-a'});
	expect(await team.pullRequest(change('a', {outcome: 'merged', mergedCommit: 'm-a'}))).toBe('ok');
	expect(await team.task('b')).toMatchObject({state: 'ready'});
	await opened('c');
	expect(await team.cancel('c', 'not needed')).toBe('ok');
	expect(await team.pullRequest(change('c', {fields: {pullState: 'closed'}}))).toBe('ok');
	expect(await team.task('c')).toMatchObject({state: 'cancelled', decision: '', pull: {state: 'closed'}});
});
