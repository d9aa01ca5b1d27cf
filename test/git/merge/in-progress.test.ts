import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {beginMerge, halfDone} from '../../../source/git/merge/in-progress.ts';
import {baseHead, importCommits} from '../../../source/git/store/import.ts';
import {createAttempt} from '../../../source/git/worktree/create.ts';
import {saveWork} from '../../../source/git/worktree/save.ts';
import {openTestStore} from '../../helpers/guardian.ts';
import {createTestRepository} from '../../helpers/repository.ts';

const message = 'Save it';
const numbers = (changes: Readonly<Record<number, string>>): string =>
	Array.from({length: 9}, (_, at) => `${changes[at] ?? `line ${at}`}\n`).join('');

/** A task's branch and the base after it: two files in conflict, one that merges, one deleted there and changed here. */
const start = async () => {
	const project = createTestRepository({files: {a: numbers({}), b: numbers({}), c: numbers({}), d: 'd\n'}});
	const ours = project.branch('ours', {a: numbers({4: 'four'}), b: numbers({4: 'four'}), c: numbers({1: 'one'}), d: 'D\n'});
	for (const name of ['a', 'b']) project.write(name, numbers({4: 'vier'}));
	project.write('c', numbers({7: 'sieben'}));
	rmSync(join(project.root, 'd'));
	project.write('new', 'new\n');
	const theirs = project.commit('theirs');
	const store = await openTestStore(project);
	await baseHead(store);
	const place = (from: string, attempt: number) =>
		createAttempt({store, worktreesFolder: join(project.stateFolder, 'w'), task: 't', attempt, from});
	const {path} = await place(ours, 1);
	return {project, store, ours, theirs, place, path};
};
const subject = 'Merge main into t';

describe('a merge that is left in progress', () => {
	test('conflicts show both sides and what was before; the rest is merged and staged; the commit has both parents', async () => {
		const {project, store, ours, theirs, path} = await start();
		expect(await beginMerge({store, worktree: path, theirs, subject})).toEqual(['a', 'b', 'd']);
		expect(project.read('a', path)).toMatch(/<{7} HEAD\nfour\n\|{7} [0-9a-f]+\nline 4\n={7}\nvier\n>{7} /);
		expect(project.read('c', path)).toBe(numbers({1: 'one', 7: 'sieben'}));
		expect(project.read('new', path)).toBe('new\n');
		for (const name of ['a', 'b']) project.write(name, numbers({4: 'four\nvier'}), path);
		project.git(['add', '--all'], path);
		project.git(['commit', '--quiet', '--no-edit'], path);
		expect(project.git(['log', '-1', '--format=%P %s'], path)).toBe(`${ours} ${theirs} ${subject}`);
	});

	test('begins where git knows no name of a person, and is concluded under the name of whoever does that', async () => {
		const {project, store, theirs, path} = await start();
		for (const folder of [project.root, path]) project.git(['config', 'user.useConfigOnly', 'true'], folder);
		expect(await beginMerge({store, worktree: path, theirs, subject})).toEqual(['a', 'b', 'd']);
		project.git(['add', '--all'], path);
		project.git(['commit', '--quiet', '--no-edit'], path);
		expect(project.git(['log', '-1', '--format=%an %cn'], path)).toBe('Person Person');
	});

	test('a resolution that was cut off goes on where it stood: answers, markers, new files and deletions', async () => {
		const {project, store, ours, theirs, place, path} = await start();
		await beginMerge({store, worktree: path, theirs, subject});
		project.write('a', numbers({4: 'four and vier'}), path);
		project.write('notes', 'how to do b\n', path);
		rmSync(join(path, 'd'));
		rmSync(join(path, 'new'));
		const markers = project.read('b', path);
		const {commit} = await saveWork({store, worktree: path, message});
		expect(await halfDone(store.clone, commit)).toEqual({ours, theirs});
		expect(await halfDone(store.clone, ours)).toBeUndefined();

		const next = await place(ours, 2);
		expect(await beginMerge({store, worktree: next.path, theirs, subject, half: commit})).toEqual(['a', 'b', 'd']);
		expect(project.read('a', next.path)).toBe(numbers({4: 'four and vier'}));
		expect(project.read('b', next.path).replace(/>{7}.*/, '')).toBe(markers.replace(/>{7}.*/, ''));
		expect(project.read('notes', next.path)).toBe('how to do b\n');
		expect(() => project.read('d', next.path)).toThrow();
		expect(() => project.read('new', next.path)).toThrow();
		expect(project.git(['rev-parse', 'MERGE_HEAD'], next.path)).toBe(theirs);
		expect(project.git(['rev-parse', 'HEAD'], next.path)).toBe(ours);

		// Cut off once more, it is still the same merge.
		const again = await saveWork({store, worktree: next.path, message});
		expect(await halfDone(store.clone, again.commit)).toEqual({ours, theirs});
	});

	test('whoever answered every marker and forgot to say so has resolved it', async () => {
		const {project, store, ours, theirs, path} = await start();
		project.git(['checkout', '--quiet', ours, '--', '.'], path);
		await beginMerge({store, worktree: path, theirs, subject});
		for (const name of ['a', 'b']) project.write(name, numbers({4: 'four\nvier'}), path);
		// A deletion has no markers: what becomes of the file must be said.
		expect(await halfDone(store.clone, (await saveWork({store, worktree: path, message})).commit)).toBeDefined();
	});

	test('with markers only, what is saved without them is the merge itself', async () => {
		const project = createTestRepository({files: {a: numbers({})}});
		const ours = project.branch('ours', {a: numbers({4: 'four'})});
		project.write('a', numbers({4: 'vier'}));
		const theirs = project.commit('theirs');
		const store = await openTestStore(project);
		await baseHead(store);
		const {path} = await createAttempt({store, worktreesFolder: join(project.stateFolder, 'w'), task: 't', attempt: 1, from: ours});
		await beginMerge({store, worktree: path, theirs, subject});
		project.write('a', numbers({4: 'four\nvier'}), path);
		const {commit} = await saveWork({store, worktree: path, message});
		expect(project.git(['rev-list', '--parents', '-1', commit], path)).toBe(`${commit} ${ours} ${theirs}`);
		expect(await halfDone(store.clone, commit)).toBeUndefined();
	});

	test('what merges by itself waits to be concluded, and what is merged already is left alone', async () => {
		const {project, store, ours, place} = await start();
		const theirs = project.branch('easy', {e: 'e\n'}, ours);
		await importCommits(store, [theirs]);
		const {path} = await place(ours, 3);
		expect(await beginMerge({store, worktree: path, theirs, subject})).toEqual([]);
		expect(project.git(['rev-parse', 'MERGE_HEAD'], path)).toBe(theirs);
		await saveWork({store, worktree: path, message});
		expect(await beginMerge({store, worktree: path, theirs, subject})).toEqual([]);
		expect(() => project.git(['rev-parse', '--verify', '--quiet', 'MERGE_HEAD'], path)).toThrow();
		expect(project.git(['status', '--porcelain'], path)).toBe('');
	});

	test('a remembered resolution of the person is not applied behind anybody', async () => {
		const {project, store, ours, theirs, path, place} = await start();
		for (const folder of [project.root, path]) {
			project.git(['config', 'rerere.enabled', 'true'], folder);
			project.git(['config', 'rerere.autoUpdate', 'true'], folder);
		}
		expect(() => project.git(['merge', theirs], path)).toThrow();
		for (const name of ['a', 'b']) project.write(name, numbers({4: 'only ours'}), path);
		project.git(['add', '--all'], path);
		project.git(['commit', '--quiet', '--no-edit'], path);
		const next = await place(ours, 4);
		await beginMerge({store, worktree: next.path, theirs, subject});
		expect(project.read('a', next.path)).toContain('<<<<<<<');
	});

	test('git refuses to begin where no history is shared, and says why', async () => {
		const {project, store, path} = await start();
		const foreign = project.git(['commit-tree', '-m', 'foreign', project.git(['rev-parse', 'HEAD^{tree}'])]);
		await importCommits(store, [foreign]);
		await expect(beginMerge({store, worktree: path, theirs: foreign, subject})).rejects.toMatchObject({
			code: 'merge-refused',
			message: expect.stringContaining('unrelated histories'),
		});
	});
});
