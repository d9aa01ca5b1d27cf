import {chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {MOST_SHOWN, readMerged, readPatch, readWorkTree} from '../../../source/git/diff/patch.ts';
import {createAgainst} from '../../../source/git/merge/merge-tree.ts';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {baseHead} from '../../../source/git/store/import.ts';
import {createAttempt} from '../../../source/git/worktree/create.ts';
import {openTestStore} from '../../helpers/guardian.ts';
import {createTestRepository} from '../../helpers/repository.ts';

const lines = (from: number, to: number): string => Array.from({length: to - from + 1}, (_, at) => `line ${from + at}\n`).join('');

test('a change is told by file, hunk and line, with the numbers of both sides', async () => {
	const repository = createTestRepository({files: {'a.txt': lines(1, 30)}});
	const {root} = repository;
	const commit = repository.branch('agent/t-a1', {'a.txt': `${lines(1, 9)}new\n${lines(11, 30)}last`});
	repository.write('base.txt', 'later\n');
	repository.commit('base goes on');
	const patch = await readPatch({root, base: repository.head(), commit});
	expect(patch).toMatchObject({of: 'branch', commit, total: 1, added: 2, removed: 1, from: repository.head('main~1')});
	const [file] = patch.files;
	expect(file).toMatchObject({path: 'a.txt', from: '', status: 'changed', added: 2, removed: 1, isBinary: false, isLeftOut: false});
	expect(file?.hunks.map(({old, new: now, lines: {length}}) => [old, now, length])).toEqual([
		[7, 7, 8],
		[28, 28, 4],
	]);
	expect(file?.hunks[0]?.lines.slice(2, 5)).toEqual([
		{sign: ' ', old: 9, new: 9, text: 'line 9'},
		{sign: '-', old: 10, new: 0, text: 'line 10'},
		{sign: '+', old: 0, new: 10, text: 'new'},
	]);
	expect(file?.hunks[1]?.lines.at(-1)).toEqual({sign: '+', old: 0, new: 31, text: 'last'});
});

test('no name and no content passes for a head, whatever is in it', async () => {
	const names = ['a\nb', 'q"uote', 'tab\tname', ' b/x', ':(glob)*', '-rf', 'ä\u001b[31m', 'a -> b', '{a => b}'];
	const evil = 'diff --git a/x b/x\n@@ -1,9 +1,9 @@\n--- a/x\n+++ b/x\n-old\n+new\n';
	const repository = createTestRepository({files: Object.fromEntries(names.map(name => [name, 'x\n']))});
	const commit = repository.branch('agent/t-a1', Object.fromEntries(names.map(name => [name, evil])));
	const {files, total} = await readPatch({root: repository.root, base: 'main', commit});
	expect(total).toBe(names.length);
	expect(new Set(files.map(({path}) => path))).toEqual(new Set(names));
	for (const file of files) {
		expect([file.added, file.removed, file.hunks.length, file.isLeftOut]).toEqual([6, 1, 1, false]);
		expect(file.hunks[0]?.lines.map(({text}) => text)).toEqual(['x', ...evil.trimEnd().split('\n')]);
	}
});

test('renames, modes, links, removed and binary files are told as what they are', async () => {
	const repository = createTestRepository({
		files: {'old.txt': lines(1, 20), 'run.sh': 'x\n', 'gone.txt': 'x\n', link: 'target', bin: '\0\u0001', 'large.txt': 'y'},
	});
	const {root} = repository;
	repository.git(['checkout', '-q', '-b', 'work']);
	repository.git(['mv', 'old.txt', 'new name.txt']);
	writeFileSync(join(root, 'new name.txt'), `${lines(1, 19)}changed\n`);
	chmodSync(join(root, 'run.sh'), 0o755);
	for (const path of ['gone.txt', 'link']) rmSync(join(root, path));
	symlinkSync('target', join(root, 'link'));
	writeFileSync(join(root, 'bin'), '\0\u0002');
	writeFileSync(join(root, 'large.txt'), `${'z'.repeat(300_000)}\n`);
	const commit = repository.commit('all kinds');
	const {files} = await readPatch({root, base: 'main', commit});
	const told = Object.fromEntries(files.map(file => [file.path, file]));
	expect(told['new name.txt']).toMatchObject({status: 'renamed', from: 'old.txt', added: 1, removed: 1});
	expect(told['run.sh']).toMatchObject({oldMode: '100644', newMode: '100755', hunks: []});
	expect(told['gone.txt']).toMatchObject({status: 'deleted', newMode: '', removed: 1});
	expect(told.link).toMatchObject({status: 'retyped', oldMode: '100644', newMode: '120000'});
	expect(told.link?.hunks.flatMap(({lines: found}) => found.map(({sign, text}) => sign + text))).toEqual(['-target', '+target']);
	expect([told.bin, told['large.txt']]).toMatchObject([{isBinary: true}, {isBinary: true}]);
	expect(files.every(({isLeftOut}) => !isLeftOut)).toBe(true);
});

test('nothing of the configuration of a repository has a say in it', async () => {
	const repository = createTestRepository({files: {'.gitattributes': '* diff=evil\n', 'a.txt': lines(1, 20), 'b.txt': 'one\n'}});
	const {root} = repository;
	const mark = join(root, '..', 'ran');
	for (const [name, value] of [
		['diff.evil.textconv', `touch ${mark}; cat`],
		['diff.evil.command', `touch ${mark}`],
		['color.diff', 'always'],
		['diff.noprefix', 'true'],
		['diff.context', '0'],
		['diff.orderFile', join(root, 'order')],
		['diff.renames', 'false'],
		['diff.external', `touch ${mark}`],
	] as const)
		repository.git(['config', name, value]);
	writeFileSync(join(root, 'order'), 'b*\n');
	const commit = repository.branch('agent/t-a1', {'a.txt': `${lines(1, 9)}x\n${lines(11, 20)}`, 'b.txt': 'two\n'});
	const {files} = await readPatch({root, base: 'main', commit});
	expect(files.map(({path, hunks}) => [path, hunks[0]?.lines.length])).toEqual([
		['a.txt', 8],
		['b.txt', 2],
	]);
	expect(existsSync(mark)).toBe(false);
});

test('a work tree is told with what is not committed and what git does not know yet, and is only read', async () => {
	const repository = createTestRepository({files: {'a.txt': 'one\n', 'b.txt': 'one\n', '.gitignore': 'built\n'}});
	const store = await openTestStore(repository);
	const base = repository.head();
	const made = await createAttempt({store, worktreesFolder: join(repository.stateFolder, 'w'), task: 't', attempt: 1, from: base});
	const folder = made.path;
	repository.write('a.txt', 'two\n', folder);
	repository.commit('first', folder);
	repository.write('b.txt', 'two\n', folder);
	repository.write('new/c.txt', 'new\n', folder);
	repository.write('built', 'x\n', folder);
	const index = join(folder, '.git', 'index');
	const before = readFileSync(index);
	const copy = join(repository.root, '..', 'copy.index');
	const patch = await readWorkTree({store, folder, base, index: copy});
	expect(patch).toMatchObject({of: 'worktree', total: 3, added: 3, removed: 2, commit: repository.git(['rev-parse', 'HEAD'], folder)});
	expect(patch.files.map(({path, status}) => `${status} ${path}`)).toEqual(['changed a.txt', 'changed b.txt', 'added new/c.txt']);
	expect(patch.files.at(-1)?.hunks[0]?.lines).toEqual([{sign: '+', old: 0, new: 1, text: 'new'}]);
	expect(readFileSync(index)).toEqual(before);
	expect(existsSync(copy)).toBe(false);
	expect(repository.git(['status', '--porcelain'], folder)).toBe(' M b.txt\n?? new/');

	// In the middle of a merge that conflicts.
	repository.git(['checkout', '-q', 'HEAD', '--', 'b.txt'], folder);
	repository.write('a.txt', 'three\n');
	repository.write('of-another.txt', 'merged meanwhile\n');
	repository.commit('base');
	await baseHead(store);
	expect(() => repository.git(['merge', 'main'], folder)).toThrow();
	const merging = await readWorkTree({store, folder, base: await baseHead(store), index: copy});
	expect(merging.files.find(({path}) => path === 'a.txt')?.hunks[0]?.lines.map(({sign, text}) => sign + text)).toContain('+<<<<<<< HEAD');
	// What another task brought to the base meanwhile is not this one's.
	expect(merging.files.map(({path}) => path)).toEqual(['a.txt', 'new/c.txt']);
	expect(repository.git(['ls-files', '--unmerged'], folder)).not.toBe('');
});

test('a resolution that was saved half-done shows its own files only, whatever commit its agent names', async () => {
	const repository = createTestRepository({files: {'a.txt': 'one\n'}});
	const fork = repository.head();
	repository.write('of-another.txt', 'merged meanwhile\n');
	repository.commit('base');
	const [base, root] = [repository.head(), repository.root];
	const commit = repository.branch('agent/t-a1', {'a.txt': '<<<<<<< HEAD\n', 'of-another.txt': 'merged meanwhile\n'}, fork);
	const paths = async (theirs: string): Promise<readonly string[]> =>
		(await readPatch({root, base, commit, theirs})).files.map(({path}) => path);
	expect(await paths(base)).toEqual(['a.txt']);
	const aside = repository.branch('aside', {'a.txt': 'aside\n'}, fork);
	for (const other of ['', aside, commit, 'f'.repeat(40), '--all']) expect(await paths(other)).toEqual(['a.txt', 'of-another.txt']);
});

test('what landed is told as it came to the base', async () => {
	const repository = createTestRepository({files: {'a.txt': 'one\n'}});
	const commit = repository.branch('agent/t-a1', {'a.txt': 'two\n'});
	repository.write('b.txt', 'x\n');
	repository.commit('base goes on');
	repository.git(['merge', '--quiet', '--no-ff', '-m', 'merged', commit]);
	const patch = await readMerged({root: repository.root, commit: repository.head()});
	expect(patch).toMatchObject({of: 'merged', total: 1, files: [{path: 'a.txt'}]});
});

test('of a change that is too long the files are listed all the same, and none is cut in the middle', async () => {
	const repository = createTestRepository();
	const most = MOST_SHOWN.lines;
	const commit = repository.branch('agent/t-a1', {
		'1.txt': lines(1, 20_000),
		'2.txt': lines(1, 20_000),
		'3.txt': lines(1, most - 39_999),
		'4.txt': 'small\n',
	});
	const {files, added} = await readPatch({root: repository.root, base: 'main', commit});
	expect(files.map(({isLeftOut, hunks}) => [isLeftOut, hunks[0]?.lines.length ?? 0])).toEqual([
		[false, 20_000],
		[false, 20_000],
		[true, 0],
		[false, 1],
	]);
	expect(added).toBe(most + 2);
});

test('a commit is told how far it is behind, and where it does not merge, with nothing written into the repository', async () => {
	const repository = createTestRepository({files: {'a.txt': 'one\n', 'b.txt': 'one\n'}});
	const commit = repository.branch('agent/t-a1', {'a.txt': 'two\n'});
	const opened = await openRepository(repository.root);
	const against = createAgainst(opened, join(repository.stateFolder, 'looks.git'));
	expect(await against(commit, repository.head())).toEqual({behind: 0, conflicts: []});
	repository.write('b.txt', 'two\n');
	expect(await against(commit, repository.commit('elsewhere'))).toEqual({behind: 1, conflicts: []});
	repository.write('a.txt', 'three\n');
	const head = repository.commit('the same place');
	const objects = repository.git(['count-objects', '-v']);
	expect(await against(commit, head)).toEqual({behind: 2, conflicts: ['a.txt']});
	expect(repository.git(['count-objects', '-v'])).toBe(objects);
});
