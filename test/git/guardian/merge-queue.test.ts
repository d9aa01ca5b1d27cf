import {describe, expect, test} from 'vitest';
import {startGuardian} from '../../helpers/guardian.ts';

const three = {'t-1': {'a.txt': 'one\n'}, 't-2': {'b.txt': 'two\n'}, 't-3': {'c.txt': 'three\n'}};
const mergedOf = (entries: readonly {task: string; candidate: string}[]) => entries.map(({task, candidate}) => ({task, commit: candidate}));

/** How often the base has moved since it was made. */
const movesOf = (project: {git(args: readonly string[]): string}, base: string): number =>
	project.git(['reflog', '--format=%H', base]).split('\n').length - 1;

describe.each([
	['checked out', 'main'],
	['not checked out', 'trunk'],
])('a train onto a base that is %s', (_where, base) => {
	test('lands in one move of the base, each candidate a commit of its first-parent line', async () => {
		const {project, guardian, prepareQueue, isHealthy} = await startGuardian(base);
		const mergeQueue = await prepareQueue(three);
		expect(await guardian.mergeCandidate(mergeQueue)).toEqual({merged: mergedOf(mergeQueue.entries)});
		expect(project.git(['rev-list', '--first-parent', '--reverse', `${mergeQueue.expectedBase}..${base}`]).split('\n')).toEqual(
			mergeQueue.entries.map(entry => entry.candidate),
		);
		expect(movesOf(project, base)).toBe(1);
		expect(project.git(['status', '--porcelain'])).toBe('');
		expect(isHealthy()).toBe(true);
		const works = ['t-3', 't-9', 't-1'].map(task => ({
			task,
			commit: mergeQueue.entries.find(entry => entry.task === task)?.candidate ?? '',
		}));
		expect(await guardian.commitsOnBase(works)).toEqual(
			new Map([
				['t-3', mergeQueue.entries[2]?.candidate],
				['t-1', mergeQueue.entries[0]?.candidate],
			]),
		);
	});

	test('that has landed in part goes on with the rest, and asked again changes nothing', async () => {
		const {project, guardian, prepareQueue} = await startGuardian(base);
		const mergeQueue = await prepareQueue(three);
		expect(await guardian.mergeCandidate({...mergeQueue, entries: mergeQueue.entries.slice(0, 1)})).toEqual({
			merged: mergedOf(mergeQueue.entries.slice(0, 1)),
		});
		expect(await guardian.mergeCandidate(mergeQueue)).toEqual({merged: mergedOf(mergeQueue.entries)});
		expect(await guardian.mergeCandidate(mergeQueue)).toEqual({merged: mergedOf(mergeQueue.entries)});
		expect(movesOf(project, base)).toBe(2);
	});

	test('is cut before a car that is not what it must be', async () => {
		const {project, guardian, prepareQueue} = await startGuardian(base);
		const {entries, expectedBase} = await prepareQueue(three);
		const [first, second, third] = entries;
		if (!first || !second || !third) throw new Error('no train');
		const tree = `${first.candidate}^{tree}`;
		const parents = ['-p', first.candidate, '-p', `${second.candidate}^2`];
		const forged = project.git(['commit-tree', ...parents, '-m', 'x\n\nRoom-Task: t-2', tree], guardian.folder);
		const merging = await guardian.mergeCandidate({
			entries: [first, {task: 't-2', candidate: forged, testedCommit: forged}, third],
			expectedBase,
		});
		expect(merging).toEqual({
			merged: mergedOf([first]),
			stopped: {kind: 'unsafe', task: 't-2', reason: expect.stringContaining("it lacks the task's `b.txt`")},
		});
		expect(project.head(base)).toBe(first.candidate);
		expect(await guardian.mergeCandidate({entries: [third], expectedBase: first.candidate})).toMatchObject({
			merged: [],
			stopped: {kind: 'unsafe', task: 't-3', reason: expect.stringContaining('its first parent is not')},
		});
		expect(
			await guardian.mergeCandidate({
				entries: [{task: 't-2', candidate: 'f'.repeat(40), testedCommit: 'f'.repeat(40)}],
				expectedBase: first.candidate,
			}),
		).toMatchObject({
			stopped: {kind: 'unsafe', reason: expect.stringContaining('the commit is missing')},
		});
		expect(project.head(base)).toBe(first.candidate);
	});

	test('ends with a commit that passed its tests: of a batch all of it lands, or nothing', async () => {
		const {project, guardian, prepareQueue} = await startGuardian(base);
		const {entries, expectedBase} = await prepareQueue({...three, 't-4': {'d.txt': 'four\n'}});
		const [first, second, third, fourth] = entries;
		if (!first || !second || !third || !fourth) throw new Error('no train');
		const batch = [second, third].map(entry => ({...entry, testedCommit: third.candidate}));
		const untested = {...fourth, testedCommit: 'f'.repeat(40)};
		expect(await guardian.mergeCandidate({entries: [first, ...batch.slice(0, 1)], expectedBase})).toEqual({
			merged: mergedOf([first]),
			stopped: {kind: 'untested', task: 't-2'},
		});
		expect(await guardian.mergeCandidate({entries: [first, ...batch, untested], expectedBase})).toEqual({
			merged: mergedOf([first, second, third]),
			stopped: {kind: 'untested', task: 't-4'},
		});
		expect(project.head(base)).toBe(third.candidate);
		expect(movesOf(project, base)).toBe(2);
	});

	test('never lands a task twice: what stands on a second candidate of it is built again', async () => {
		const {project, guardian, prepareCommit, prepareQueue} = await startGuardian(base);
		const work = project.branch('other', {'c.txt': 'other\n'}, base);
		const other = await prepareCommit('other', work);
		const {entries: before, expectedBase} = await prepareQueue({'t-1': {'a.txt': 'one\n'}});
		const second = await prepareCommit('other', work, before[0]?.candidate);
		const third = await prepareCommit('t-3', project.branch('three', {'d.txt': 'd\n'}, base), second.candidate);
		const entries = [...before, second, third].map(({task, candidate}) => ({task, candidate, testedCommit: candidate}));
		expect((await guardian.mergeCandidate({entries: [{...other, testedCommit: other.candidate}], expectedBase})).merged).toHaveLength(1);
		expect(await guardian.mergeCandidate({entries, expectedBase})).toEqual({
			merged: [{task: 'other', commit: other.candidate}],
			stopped: {kind: 'moved', head: other.candidate},
		});
		const twice = await prepareQueue({'t-4': {'a.txt': 'four\n'}});
		const [entry] = twice.entries;
		if (!entry) throw new Error('no train');
		expect(await guardian.mergeCandidate({...twice, entries: [entry, entry]})).toEqual({merged: mergedOf([entry, entry])});
		expect(movesOf(project, base)).toBe(2);
	});

	test('nothing of it moves when a person has moved the base', async () => {
		const {project, guardian, prepareQueue} = await startGuardian(base);
		const mergeQueue = await prepareQueue(three);
		const commit = project.branch('person', {'p.txt': 'p\n'});
		if (base === 'main') project.git(['merge', '--quiet', '--ff-only', 'person']);
		else project.git(['branch', '--force', base, 'person']);
		expect(await guardian.mergeCandidate(mergeQueue)).toEqual({merged: [], stopped: {kind: 'moved', head: commit}});
		expect(project.head(base)).toBe(commit);
	});
});

describe("a person's uncommitted work", () => {
	test('holds only from the first car on that changes those files; all such cars are named', async () => {
		const lines = Array.from({length: 20}, (_, line) => `line ${line}\n`).join('');
		const {project, guardian, prepareQueue} = await startGuardian('main', {'a.txt': 'a\n', 'b.txt': lines});
		const [above, below] = [lines.replace('line 1\n', 'two\n'), lines.replace('line 18\n', 'four\n')];
		const mergeQueue = await prepareQueue({...three, 't-2': {'b.txt': above}, 't-4': {'b.txt': below}, 't-5': {'e.txt': 'five\n'}});
		project.write('b.txt', 'mine\n');
		expect(await guardian.mergeCandidate(mergeQueue)).toEqual({
			merged: mergedOf(mergeQueue.entries.slice(0, 1)),
			stopped: {kind: 'held', reason: expect.stringContaining('`b.txt`'), files: ['b.txt'], tasks: ['t-2', 't-4']},
		});
		expect(project.head()).toBe(mergeQueue.entries[0]?.candidate);
		expect(project.git(['status', '--porcelain'])).toBe(' M b.txt');
		expect(project.read('b.txt')).toBe('mine\n');
	});

	test('an untracked folder or file where a car brings the other is found too', async () => {
		const {project, guardian, prepareQueue} = await startGuardian();
		const mergeQueue = await prepareQueue({'t-1': {'a.txt': 'one\n'}, 't-2': {thing: 'a file\n'}, 't-3': {'deep/er/file.txt': 'three\n'}});
		project.write('thing/mine.txt', 'mine\n');
		project.write('deep', 'mine\n');
		expect(await guardian.mergeCandidate(mergeQueue)).toMatchObject({
			merged: mergedOf(mergeQueue.entries.slice(0, 1)),
			stopped: {kind: 'held', tasks: ['t-2', 't-3']},
		});
		expect(project.read('thing/mine.txt')).toBe('mine\n');
		expect(project.read('deep')).toBe('mine\n');
		expect(project.git(['status', '--porcelain'])).toBe('?? deep\n?? thing/');
	});

	test('a merge that the person has not concluded holds everybody', async () => {
		const {project, guardian, prepareQueue} = await startGuardian();
		const mine = project.branch('mine', {'m.txt': 'm\n'});
		const mergeQueue = await prepareQueue(three);
		project.git(['merge', '--quiet', '--no-ff', '--no-commit', mine]);
		expect(await guardian.mergeCandidate(mergeQueue)).toMatchObject({merged: [], stopped: {kind: 'held', files: [], tasks: []}});
		expect(project.head()).toBe(mergeQueue.expectedBase);
	});
});
