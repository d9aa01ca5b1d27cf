import {existsSync, mkdirSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {commitsBeyond, hasDescended} from '../../../source/git/worktree/list.ts';
import {takeHead} from '../../../source/git/worktree/look.ts';
import {saveWork} from '../../../source/git/worktree/save.ts';
import {openTree} from '../../../source/git/worktree/tree.ts';
import {askedOfGit} from '../../helpers/asked-of-git.ts';
import {SAVED, startAttemptTree} from '../../helpers/attempt-tree.ts';

describe('saving work', () => {
	test('a clean tree stays at its commit', async () => {
		const {from, save} = await startAttemptTree();
		expect(await save()).toEqual({commit: from, wasDirty: false, unsaved: []});
	});

	test('a change costs four git processes, and what no commit can hold is named whatever it was before', async () => {
		const {project, path, own, save} = await startAttemptTree();
		project.write('b.txt', 'new\n', path);
		expect(await askedOfGit(save)).toEqual(['status', 'add', 'write-tree', 'commit-tree']);
		project.write('a.txt', 'changed\n', path);
		project.write('new/folder/c.txt', 'new\n', path);
		expect(await askedOfGit(save)).toEqual(['status', 'add', 'write-tree', 'commit-tree']);
		const nest = (name: string): void => {
			own('init', '--quiet', name);
			project.write('x', 'x\n', join(path, name));
			project.commit('nested', join(path, name));
		};
		nest('deep/in/new');
		expect(await save()).toMatchObject({wasDirty: true, unsaved: ['deep/in/new']});
		rmSync(join(path, 'a.txt'));
		nest('a.txt');
		expect(await save()).toMatchObject({wasDirty: true, unsaved: ['a.txt']});
		project.write('x', 'y\n', join(path, 'a.txt'));
		project.commit('moved on', join(path, 'a.txt'));
		expect(await save()).toMatchObject({wasDirty: true, unsaved: ['a.txt']});
	});

	test('a branch that was deleted beneath the tree is made again where it was, with what is uncommitted', async () => {
		const {project, path, branch, own, save} = await startAttemptTree();
		project.write('a.txt', 'committed\n', path);
		const last = project.commit('by the agent', path);
		project.write('b.txt', 'uncommitted\n', path);
		project.git(['update-ref', '-d', `refs/heads/${branch}`], path);
		const {commit, wasDirty} = await save();
		expect(wasDirty).toBe(true);
		expect(own('rev-parse', branch)).toBe(commit);
		expect(own('rev-parse', `${branch}^`)).toBe(last);
		expect(own('show', `${branch}:b.txt`)).toBe('uncommitted');
		rmSync(join(path, '.git', 'logs'), {recursive: true});
		project.git(['update-ref', '-d', `refs/heads/${branch}`], path);
		await expect(save()).rejects.toMatchObject({message: expect.stringContaining('its branch is gone')});
	});

	test('a branch that is not the room’s own is not moved: what was left on it is committed beside it', async () => {
		const {project, path, own, kept, save} = await startAttemptTree();
		const base = own('rev-parse', 'main');
		project.git(['checkout', '--quiet', 'main'], path);
		project.write('b.txt', 'untested\n', path);
		const {commit, wasDirty} = await save();
		expect(wasDirty).toBe(true);
		expect(own('rev-parse', 'main')).toBe(base);
		expect(project.git(['rev-parse', 'HEAD', 'HEAD^'], path).split('\n')).toEqual([commit, base]);
		expect(project.git(['status', '--porcelain'], path)).toBe('');
		expect(kept('show', `${commit}:b.txt`)).toBe('untested');
	});

	test('a branch that is not the room’s own is not moved either where it was being rebased', async () => {
		const {project, path, own, kept, save, beside} = await startAttemptTree();
		beside('theirs', {'a.txt': 'theirs\n'});
		own('checkout', '--quiet', 'main');
		project.write('a.txt', 'ours\n', path);
		const base = project.commit('ours', path);
		expect(() => project.git(['rebase', 'theirs'], path)).toThrow();
		project.write('b.txt', 'untested\n', path);
		const {commit} = await save();
		expect(own('rev-parse', 'main')).toBe(base);
		expect(project.git(['rev-parse', 'HEAD'], path)).toBe(commit);
		expect(kept('merge-base', base, commit)).toBe(base);
	});

	test('changed, deleted, renamed, staged and untracked files come along, ignored ones do not', async () => {
		const {project, path, branch, from, own, kept, save, store} = await startAttemptTree({
			'a.txt': 'one\n',
			'b.txt': 'b\n',
			'c.txt': 'c\n',
			'.gitignore': 'ignored/\n',
		});
		project.write('a.txt', 'two\n', path);
		project.write('--new "file"\u001b[31m.txt', 'new\n', path);
		project.write('staged.txt', 'staged\n', path);
		project.git(['add', 'staged.txt'], path);
		project.git(['mv', 'b.txt', 'moved.txt'], path);
		rmSync(join(path, 'c.txt'));
		project.write('ignored/cache', 'x', path);
		const saved = await saveWork({store, worktree: path, message: SAVED, author: {name: 'agent:dev:001', email: 'dev@x'}});
		expect(saved).toMatchObject({wasDirty: true, unsaved: []});
		expect(own('rev-parse', branch)).toBe(saved.commit);
		expect(kept('rev-parse', `${saved.commit}^`)).toBe(from);
		expect(project.git(['status', '--porcelain', '--branch'], path)).toBe(`## ${branch}`);
		expect(kept('ls-tree', '-r', '-z', '--name-only', saved.commit).split('\0').filter(Boolean).sort()).toEqual(
			['--new "file"\u001b[31m.txt', '.gitignore', 'a.txt', 'moved.txt', 'staged.txt'].sort(),
		);
		expect(kept('log', '-1', '--format=%an %ae %cn%n%B', saved.commit)).toBe(
			'agent:dev:001 dev@x agent-room\nSave the work\n\nSaved-By: agent-room\n',
		);
		expect(await save()).toEqual({commit: saved.commit, wasDirty: false, unsaved: []});
	});

	test('a change of the same size within the second of the last save is seen', async () => {
		const {project, store, path, own, kept, save} = await startAttemptTree();
		own('config', 'core.trustctime', 'false');
		const second = new Date('2026-01-01T00:00:00Z');
		project.write('a.txt', 'wrong\n', path);
		utimesSync(join(path, 'a.txt'), second, second);
		await save();
		utimesSync(join(openTree(store, path).gitDir, 'index'), second, second);
		project.write('a.txt', 'right\n', path);
		utimesSync(join(path, 'a.txt'), second, second);
		const saved = await save();
		expect(saved.wasDirty).toBe(true);
		expect(kept('show', `${saved.commit}:a.txt`)).toBe('right');
	});

	test('a lock left by a dead process is not in the way and is cleared', async () => {
		const {project, path, save, gitFolder} = await startAttemptTree();
		project.write('new.txt', 'x', path);
		for (const name of ['index.lock', 'HEAD.lock']) {
			writeFileSync(join(gitFolder, name), '');
			utimesSync(join(gitFolder, name), new Date(0), new Date(0));
		}
		expect((await save()).wasDirty).toBe(true);
		expect(existsSync(join(gitFolder, 'index.lock'))).toBe(false);
		expect(project.git(['status', '--porcelain'], path)).toBe('');
	});

	test('a merge in conflict is saved with its markers and ended', async () => {
		const {project, path, branch, own, kept, save, beside} = await startAttemptTree();
		project.write('a.txt', 'ours\n', path);
		const ours = project.commit('ours', path);
		beside('theirs', {'a.txt': 'theirs\n', 'other.txt': 'o\n'});
		expect(() => project.git(['merge', 'theirs'], path)).toThrow();
		const {commit} = await save();
		expect(kept('rev-list', '--parents', '-1', commit)).toBe(`${commit} ${ours}`);
		expect(kept('show', `${commit}:a.txt`)).toContain('<<<<<<<');
		expect(own('rev-parse', branch)).toBe(commit);
		expect(project.git(['status', '--branch'], path)).toBe(`On branch ${branch}\nnothing to commit, working tree clean`);
	});

	test('a merge whose conflicts are resolved is concluded as a merge', async () => {
		const {project, path, kept, save, beside} = await startAttemptTree();
		project.write('a.txt', 'ours\n', path);
		const ours = project.commit('ours', path);
		const theirs = beside('theirs', {'a.txt': 'theirs\n'});
		expect(() => project.git(['merge', 'theirs'], path)).toThrow();
		project.write('a.txt', 'both\n', path);
		project.git(['add', 'a.txt'], path);
		const {commit} = await save();
		expect(kept('rev-list', '--parents', '-1', commit)).toBe(`${commit} ${ours} ${theirs}`);
		expect(kept('show', `${commit}:a.txt`)).toBe('both');
	});

	test('a rebase that stopped loses neither the branch, nor the replayed commits, nor what was put aside', async () => {
		const {project, path, branch, own, kept, save, beside} = await startAttemptTree();
		project.write('first.txt', '1\n', path);
		project.commit('first', path);
		project.write('a.txt', 'ours\n', path);
		const tip = project.commit('second', path);
		beside('theirs', {'a.txt': 'theirs\n'});
		project.write('first.txt', 'put aside\n', path);
		expect(() => project.git(['rebase', '--autostash', 'theirs'], path)).toThrow();
		const replayed = project.git(['rev-parse', 'HEAD'], path);
		const {commit} = await save();
		expect(project.git(['symbolic-ref', '--short', 'HEAD'], path)).toBe(branch);
		expect(own('rev-parse', branch)).toBe(commit);
		for (const known of [tip, replayed]) expect(kept('merge-base', known, commit)).toBe(known);
		const parents = kept('rev-list', '--parents', '-1', commit).split(' ').slice(1);
		expect(parents.map(parent => kept('show', `${parent}:first.txt`))).toContain('put aside');
		expect(project.git(['status'], path)).toBe(`On branch ${branch}\nnothing to commit, working tree clean`);
	});

	test('a damaged index is no loss', async () => {
		const {project, path, kept, save, gitFolder} = await startAttemptTree();
		project.write('new.txt', 'x\n', path);
		writeFileSync(join(gitFolder, 'index'), 'garbage');
		const {commit} = await save();
		expect(kept('show', `${commit}:new.txt`)).toBe('x');
		expect(project.git(['status', '--porcelain'], path)).toBe('');
	});

	test('what a commit cannot hold is named', async () => {
		const {project, path, save} = await startAttemptTree();
		const inner = join(path, 'inner');
		mkdirSync(inner);
		project.git(['init', '--quiet'], inner);
		project.write('file', 'x', inner);
		project.commit('inner', inner);
		expect(await save()).toMatchObject({wasDirty: true, unsaved: ['inner']});
	});
});

describe('the state of a work tree', () => {
	test('tells how many commits it is ahead', async () => {
		const {project, store, path, from} = await startAttemptTree();
		expect(await commitsBeyond(store.clone, await takeHead(store, path), from)).toBe(0);
		project.write('new.txt', '1', path);
		project.commit('work', path);
		expect(await commitsBeyond(store.clone, await takeHead(store, path), from)).toBe(1);
	});

	test('a branch that was deleted beneath its tree has not descended', async () => {
		const {project, store, path, branch, from, own} = await startAttemptTree();
		own('update-ref', '-d', `refs/heads/${branch}`);
		const orphan = project.commit('root', path);
		expect(await takeHead(store, path)).toBe(orphan);
		expect(await hasDescended(store.clone, orphan, from)).toBe(false);
		expect(await hasDescended(store.clone, from, from)).toBe(true);
	});
});
