import {symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {repositoryOverview} from '../../../source/git/repository/overview.ts';
import {createTestRepository} from '../../helpers/repository.ts';

test('an overview counts folders, the large ones opened, endings and the first lines of the README', async () => {
	const many = Object.fromEntries(Array.from({length: 25}, (_, index) => [`src/${index < 20 ? 'db' : 'ui'}/f${index}.ts`, '']));
	const readme = Array.from({length: 200}, (_, index) => `line ${index + 1}`).join('\n');
	const repository = createTestRepository({files: {...many, 'docs/a b/ü.md': '', 'ReadMe.md': readme, Makefile: '', '.env.example': ''}});
	const overview = await repositoryOverview({root: repository.root}, 'main');
	expect(overview).toMatchObject({
		files: 29,
		folders: [
			{name: 'docs/', files: 1},
			{name: 'src/', files: 25},
			{name: 'src/db/', files: 20},
			{name: 'src/ui/', files: 5},
		],
		top: ['.env.example', 'Makefile', 'ReadMe.md'],
	});
	expect(overview.endings.slice(0, 2)).toEqual([
		{name: '.ts', files: 25},
		{name: '.md', files: 2},
	]);
	expect(overview.readme.split('\n')).toHaveLength(60);
	expect(overview.readme).toMatch(/^line 1\n/);
});

test('a repository without a README has an overview all the same, and a link for one is read as the link that it is', async () => {
	const repository = createTestRepository({files: {a: ''}});
	expect(await repositoryOverview({root: repository.root}, 'main')).toEqual({files: 1, folders: [], top: ['a'], endings: [], readme: ''});
	symlinkSync('/etc/passwd', join(repository.root, 'README'));
	repository.commit('A link');
	expect((await repositoryOverview({root: repository.root}, 'main')).readme).toBe('/etc/passwd');
});
