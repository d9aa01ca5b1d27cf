import {expect, test} from 'vitest';
import {countBetween, countMerged} from '../../../source/git/diff/counts.ts';
import {createTestRepository} from '../../helpers/repository.ts';

test('lines and files of many branches are counted at once, binary ones and odd names as files', async () => {
	const project = createTestRepository({files: {a: '1\n2\n3\n'}});
	const from = project.head();
	const one = project.branch('one', {a: '1\ntwo\n3\n4\n', 'd/x y\n\t.txt': 'x\n'});
	const binary = project.branch('binary', {image: 'a\0b', a: '1\n'});
	const counts = await countBetween(project.root, [
		{from, to: one},
		{from, to: binary},
		{from, to: from},
	]);
	expect(Object.fromEntries(counts)).toEqual({
		[one]: {files: 2, added: 3, removed: 1},
		[binary]: {files: 2, added: 0, removed: 2},
		[from]: {files: 0, added: 0, removed: 0},
	});
});

test('what landed is counted against what it landed on', async () => {
	const project = createTestRepository({files: {a: '1\n'}});
	project.branch('work', {b: '1\n2\n'});
	project.write('c', 'meanwhile\n');
	project.commit('meanwhile');
	project.git(['merge', '--quiet', '--no-ff', '--no-edit', 'work']);
	expect([...(await countMerged(project.root, [project.head()])).values()]).toEqual([{files: 1, added: 2, removed: 0}]);
});

test('a commit that git does not have takes nothing from the others before it, and no name is taken for an option', async () => {
	const project = createTestRepository({files: {a: '1\n'}});
	const from = project.head();
	const to = project.branch('work', {a: '2\n'});
	const gone = 'f'.repeat(40);
	const counts = await countBetween(project.root, [
		{from, to},
		{from, to: gone},
		{from: '--output=/tmp/x', to},
	]);
	expect(counts.get(to)).toEqual({files: 1, added: 1, removed: 1});
	expect(await countMerged(project.root, ['--all', ''])).toEqual(new Map());
});
