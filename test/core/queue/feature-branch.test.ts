import {expect, test} from 'vitest';
import {
	carrierOf,
	featureBranches,
	featureHead,
	gatheredText,
	isOpenedNext,
	othersToCome,
} from '../../../source/core/queue/feature-branch.ts';
import {mergeQueueOf} from '../../../source/core/queue/merge-queue.ts';
import {parseTask, type Task} from '../../../source/core/task/task.ts';

const task = (id: string, fields: Readonly<Record<string, string>>): Task => parseTask(id, {feature: 'login', state: 'ready', ...fields});
const gathered = (id: string, fields: Readonly<Record<string, string>> = {}): Task =>
	task(id, {state: 'blocked', stage: 'merge', decision: 'pull', pullOf: 'feature', pullHead: 'c2', candidate: id, ...fields});

const all = [
	gathered('c1'),
	gathered('c2'),
	task('back', {stage: 'develop', state: 'leased', pullOf: 'feature', pullHead: 'c2'}),
	task('new', {stage: 'develop'}),
	task('gone', {state: 'cancelled'}),
	task('merged', {state: 'merged', pullHead: 'c0'}),
	task('else', {feature: 'logout', stage: 'develop'}),
];

test('a feature’s branch is read from its tasks: what is on it, what still has to come, and which of them stands for it', () => {
	const branches = featureBranches(all);
	expect([...branches.keys()]).toEqual(['login']);
	const branch = branches.get('login');
	if (!branch) throw new Error('no branch');
	expect(branch).toMatchObject({head: 'c2', members: [{id: 'c1'}, {id: 'c2'}, {id: 'back'}], open: [{id: 'back'}, {id: 'new'}]});
	expect(carrierOf(branch)?.id).toBe('c2');
	// Cancelled in the middle: a branch with its work does not merge; one of an earlier commit is none of this branch.
	const cancelled = (pullHead: string): Task => task('c0', {state: 'cancelled', pullOf: 'feature', pullHead});
	const isDropped = (pullHead: string) => featureBranches([...all, cancelled(pullHead)]).get('login')?.isDropped;
	expect([branch.isDropped, isDropped('c2'), isDropped('c0')]).toEqual([false, true, false]);
	expect(othersToCome(all, {id: 'new', feature: 'login'}).map(({id}) => id)).toEqual(['back']);
	expect(carrierOf({...branch, members: branch.members.filter(({id}) => id !== 'c2')})).toBeUndefined();
	expect([featureHead(all, {feature: 'login'}), featureHead(all, {feature: 'logout'}), featureHead(all, {feature: ''})]).toEqual([
		'c2',
		'',
		'',
	]);
	expect(gatheredText(branch)).toBe('on the branch of login: waits for back and 1 more');
	expect(gatheredText({...branch, isDropped: true})).toBe(
		'on the branch of login with the work of a cancelled task: cancel the feature, too',
	);
	expect(gatheredText({feature: 'login', open: [task('t', {state: 'failed'})]})).toBe('on the branch of login: waits for t, which failed');
	const next = gathered('c3', {waitReason: gatheredText({feature: 'login', open: []})});
	expect([isOpenedNext(next), isOpenedNext(gathered('c3', {pullNumber: '4', waitReason: next.waitReason}))]).toEqual([true, false]);
});

test('in the merge queue a candidate stands on the branch of its feature, and on no earlier commit of it', () => {
	const testing = (id: string, candidateBase: string): Task =>
		task(id, {stage: 'test', state: 'leased', apart: '1', candidate: `of-${id}`, candidateBase});
	const {entries, outdated} = mergeQueueOf([...all, testing('a', 'c2'), testing('b', 'c1'), testing('c', 'base')], 'base');
	expect(entries.map(({task: {id}, isOnFeature}) => [id, isOnFeature])).toEqual([
		['a', true],
		['c', false],
	]);
	expect(outdated.map(({id}) => id)).toEqual(['b']);
});
