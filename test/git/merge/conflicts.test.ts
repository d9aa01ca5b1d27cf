import {join} from 'node:path';
import {expect, test} from 'vitest';
import {createPredictor, type Live} from '../../../source/git/merge/conflicts.ts';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {askedOfGit} from '../../helpers/asked-of-git.ts';
import {createTestRepository, type TestRepository} from '../../helpers/repository.ts';

const nine = (changes: Readonly<Record<number, string>> = {}): string =>
	Array.from({length: 9}, (_, at) => `${changes[at] ?? `line ${at}`}\n`).join('');

const start = async (files: Readonly<Record<string, string>> = {a: nine(), b: nine()}) => {
	const project = createTestRepository({files});
	const predictor = createPredictor(await openRepository(project.root), join(project.stateFolder, 'radar.git'));
	return {project, look: async (...all: Parameters<typeof predictor.look>) => (await predictor.look(...all)).clashes, predictor};
};
const branch = (project: TestRepository, id: string, files: Readonly<Record<string, string>>, from = 'main'): Live => ({
	id,
	head: project.branch(id, files, from),
});

test('pairs that do not merge are named with their files; those that only share a file, or a folder, are not', async () => {
	const {project, look} = await start();
	const one = branch(project, 'one', {a: nine({4: 'one'}), 'd/x': 'x\n'});
	const two = branch(project, 'two', {a: nine({4: 'two'}), b: nine({1: 'two'})});
	const far = branch(project, 'far', {a: nine({8: 'far'}), 'd/y': 'y\n'});
	const other = branch(project, 'other', {b: nine({1: 'other'})});
	expect(await look([one, two, far, other], project.head())).toEqual([
		{pair: ['one', 'two'], files: ['a']},
		{pair: ['two', 'other'], files: ['b']},
	]);
	expect(await look([one, far], project.head())).toEqual([]);
});

test('a branch that stands on the base is looked at without git', async () => {
	const {project, look} = await start();
	await look([], project.head());
	const begun = {id: 'begun', head: project.head()};
	expect(await askedOfGit(async () => expect(await look([begun], project.head())).toEqual([]))).toEqual([]);
	const one = branch(project, 'one', {a: nine({4: 'one'})});
	project.write('a', nine({4: 'by hand'}));
	project.commit('by hand');
	expect(await look([begun, one, {id: 'other', head: project.head()}], project.head())).toEqual([{pair: ['one', ''], files: ['a']}]);
});

test('a file where another has a folder, and a file that one renamed and the other changed, are found', async () => {
	const {project, look} = await start();
	const file = branch(project, 'file', {d: 'a file\n'});
	const folder = branch(project, 'folder', {'d/e': 'in a folder\n'});
	const changed = branch(project, 'changed', {a: nine({4: 'changed'})});
	const gone = {id: 'gone', head: ''};
	project.git(['checkout', '--quiet', '-b', 'moved']);
	project.git(['mv', 'a', 'c']);
	project.write('c', nine({4: 'moved'}));
	const moved = {id: 'moved', head: project.commit('move a')};
	project.git(['checkout', '--quiet', 'main']);
	const clashes = await look([file, folder, changed, moved, gone], project.head());
	expect(clashes.map(({pair}) => pair)).toEqual([
		['file', 'folder'],
		['changed', 'moved'],
	]);
});

test('the base counts too, as it moves; and what is resolved, or has ended, is no longer named', async () => {
	const {project, look} = await start();
	const one = branch(project, 'one', {a: nine({4: 'one'})});
	const two = branch(project, 'two', {b: nine({4: 'two'})});
	expect(await look([one, two], project.head())).toEqual([]);
	project.write('a', nine({4: 'by hand'}));
	project.commit('by hand');
	expect(await look([one, two], project.head())).toEqual([{pair: ['one', ''], files: ['a']}]);
	const resolved = branch(project, 'resolved', {a: nine({4: 'both'})});
	expect(await look([{id: 'one', head: resolved.head}, two], project.head())).toEqual([]);
});

test('a branch that has merged the base since is compared by its own changes', async () => {
	const {project, look} = await start();
	project.branch('early', {a: nine({1: 'early'})});
	project.write('b', nine({4: 'by hand'}));
	project.commit('by hand');
	project.git(['checkout', '--quiet', 'early']);
	project.git(['merge', '--quiet', '--no-edit', 'main']);
	project.write('a', nine({1: 'early', 4: 'late'}));
	const merged = {id: 'merged', head: project.commit('after the merge')};
	project.git(['checkout', '--quiet', 'main']);
	const one = branch(project, 'one', {a: nine({4: 'one'})});
	const onBase = {id: 'on-base', head: project.head()};
	expect(await look([merged, one, onBase], project.head())).toEqual([{pair: ['merged', 'one'], files: ['a']}]);
	project.write('b', nine({4: 'by hand', 8: 'again'}));
	project.commit('again');
	expect(await look([merged, one], project.head())).toEqual([{pair: ['merged', 'one'], files: ['a']}]);
});

test('what git does not have, or what shares no history, is passed over, and the others are looked at all the same', async () => {
	const {project, look} = await start();
	const one = branch(project, 'one', {a: nine({4: 'one'})});
	const two = branch(project, 'two', {a: nine({4: 'two'})});
	const foreign = project.git(['commit-tree', '-m', 'foreign', project.git(['rev-parse', 'HEAD^{tree}'])]);
	const strange = [
		{id: 'lost', head: '0123456789012345678901234567890123456789'},
		{id: 'foreign', head: foreign},
		{id: 'hostile', head: '--all'},
	];
	expect(await look([one, ...strange, two], project.head())).toEqual([{pair: ['one', 'two'], files: ['a']}]);
	expect(await look([one, two], 'main')).toEqual([]);
});

test('a look changes nothing in the repository', async () => {
	const {project, look} = await start();
	const one = branch(project, 'one', {a: nine({4: 'one'})});
	const two = branch(project, 'two', {a: nine({4: 'two'})});
	const objects = project.git(['count-objects']);
	await look([one, two], project.head());
	expect(project.git(['count-objects'])).toBe(objects);
});

test('one of fifty branches that moved is compared with its own pairs only', async () => {
	const names = Array.from({length: 50}, (_, at) => at);
	const {project, predictor} = await start(Object.fromEntries(names.map(at => [`src/${at}`, nine()])));
	const imported = names
		.map(at => {
			const changed = [`src/${at}`, `src/${(at + 1) % 50}`].map(
				(path, line) => `M 100644 inline ${path}\ndata <<END\n${nine({4: `${at} ${line}`})}END\n\n`,
			);
			return `commit refs/heads/b${at}\ncommitter P <p@e> 1700000000 +0000\ndata 1\nc\nfrom ${project.head()}\n${changed.join('')}`;
		})
		.join('');
	project.pour(imported);
	const live = names.map(at => ({id: `t${at}`, head: project.head(`b${at}`)}));
	const all = await predictor.look(live, project.head());
	expect(all).toMatchObject({compared: 50});
	expect(all.clashes).toHaveLength(50);
	const moved = project.branch('moved', {'src/7': nine({4: 'moved'})}, 'b7');
	const then = live.map(branch => (branch.id === 't7' ? {...branch, head: moved} : branch));
	expect(await predictor.look(then, project.head())).toMatchObject({compared: 2, clashes: {length: 50}});
	expect(await predictor.look(then, project.head())).toMatchObject({compared: 0, clashes: {length: 50}});
});
