import {chmodSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {startGuardian} from '../../helpers/guardian.ts';

describe('what a candidate must be', () => {
	const message = 'x\n\nRoom-Task: t-1';

	test('only an honest merge of one task onto the head of the base may land', async () => {
		const {project, guardian, mergeCandidate} = await startGuardian();
		const commit = project.branch('task', {'a.txt': 'task\n'});
		project.write('b.txt', 'base\n');
		const onto = project.commit('the base moves on');
		for (const id of [commit, onto]) await guardian.importCommit(id);
		const merged = project.git(['merge-tree', '--write-tree', onto, commit], guardian.folder);
		const forge = async (parents: readonly string[], text: string, tree: string): Promise<string> => {
			const ids = parents.flatMap(parent => ['-p', parent]);
			const candidate = project.git(['commit-tree', ...ids, '-m', text, tree], guardian.folder);
			const refused = await mergeCandidate({candidate, expectedBase: onto, task: 't-1'});
			expect(refused).toMatchObject({kind: 'unsafe', task: 't-1'});
			expect(project.head()).toBe(onto);
			return JSON.stringify(refused);
		};
		const both = [onto, commit];
		expect(await forge(both, message, `${commit}^{tree}`)).toContain('it changes `b.txt`, which the task did not change');
		expect(await forge(both, message, `${onto}^{tree}`)).toContain("it lacks the task's `a.txt`");
		expect(await forge([commit, onto], message, merged)).toContain('its first parent is not');
		expect(await forge([onto], message, merged)).toContain('it is not the merge of one task');
		for (const text of ['x', `${message}\nRoom-Task: t-2`, `${message}\nRoom-Task: t-1`, 'x\n\nRoom-Task: t-2']) {
			expect(await forge(both, text, merged)).toContain('its trailer does not name `t-1`');
		}
		const honest = project.git(['commit-tree', '-p', onto, '-p', commit, '-m', message, merged], guardian.folder);
		expect((await mergeCandidate({candidate: honest, expectedBase: onto, task: 't-1'})).kind).toBe('merged');
	});

	test('renames, deletions, modes and links of an honest merge pass', async () => {
		const {project, guardian, prepare, mergeCandidate} = await startGuardian();
		const long = Array.from({length: 40}, (_, line) => `line ${line}\n`).join('');
		project.write('long.txt', long);
		project.write('tool.sh', 'echo\n');
		project.commit('more');
		const from = project.head();
		project.git(['mv', 'long.txt', 'renamed.txt']);
		project.commit('the base renames');
		const edited = await prepare('t-1', {'long.txt': long.replace('line 3\n', 'line three\n')}, from);
		expect((await mergeCandidate(edited)).kind).toBe('merged');
		expect(project.read('renamed.txt')).toContain('line three');
		const commit = (() => {
			const folder = join(project.stateFolder, 'by-hand');
			project.git(['worktree', 'add', '--quiet', '-b', 'by-hand', folder]);
			project.git(['rm', '--quiet', 'b.txt'], folder);
			project.git(['mv', 'a.txt', 'moved.txt'], folder);
			chmodSync(join(folder, 'tool.sh'), 0o755);
			return project.commit('by hand', folder);
		})();
		project.write('a.txt', 'a\nand more\n');
		const onto = project.commit('the base edits what the task renames');
		const built = await guardian.buildCandidate({commit, onto, task: 't-2', title: 'x', author: 'a'});
		if (built.kind !== 'candidate') throw new Error(JSON.stringify(built));
		expect((await mergeCandidate({candidate: built.commit, expectedBase: onto, task: 't-2'})).kind).toBe('merged');
		expect(project.git(['ls-files', '-s', 'tool.sh'])).toMatch(/^100755/);
	});
});
