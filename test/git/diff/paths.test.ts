import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {readChangedPlaces} from '../../../source/core/change/diff.ts';
import {changedAmong, commitLines, readChanges, readDiff} from '../../../source/git/diff/paths.ts';
import {createDetachedWorktree} from '../../../source/git/worktree/create.ts';
import {isTouched} from '../../../source/git/worktree/look.ts';
import {openTestStore} from '../../helpers/guardian.ts';
import {createTestRepository} from '../../helpers/repository.ts';

test('a diff is against where the commit left the base, whatever the base has become', async () => {
	const repository = createTestRepository({files: {'a.txt': 'one\n', 'old.txt': 'x\n'.repeat(20)}});
	const {root} = repository;
	const commit = repository.branch('agent/t-a1', {'a.txt': 'two\n', 'b b.txt': 'new\n'});
	repository.write('base.txt', 'later\n');
	repository.commit('base goes on');
	const diff = await readDiff({root, base: repository.head(), commit, limit: 10_000});
	expect(diff).toMatchObject({files: 2, added: 2, removed: 1, list: '1 1 a.txt\n1 0 b b.txt'});
	expect(diff.text).toContain('+two');
	expect(diff.text).not.toContain('later');
	expect((await readDiff({root, base: repository.head(), commit, limit: 20})).text).toBe('');
	expect(await commitLines({root, base: repository.head(), commit, most: 5})).toEqual([expect.stringMatching(/^[0-9a-f]{7,} \S/)]);
});

test('a diff runs nothing that the repository configures, and shows no large file', async () => {
	const repository = createTestRepository({files: {'.gitattributes': '* diff=evil\n', 'a.txt': 'one\n'}});
	const {root} = repository;
	const mark = join(repository.stateFolder, '..', 'ran');
	repository.git(['config', 'diff.evil.textconv', `touch ${mark}; cat`]);
	repository.git(['config', 'diff.evil.command', `touch ${mark}`]);
	repository.git(['config', 'color.diff', 'always']);
	const commit = repository.branch('agent/t-a1', {'a.txt': 'two\n', 'big.txt': `${'y'.repeat(300_000)}\n`});
	const {text} = await readDiff({root, base: 'main', commit, limit: 50_000});
	expect(text).toContain('+two');
	expect(text).toContain('Binary files');
	expect(text).not.toContain('yyyy');
	expect(() => repository.git(['ls-files', '--error-unmatch', mark])).toThrow();
	expect(readChangedPlaces(await readChanges({root, from: repository.head(), to: commit})).get('a.txt')).toEqual([{from: 1, to: 1}]);
	expect(await readChanges({root, from: '0123456789012345678901234567890123456789', to: commit})).toBe('');
});

test('guarded files are matched by git: folders, names everywhere, wildcards', async () => {
	const repository = createTestRepository();
	const {root} = repository;
	const files = {
		'src/auth/login.ts': 'x',
		'src/ui/a.ts': 'x',
		'deep/er/schema.sql': 'x',
		'src/auth.md': 'x',
		':(glob)x': 'x',
		'ä.sql': 'x',
	};
	const commit = repository.branch('agent/t-a1', files);
	const among = (globs: readonly string[]): Promise<readonly string[]> => changedAmong({root, base: 'main', commit, globs});
	expect(await among(['src/auth/**'])).toEqual(['src/auth/login.ts']);
	expect(await among(['src/auth'])).toEqual(['src/auth/login.ts']);
	expect(await among(['*.sql'])).toEqual(['deep/er/schema.sql', 'ä.sql']);
	expect(await among(['src/*/a.ts', 'nothing/**'])).toEqual(['src/ui/a.ts']);
	expect(await among(['other/**'])).toEqual([]);
	expect(await among([])).toEqual([]);
});

test('a reviewer’s tree is touched by a commit or a changed file, not by what a build leaves', async () => {
	const repository = createTestRepository({files: {'a.txt': 'one\n'}});
	const store = await openTestStore(repository);
	const folder = join(repository.stateFolder, 'w', 'review');
	const commit = repository.head();
	await createDetachedWorktree({store, folder, commit});
	const look = (): Promise<boolean> => isTouched(store, folder, commit);
	expect(await look()).toBe(false);
	writeFileSync(join(folder, 'coverage.txt'), '');
	expect(await look()).toBe(false);
	repository.write('a.txt', 'two\n', folder);
	expect(await look()).toBe(true);
	repository.commit('mine', folder);
	expect(await look()).toBe(true);
});
