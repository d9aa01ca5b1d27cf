import {chmodSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {runGitHere, runGitThrough} from '../../../source/git/process/run.ts';
import {letGitRunHere} from '../../helpers/git-apart.ts';
import {startGuardian} from '../../helpers/guardian.ts';

/** Runs `work` and returns which git commands it needed. */
const commandsOf = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
	const names: string[] = [];
	runGitThrough((folder, args, options) => {
		names.push(args.find(arg => /^[a-z]/.test(arg)) ?? '');
		return runGitHere(folder, args, options);
	});
	try {
		await work();
		return names;
	} finally {
		runGitThrough(undefined);
		letGitRunHere();
	}
};

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

	test('is verified once: while its tests run, and then its merge asks git no more about it; what was refused is judged again', async () => {
		const {guardian, prepare} = await startGuardian();
		const {candidate, expectedBase, task} = await prepare('t-1', {'a.txt': 'task\n'});
		const entries = [{task, candidate, testedCommit: candidate}];
		const asks = (commands: readonly string[]): readonly string[] => commands.filter(name => /^(?:merge-base|diff-tree)$/.test(name));
		const forged = {entries: [{...entries[0], task: 't-2', candidate, testedCommit: candidate}], expectedBase};
		for (const _ of [1, 2]) {
			expect((await commandsOf(() => guardian.verifyAhead(forged))).length).toBeGreaterThan(0);
			expect((await guardian.mergeCandidate(forged)).stopped).toMatchObject({kind: 'unsafe', task: 't-2'});
		}
		expect(asks(await commandsOf(() => guardian.verifyAhead({entries, expectedBase})))).not.toEqual([]);
		const merging = await commandsOf(async () =>
			expect(await guardian.mergeCandidate({entries, expectedBase})).toEqual({merged: [{task, commit: candidate}]}),
		);
		expect([merging.length > 0, asks(merging)]).toEqual([true, []]);
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
