import {expect, test} from 'vitest';
import {arrivals} from '../../../source/git/merge/in-progress.ts';
import {createTestRepository} from '../../helpers/repository.ts';

test('what came to the base in the files in conflict: landings by their task, commits of a person, newest first', async () => {
	const project = createTestRepository({files: {a: 'a\n', b: 'b\n'}});
	const ours = project.branch('ours', {a: 'ours\n'});
	project.branch('one', {a: 'one\n'});
	project.git(['merge', '--quiet', '--no-ff', '-m', 'Land the one\n\nRoom-Task: one', 'one']);
	const one = project.head();
	project.branch('other', {b: 'other\n'});
	project.git(['merge', '--quiet', '--no-ff', '-m', 'Land the other\n\nRoom-Task: other', 'other']);
	const other = project.head();
	project.write('a', 'by hand\n');
	const hand = project.commit('Change\u0007 it by hand');
	const told = (files: readonly string[]) => arrivals(project.root, {ours, theirs: hand, files});
	expect(await told(['a'])).toEqual([
		{commit: hand, task: '', subject: 'Change it by hand'},
		{commit: one, task: 'one', subject: 'Land the one'},
	]);
	expect((await told(['b'])).map(({commit}) => commit)).toEqual([other]);
	expect((await told([])).map(({commit}) => commit)).toEqual([hand, other, one]);
	expect(await arrivals(project.root, {ours: '--all', theirs: hand, files: []})).toEqual([]);
});
