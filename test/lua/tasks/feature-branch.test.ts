import {beforeEach, expect, test} from 'vitest';
import type {Coordination} from '../../../source/core/team/coordination.ts';
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

const tested = async (id: string, candidateBase: string): Promise<void> => {
	const work = {commit: `w-${id}`};
	await team.complete(completion(await takes(team, DEV, {wanted: id}), {next: 'test', nextRole: 'test-orchestrator', fields: work}));
	await passed(id, candidateBase);
};

const passed = async (id: string, candidateBase: string, candidate = `c-${id}`): Promise<void> => {
	const built = {candidate, checked: candidate, testedCommit: candidate, candidateBase};
	await team.complete(completion(await takes(team, TESTER, {wanted: id}), {next: 'merge', nextRole: 'repository-guardian', fields: built}));
};

const gather = async (id: string, pullHead = `c-${id}`) =>
	team.complete(
		completion(await takes(team, MERGER, {wanted: id}), {
			...{next: 'needs-decision', nextRole: ''},
			fields: {decision: 'pull', pullOf: 'feature', pullBranch: 'login', pullHead, waitReason: 'gathered'},
		}),
	);

const headsOf = async (...ids: readonly string[]): Promise<readonly (string | undefined)[]> =>
	Promise.all(ids.map(async id => (await team.task(id))?.pull.head));

test('a branch only moves from its very end, for all tasks on it at once; siblings start from there, others wait for the merge', async () => {
	await team.submitAll([
		submission({id: 'a', feature: 'login'}),
		submission({id: 'b', feature: 'login', after: ['a']}),
		submission({id: 'late', feature: 'login'}),
		submission({id: 'other', after: ['a']}),
	]);
	await tested('a', 'base');
	expect(await gather('a')).toMatchObject({code: 'ok'});
	expect(await team.task('a')).toMatchObject({state: 'blocked', decision: 'pull', pull: {number: 0, isOfFeature: true, head: 'c-a'}});
	expect(await team.task('b')).toMatchObject({state: 'ready', waits: 0});
	expect(await team.task('other')).toMatchObject({state: 'blocked', waits: 1});
	// What is added now starts from the branch as well; of another feature it waits.
	await team.submit(submission({id: 'c', feature: 'login', after: ['a', 'b']}));
	await team.submit(submission({id: 'd', feature: 'logout', after: ['a']}));
	expect(await team.task('c')).toMatchObject({state: 'blocked', waits: 1});
	expect(await team.task('d')).toMatchObject({state: 'blocked', waits: 1});

	await tested('b', 'c-a');
	await tested('late', 'c-a');
	expect(await gather('b')).toMatchObject({code: 'ok'});
	expect(await headsOf('a', 'b')).toEqual(['c-b', 'c-b']);
	expect(await gather('late')).toEqual({code: 'refused', reason: 'the branch of login has moved to c-b'});
	expect(await headsOf('a', 'b', 'late')).toEqual(['c-b', 'c-b', '']);

	// Once merged, no task is on a branch, and all that waited for it is ready.
	for (const task of ['a', 'b'])
		expect(
			await team.pullRequest({
				...{task, head: 'c-b', outcome: 'merged', role: '', mergedCommit: 'm', text: 'merged', fields: {pullState: 'merged'}},
			}),
		).toBe('ok');
	expect(await team.task('a')).toMatchObject({state: 'merged', pull: {isOfFeature: false}});
	expect(await team.task('other')).toMatchObject({state: 'ready'});
	expect(await team.task('d')).toMatchObject({state: 'ready'});
});

test('tested again, a task is the whole branch, also if that moves meanwhile; it cannot be cancelled alone', async () => {
	await team.submitAll(['a', 'b', 'c'].map(id => submission({id, feature: 'login'})));
	await tested('a', 'base');
	await gather('a');
	await tested('b', 'c-a');
	await gather('b');
	const again = {head: 'c-b', outcome: 'test', role: 'test-orchestrator', mergedCommit: '', text: 'again', fields: {}} as const;
	expect(await team.pullRequest({...again, task: 'b'})).toBe('ok');
	expect(await team.task('b')).toMatchObject({state: 'ready', stage: 'test', commit: 'c-b', cleared: 'c-b', worktree: '', branch: ''});
	await tested('c', 'c-b');
	expect(await gather('c')).toMatchObject({code: 'ok'});
	expect(await team.task('b')).toMatchObject({commit: 'c-c', pull: {head: 'c-c'}});
	await passed('b', 'new-base', 'whole');
	expect(await gather('b', 'whole')).toMatchObject({code: 'ok'});
	expect(await headsOf('a', 'b', 'c')).toEqual(['whole', 'whole', 'whole']);

	expect(await team.cancel('a', 'no')).toBe('gathered');
	expect(await team.cancel('a', 'no', '', true)).toBe('ok');
	// What is left holds its work: it goes no further.
	await team.submit(submission({id: 'd', feature: 'login'}));
	await tested('d', 'whole');
	expect(await gather('d')).toEqual({code: 'refused', reason: 'a was cancelled, and its work is on the branch of login'});
	for (const id of ['b', 'c']) expect(await team.cancel(id, 'no', '', true)).toBe('ok');
	expect((await team.snapshot()).team.features.get('login')).toMatchObject({open: 1, cancelled: 3});
});
