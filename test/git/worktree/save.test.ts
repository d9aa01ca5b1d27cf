import {existsSync, mkdirSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {createAttempt} from '../../../source/git/worktree/create.ts';
import {commitsBeyond, hasDescended} from '../../../source/git/worktree/list.ts';
import {removeWorktree} from '../../../source/git/worktree/remove.ts';
import {saveWork} from '../../../source/git/worktree/save.ts';
import {createTestRepository} from '../../helpers/repository.ts';

const message = 'Save the work';

const start = async (files: Readonly<Record<string, string>> = {'a.txt': 'one\n', '.gitignore': 'ignored/\n'}) => {
	const project = createTestRepository({files});
	const repository = await openRepository(project.root);
	const from = project.head();
	const {path, branch} = await createAttempt({
		repository,
		worktreesFolder: join(project.stateFolder, 'worktrees'),
		task: 't-1',
		attempt: 1,
		from,
	});
	return {project, repository, path, branch, from, gitFolder: project.git(['rev-parse', '--absolute-git-dir'], path)};
};

describe('saving work', () => {
	test('a clean tree stays at its commit', async () => {
		const {path, from} = await start();
		expect(await saveWork({worktree: path, message})).toEqual({commit: from, wasDirty: false, unsaved: []});
	});

	test('a branch that was deleted beneath the tree is made again where it was, with what is uncommitted', async () => {
		const {project, path, branch} = await start();
		project.write('a.txt', 'committed\n', path);
		const last = project.commit('by the agent', path);
		project.write('b.txt', 'uncommitted\n', path);
		project.git(['update-ref', '-d', `refs/heads/${branch}`], path);
		const {commit, wasDirty} = await saveWork({worktree: path, message});
		expect(wasDirty).toBe(true);
		expect(project.head(branch)).toBe(commit);
		expect(project.head(`${branch}^`)).toBe(last);
		expect(project.git(['show', `${branch}:b.txt`])).toBe('uncommitted');
		rmSync(join(project.git(['rev-parse', '--absolute-git-dir'], path), 'logs'), {recursive: true});
		project.git(['update-ref', '-d', `refs/heads/${branch}`], path);
		await expect(saveWork({worktree: path, message})).rejects.toMatchObject({message: expect.stringContaining('its branch is gone')});
	});

	test('a branch that is not the room’s own is not moved: what was left on it is committed beside it', async () => {
		const {project, path} = await start();
		project.git(['checkout', '--quiet', '--detach']);
		const base = project.head('main');
		project.git(['checkout', '--quiet', 'main'], path);
		project.write('b.txt', 'untested\n', path);
		const {commit, wasDirty} = await saveWork({worktree: path, message});
		expect(wasDirty).toBe(true);
		expect(project.head('main')).toBe(base);
		expect(project.git(['rev-parse', 'HEAD', 'HEAD^'], path).split('\n')).toEqual([commit, base]);
		expect(project.git(['status', '--porcelain'], path)).toBe('');
		expect(project.git(['show', `${commit}:b.txt`])).toBe('untested');
	});

	test('nor is one that was being rebased', async () => {
		const {project, path} = await start();
		project.git(['checkout', '--quiet', '-b', 'theirs']);
		project.write('a.txt', 'theirs\n');
		project.commit('theirs');
		project.git(['checkout', '--quiet', 'main'], path);
		project.write('a.txt', 'ours\n', path);
		const base = project.commit('ours', path);
		expect(() => project.git(['rebase', 'theirs'], path)).toThrow();
		project.write('b.txt', 'untested\n', path);
		const {commit} = await saveWork({worktree: path, message});
		expect(project.head('main')).toBe(base);
		expect(project.git(['rev-parse', 'HEAD'], path)).toBe(commit);
		expect(project.git(['merge-base', base, commit])).toBe(base);
	});

	test('changed, deleted, renamed, staged and untracked files come along, ignored ones do not', async () => {
		const {project, path, branch, from} = await start({'a.txt': 'one\n', 'b.txt': 'b\n', 'c.txt': 'c\n', '.gitignore': 'ignored/\n'});
		project.write('a.txt', 'two\n', path);
		project.write('--new "file"\u001b[31m.txt', 'new\n', path);
		project.write('staged.txt', 'staged\n', path);
		project.git(['add', 'staged.txt'], path);
		project.git(['mv', 'b.txt', 'moved.txt'], path);
		rmSync(join(path, 'c.txt'));
		project.write('ignored/cache', 'x', path);
		const saved = await saveWork({worktree: path, message, author: {name: 'agent:dev:001', email: 'dev@x'}});
		expect(saved).toMatchObject({wasDirty: true, unsaved: []});
		expect(project.head(branch)).toBe(saved.commit);
		expect(project.head(`${saved.commit}^`)).toBe(from);
		expect(project.git(['status', '--porcelain', '--branch'], path)).toBe(`## ${branch}`);
		expect(project.git(['ls-tree', '-r', '-z', '--name-only', saved.commit]).split('\0').filter(Boolean).sort()).toEqual(
			['--new "file"\u001b[31m.txt', '.gitignore', 'a.txt', 'moved.txt', 'staged.txt'].sort(),
		);
		expect(project.git(['log', '-1', '--format=%an %ae %cn%n%B', saved.commit])).toBe(
			'agent:dev:001 dev@x agent-room\nSave the work\n\nSaved-By: agent-room\n',
		);
		expect(await saveWork({worktree: path, message})).toEqual({commit: saved.commit, wasDirty: false, unsaved: []});
	});

	test('a change of the same size within the second of the last save is seen', async () => {
		const {project, path, gitFolder} = await start();
		project.git(['config', 'core.trustctime', 'false']);
		const second = new Date('2026-01-01T00:00:00Z');
		project.write('a.txt', 'wrong\n', path);
		utimesSync(join(path, 'a.txt'), second, second);
		await saveWork({worktree: path, message});
		utimesSync(join(gitFolder, 'index'), second, second);
		project.write('a.txt', 'right\n', path);
		utimesSync(join(path, 'a.txt'), second, second);
		const saved = await saveWork({worktree: path, message});
		expect(saved.wasDirty).toBe(true);
		expect(project.git(['show', `${saved.commit}:a.txt`])).toBe('right');
	});

	test('a lock left by a dead process is not in the way and is cleared', async () => {
		const {project, path, gitFolder} = await start();
		project.write('new.txt', 'x', path);
		for (const name of ['index.lock', 'HEAD.lock']) {
			writeFileSync(join(gitFolder, name), '');
			utimesSync(join(gitFolder, name), new Date(0), new Date(0));
		}
		expect((await saveWork({worktree: path, message})).wasDirty).toBe(true);
		expect(existsSync(join(gitFolder, 'index.lock'))).toBe(false);
		expect(project.git(['status', '--porcelain'], path)).toBe('');
	});

	test('a merge in conflict is saved with its markers and ended', async () => {
		const {project, path, branch} = await start();
		project.write('a.txt', 'ours\n', path);
		const ours = project.commit('ours', path);
		project.branch('theirs', {'a.txt': 'theirs\n', 'other.txt': 'o\n'});
		expect(() => project.git(['merge', 'theirs'], path)).toThrow();
		const {commit} = await saveWork({worktree: path, message});
		expect(project.git(['rev-list', '--parents', '-1', commit])).toBe(`${commit} ${ours}`);
		expect(project.git(['show', `${commit}:a.txt`])).toContain('<<<<<<<');
		expect(project.head(branch)).toBe(commit);
		expect(project.git(['status', '--branch'], path)).toBe(`On branch ${branch}\nnothing to commit, working tree clean`);
	});

	test('a merge whose conflicts are resolved is concluded as a merge', async () => {
		const {project, path} = await start();
		project.write('a.txt', 'ours\n', path);
		const ours = project.commit('ours', path);
		const theirs = project.branch('theirs', {'a.txt': 'theirs\n'});
		expect(() => project.git(['merge', 'theirs'], path)).toThrow();
		project.write('a.txt', 'both\n', path);
		project.git(['add', 'a.txt'], path);
		const {commit} = await saveWork({worktree: path, message});
		expect(project.git(['rev-list', '--parents', '-1', commit])).toBe(`${commit} ${ours} ${theirs}`);
		expect(project.git(['show', `${commit}:a.txt`])).toBe('both');
	});

	test('a rebase that stopped loses neither the branch, nor the replayed commits, nor what was put aside', async () => {
		const {project, path, branch} = await start();
		project.write('first.txt', '1\n', path);
		project.commit('first', path);
		project.write('a.txt', 'ours\n', path);
		const tip = project.commit('second', path);
		project.branch('theirs', {'a.txt': 'theirs\n'});
		project.write('first.txt', 'put aside\n', path);
		expect(() => project.git(['rebase', '--autostash', 'theirs'], path)).toThrow();
		const replayed = project.git(['rev-parse', 'HEAD'], path);
		const {commit} = await saveWork({worktree: path, message});
		expect(project.git(['symbolic-ref', '--short', 'HEAD'], path)).toBe(branch);
		expect(project.head(branch)).toBe(commit);
		for (const kept of [tip, replayed]) expect(project.git(['merge-base', kept, commit])).toBe(kept);
		const parents = project.git(['rev-list', '--parents', '-1', commit]).split(' ').slice(1);
		expect(parents.map(parent => project.git(['show', `${parent}:first.txt`]))).toContain('put aside');
		expect(project.git(['status'], path)).toBe(`On branch ${branch}\nnothing to commit, working tree clean`);
	});

	test('a damaged index is no loss', async () => {
		const {project, path, gitFolder} = await start();
		project.write('new.txt', 'x\n', path);
		writeFileSync(join(gitFolder, 'index'), 'garbage');
		const {commit} = await saveWork({worktree: path, message});
		expect(project.git(['show', `${commit}:new.txt`])).toBe('x');
		expect(project.git(['status', '--porcelain'], path)).toBe('');
	});

	test('what a commit cannot hold is named', async () => {
		const {project, path} = await start();
		const inner = join(path, 'inner');
		mkdirSync(inner);
		project.git(['init', '--quiet'], inner);
		project.write('file', 'x', inner);
		project.commit('inner', inner);
		expect(await saveWork({worktree: path, message})).toMatchObject({wasDirty: true, unsaved: ['inner']});
	});
});

describe('the state of a work tree', () => {
	test('tells how many commits it is ahead', async () => {
		const {project, path, from} = await start();
		expect(await commitsBeyond(path, from)).toBe(0);
		project.write('new.txt', '1', path);
		project.commit('work', path);
		expect(await commitsBeyond(path, from)).toBe(1);
	});

	test('a branch that was deleted beneath its tree has not descended', async () => {
		const {project, path, branch, from} = await start();
		project.git(['update-ref', '-d', `refs/heads/${branch}`]);
		const orphan = project.commit('root', path);
		expect(await hasDescended(path, orphan, from)).toBe(false);
		expect(await hasDescended(path, from, from)).toBe(true);
	});
});

describe('removing a work tree', () => {
	test('keeps what was in it under a salvage ref, and takes the branch', async () => {
		const {project, repository, path, branch} = await start();
		project.write('half.txt', 'half done\n', path);
		expect(await removeWorktree({repository, folder: path})).toEqual({kind: 'removed', salvage: 'refs/agent-room/salvage/t-1-a1'});
		expect(existsSync(path)).toBe(false);
		expect(project.git(['branch', '--list', branch])).toBe('');
		expect(project.git(['show', 'refs/agent-room/salvage/t-1-a1:half.txt'])).toBe('half done');
		expect(project.git(['worktree', 'list']).split('\n')).toHaveLength(1);
	});

	test('needs no salvage for what the base contains', async () => {
		const {project, repository, path, branch} = await start();
		project.write('done.txt', 'x\n', path);
		project.commit('done', path);
		project.git(['merge', '--quiet', branch]);
		expect(await removeWorktree({repository, folder: path})).toEqual({kind: 'removed', salvage: ''});
		expect(project.git(['for-each-ref', 'refs/agent-room'])).toBe('');
	});

	test('with a branch that must be held stays while that branch alone holds its commits', async () => {
		const {project, repository, path, branch} = await start();
		project.write('half.txt', 'half done\n', path);
		const removal = (): ReturnType<typeof removeWorktree> => removeWorktree({repository, folder: path, mustBeHeld: true});
		expect(await removal()).toEqual({kind: 'kept', reason: `only \`${branch}\` holds its commits`});
		expect(project.git(['show', `${branch}:half.txt`])).toBe('half done');
		project.git(['branch', 'later', branch]);
		expect(await removal()).toEqual({kind: 'removed', salvage: ''});
		expect(project.git(['show', 'later:half.txt'])).toBe('half done');
	});

	test('is refused for what no ref can hold, for the main work tree and for strangers', async () => {
		const {project, repository, path} = await start();
		const inner = join(path, 'inner');
		mkdirSync(inner);
		project.git(['init', '--quiet'], inner);
		project.commit('inner', inner);
		expect(await removeWorktree({repository, folder: path})).toEqual({kind: 'kept', reason: 'no commit can hold `inner`'});
		expect(existsSync(join(inner, '.git'))).toBe(true);
		for (const folder of [project.root, project.stateFolder, join(path, 'gone')]) {
			expect((await removeWorktree({repository, folder})).kind).toBe('kept');
		}
	});

	test('an older salvage of the same name is moved aside', async () => {
		const {project, repository, path, from} = await start();
		const old = project.branch('old', {'old.txt': 'old'});
		project.git(['update-ref', 'refs/agent-room/salvage/t-1-a1', old]);
		project.git(['branch', '--quiet', '-D', 'old']);
		project.write('new.txt', 'new\n', path);
		await removeWorktree({repository, folder: path});
		const kept = project.git(['for-each-ref', '--format=%(objectname)', 'refs/agent-room/salvage']).split('\n');
		expect(kept).toHaveLength(2);
		expect(kept).toContain(old);
		expect(kept).not.toContain(from);
	});
});
