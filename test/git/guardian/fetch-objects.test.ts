import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {bringBranch} from '../../../source/git/guardian/fetch-objects.ts';
import {findLeftovers, removeLeftovers} from '../../../source/git/guardian/leftovers.ts';
import {createAttempt} from '../../../source/git/worktree/create.ts';
import {takeHead} from '../../../source/git/worktree/look.ts';
import {startGuardian} from '../../helpers/guardian.ts';

/** A commit of an attempt, as the room has it. */
const start = async () => {
	const {project, store, guardian} = await startGuardian();
	await guardian.baseHead();
	const {path} = await createAttempt({
		store,
		worktreesFolder: join(project.stateFolder, 'worktrees'),
		task: 't',
		attempt: 1,
		from: project.head(),
	});
	const work = async (content: string): Promise<string> => {
		project.write('a.txt', content, path);
		project.commit('work', path);
		return takeHead(store, path);
	};
	return {project, store, work};
};

describe('a branch that is brought into the person’s repository', () => {
	test('is made once, follows the work while nobody has it open, and nothing else is written', async () => {
		const {project, store, work} = await start();
		const first = await work('one\n');
		const bring = (commit: string, branch = 'agent/t') => bringBranch(store, {commit, branch});
		expect(await bring(first)).toBe('made');
		expect(await bring(first)).toBe('there');
		expect(project.git(['show', 'agent/t:a.txt'])).toBe('one');
		const second = await work('two\n');
		expect(await bring(second)).toBe('moved');
		expect(project.git(['for-each-ref', '--format=%(refname)'])).toBe('refs/heads/agent/t\nrefs/heads/main');
		expect(project.git(['status', '--porcelain', '--branch'])).toBe('## main');
		project.git(['checkout', '--quiet', 'agent/t']);
		const third = await work('three\n');
		await expect(bring(third)).rejects.toMatchObject({
			code: 'branch-exists',
			message: 'the branch `agent/t` is checked out and behind this work',
		});
		expect(project.head('agent/t')).toBe(second);
	});

	test('leaves one with other commits as it is, and refuses a name that is none', async () => {
		const {project, store, work} = await start();
		const commit = await work('one\n');
		const mine = project.branch('mine', {'b.txt': 'mine\n'});
		await expect(bringBranch(store, {commit, branch: 'mine'})).rejects.toMatchObject({
			code: 'branch-exists',
			message: expect.stringContaining('exists with other commits'),
		});
		await expect(bringBranch(store, {commit, branch: 'main'})).rejects.toMatchObject({code: 'branch-exists'});
		project.git(['checkout', '--quiet', '--detach']);
		await expect(bringBranch(store, {commit, branch: 'main'})).rejects.toMatchObject({message: expect.stringContaining('is the base')});
		expect(project.head('mine')).toBe(mine);
		for (const branch of ['--all', 'a..b', 'x y', '', '@{-1}'])
			await expect(bringBranch(store, {commit, branch}), branch).rejects.toMatchObject({code: 'bad-name'});
		project.git(['branch', 'agent']);
		await expect(bringBranch(store, {commit, branch: 'agent/t'})).rejects.toMatchObject({code: 'git-failed', hint: 'Give another name.'});
		expect(await bringBranch(store, {commit, branch: 'other'})).toBe('made');
	});
});

test('what an earlier version has left is found and taken away; what nothing else holds is named, and kept by the room; all else stays', async () => {
	const {project, store} = await start();
	const worktreesFolder = join(project.stateFolder, 'worktrees');
	project.git(['config', 'extensions.preciousObjects', 'true']);
	project.git(['config', 'gc.auto', '0']);
	const merged = project.branch('agent/done-a1', {'done.txt': 'x\n'});
	project.git(['merge', '--quiet', '--ff-only', merged]);
	const lost = project.branch('agent/gone-a2', {'gone.txt': 'x\n'});
	project.branch('agent/open-a1', {'open.txt': 'x\n'});
	project.branch('agent/by-hand', {'mine.txt': 'x\n'});
	project.git(['worktree', 'add', '--quiet', '--lock', '--detach', join(worktreesFolder, 'old-a1')]);
	project.git(['worktree', 'add', '--quiet', '--detach', join(worktreesFolder, 'there-a1')]);
	rmSync(join(worktreesFolder, 'old-a1'), {recursive: true});
	const left = await findLeftovers(store, worktreesFolder, async tasks => new Set(tasks.filter(task => task === 'open')));
	expect(left).toEqual({
		refs: [
			{ref: 'refs/heads/agent/done-a1', commit: merged, task: 'done', own: 0},
			{ref: 'refs/heads/agent/gone-a2', commit: lost, task: 'gone', own: 1},
		],
		gone: [join(worktreesFolder, 'old-a1')],
		present: [join(worktreesFolder, 'there-a1')],
		settings: ['extensions.preciousObjects = true', 'gc.auto = 0'],
	});
	expect(await removeLeftovers(store, left)).toEqual([]);
	expect(project.git(['for-each-ref', '--format=%(refname)'])).toBe('refs/heads/agent/by-hand\nrefs/heads/agent/open-a1\nrefs/heads/main');
	expect(project.git(['--git-dir', store.clone, 'show', `refs/agent-room/salvage/gone-a2-${lost.slice(0, 12)}:gone.txt`])).toBe('x');
	expect(project.git(['worktree', 'list']).split('\n')).toHaveLength(2);
	expect(project.git(['config', '--local', '--list'])).not.toMatch(/preciousobjects|gc\.auto/);
	expect(await findLeftovers(store, worktreesFolder, async () => new Set(['open']))).toMatchObject({refs: [], gone: [], settings: []});
});
