import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {readWorkTree} from '../../../source/git/diff/patch.ts';
import {beginMerge} from '../../../source/git/merge/in-progress.ts';
import {importCommits} from '../../../source/git/store/import.ts';
import {createAttempt} from '../../../source/git/worktree/create.ts';
import {commitsBeyond, hasDescended} from '../../../source/git/worktree/list.ts';
import {isTouched, takeHead} from '../../../source/git/worktree/look.ts';
import {removeWorktree} from '../../../source/git/worktree/remove.ts';
import {rescueFiles, saveWork} from '../../../source/git/worktree/save.ts';
import {openTree} from '../../../source/git/worktree/tree.ts';
import {openTestStore} from '../../helpers/guardian.ts';
import {createTestRepository} from '../../helpers/repository.ts';

const message = 'Save the work';

const start = async (files: Readonly<Record<string, string>> = {'a.txt': 'one\n', '.gitignore': 'ignored/\n'}) => {
	const project = createTestRepository({files});
	const store = await openTestStore(project);
	const from = project.head();
	const worktreesFolder = join(project.stateFolder, 'worktrees');
	const {path, branch} = await createAttempt({store, worktreesFolder, task: 't-1', attempt: 1, from});
	/** Plain git in the attempt's own repository, and in the room's objects. */
	const own = (...args: readonly string[]): string => project.git(args, path);
	const kept = (...args: readonly string[]): string => project.git(['--git-dir', store.clone, ...args]);
	const save = () => saveWork({store, worktree: path, message});
	/** Another branch of the attempt's repository, made without touching its tree. */
	const beside = (name: string, files: Readonly<Record<string, string>>): string => {
		const scratch = join(project.stateFolder, `scratch-${name}`);
		own('worktree', 'add', '--quiet', '-b', name, scratch, from);
		for (const [file, content] of Object.entries(files)) project.write(file, content, scratch);
		return project.commit(name, scratch);
	};
	return {project, store, path, branch, from, own, kept, save, beside, gitFolder: join(path, '.git')};
};

describe('saving work', () => {
	test('a clean tree stays at its commit', async () => {
		const {from, save} = await start();
		expect(await save()).toEqual({commit: from, wasDirty: false, unsaved: []});
	});

	test('a branch that was deleted beneath the tree is made again where it was, with what is uncommitted', async () => {
		const {project, path, branch, own, save} = await start();
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
		const {project, path, own, kept, save} = await start();
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
		const {project, path, own, kept, save, beside} = await start();
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
		const {project, path, branch, from, own, kept, save, store} = await start({
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
		const saved = await saveWork({store, worktree: path, message, author: {name: 'agent:dev:001', email: 'dev@x'}});
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
		const {project, store, path, own, kept, save} = await start();
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
		const {project, path, save, gitFolder} = await start();
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
		const {project, path, branch, own, kept, save, beside} = await start();
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
		const {project, path, kept, save, beside} = await start();
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
		const {project, path, branch, own, kept, save, beside} = await start();
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
		const {project, path, kept, save, gitFolder} = await start();
		project.write('new.txt', 'x\n', path);
		writeFileSync(join(gitFolder, 'index'), 'garbage');
		const {commit} = await save();
		expect(kept('show', `${commit}:new.txt`)).toBe('x');
		expect(project.git(['status', '--porcelain'], path)).toBe('');
	});

	test('what a commit cannot hold is named', async () => {
		const {project, path, save} = await start();
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
		const {project, store, path, from} = await start();
		expect(await commitsBeyond(store.clone, await takeHead(store, path), from)).toBe(0);
		project.write('new.txt', '1', path);
		project.commit('work', path);
		expect(await commitsBeyond(store.clone, await takeHead(store, path), from)).toBe(1);
	});

	test('a branch that was deleted beneath its tree has not descended', async () => {
		const {project, store, path, branch, from, own} = await start();
		own('update-ref', '-d', `refs/heads/${branch}`);
		const orphan = project.commit('root', path);
		expect(await takeHead(store, path)).toBe(orphan);
		expect(await hasDescended(store.clone, orphan, from)).toBe(false);
		expect(await hasDescended(store.clone, from, from)).toBe(true);
	});
});

describe('removing a work tree', () => {
	test('keeps what was in it under a salvage ref of the room', async () => {
		const {project, store, path, kept} = await start();
		project.write('half.txt', 'half done\n', path);
		expect(await removeWorktree({store, folder: path})).toEqual({kind: 'removed', salvage: 'refs/agent-room/salvage/t-1-a1'});
		expect(existsSync(path)).toBe(false);
		expect(kept('for-each-ref', '--format=%(refname)', 'refs/agent-room/attempts')).toBe('');
		expect(kept('show', 'refs/agent-room/salvage/t-1-a1:half.txt')).toBe('half done');
		expect(project.git(['for-each-ref', '--format=%(refname)'])).toBe('refs/heads/main');
	});

	test('needs no salvage for what the base contains', async () => {
		const {project, store, path, branch, kept} = await start();
		project.write('done.txt', 'x\n', path);
		project.commit('done', path);
		project.git(['pull', '--quiet', '--ff-only', path, branch]);
		expect(await removeWorktree({store, folder: path})).toEqual({kind: 'removed', salvage: ''});
		expect(kept('for-each-ref', 'refs/agent-room/salvage')).toBe('');
	});

	test('with work that must be held stays while nothing else holds it', async () => {
		const {project, store, path, branch, kept} = await start();
		project.write('half.txt', 'half done\n', path);
		const removal = (): ReturnType<typeof removeWorktree> => removeWorktree({store, folder: path, mustBeHeld: true});
		expect(await removal()).toEqual({kind: 'kept', reason: `only \`${branch}\` holds its commits`});
		expect(kept('show', 'refs/agent-room/attempts/t-1-a1:half.txt')).toBe('half done');
		kept('update-ref', 'refs/agent-room/attempts/t-1-a2', 'refs/agent-room/attempts/t-1-a1');
		expect(await removal()).toEqual({kind: 'removed', salvage: ''});
		expect(kept('show', 'refs/agent-room/attempts/t-1-a2:half.txt')).toBe('half done');
	});

	test('is refused for what no ref can hold, for the main work tree and for strangers', async () => {
		const {project, store, path} = await start();
		const inner = join(path, 'inner');
		mkdirSync(inner);
		project.git(['init', '--quiet'], inner);
		project.commit('inner', inner);
		expect(await removeWorktree({store, folder: path})).toEqual({kind: 'kept', reason: 'no commit can hold `inner`'});
		expect(existsSync(join(inner, '.git'))).toBe(true);
		for (const folder of [project.root, project.stateFolder, join(path, 'gone')])
			expect((await removeWorktree({store, folder})).kind).toBe('kept');
	});

	test('an older salvage of the same name is moved aside', async () => {
		const {project, store, path, from, kept} = await start();
		const old = project.branch('old', {'old.txt': 'old'});
		await importCommits(store, [old]);
		kept('update-ref', 'refs/agent-room/salvage/t-1-a1', old);
		project.write('new.txt', 'new\n', path);
		await removeWorktree({store, folder: path});
		const salvaged = kept('for-each-ref', '--format=%(objectname)', 'refs/agent-room/salvage').split('\n');
		expect(salvaged).toHaveLength(2);
		expect(salvaged).toContain(old);
		expect(salvaged).not.toContain(from);
	});
});

describe('an agent that means harm', () => {
	/** A program that leaves a trace, in each place of its `.git` where git would run one. */
	const trapped = (gitFolder: string, trace: string): void => {
		const trap = join(gitFolder, 'trap');
		writeFileSync(trap, `#!/bin/sh\necho "$0 $*" >>'${trace}'\ncat\n`, {mode: 0o755});
		const keys = ['core.fsmonitor', 'core.sshCommand', 'core.pager', 'diff.external', 'diff.x.textconv', 'merge.x.driver', 'gpg.program'];
		const set = (key: string, value: string): void => void execFileSync('git', ['config', '--file', join(gitFolder, 'config'), key, value]);
		for (const key of keys) set(key, trap);
		for (const name of ['clean', 'smudge', 'process']) set(`filter.x.${name}`, trap);
		set('core.hooksPath', join(gitFolder, 'hooks'));
		for (const name of ['post-index-change', 'reference-transaction', 'pre-commit', 'post-checkout'])
			writeFileSync(join(gitFolder, 'hooks', name), readFileSync(trap), {mode: 0o755});
		mkdirSync(join(gitFolder, 'info'), {recursive: true});
		writeFileSync(join(gitFolder, 'info', 'attributes'), '* filter=x diff=x merge=x\n');
	};

	test('runs nothing as the room by configuration, filters, hooks or attributes in its git, nor in a repository within its tree', async () => {
		const {project, store, path, from, own, save, gitFolder} = await start();
		const trace = join(project.stateFolder, 'trace');
		const inner = join(path, 'sub');
		mkdirSync(inner);
		project.git(['init', '--quiet'], inner);
		project.write('x', 'x\n', inner);
		project.commit('inner', inner);
		own('add', 'sub');
		own('commit', '--quiet', '-m', 'a submodule');
		project.write('.gitattributes', '* filter=x\n', inner);
		project.write('x', 'other\n', inner);
		for (const folder of [gitFolder, join(inner, '.git')]) trapped(folder, trace);
		project.write('.gitattributes', '* filter=x diff=x merge=x\n', path);
		project.write('a.txt', 'work\n', path);
		const patch = await readWorkTree({store, folder: path, base: from, index: join(project.stateFolder, 'look')});
		expect(patch.files.map(file => file.path)).toContain('a.txt');
		expect((await save()).wasDirty).toBe(true);
		await beginMerge({store, worktree: path, theirs: from, subject: 'x'});
		expect(await isTouched(store, path, from)).toBe(true);
		await removeWorktree({store, folder: path});
		expect(existsSync(trace)).toBe(false);
		expect(() => own('status')).toThrow();
	});

	test('shows the room what is, whatever it replaces, grafts or writes under a name of an object', async () => {
		const {project, path, own, kept, save, gitFolder} = await start();
		project.write('a.txt', 'evil\n', path);
		const evil = project.commit('evil', path);
		own('reset', '--quiet', '--hard', 'HEAD^');
		project.write('a.txt', 'good\n', path);
		const good = project.commit('good', path);
		own('replace', evil, good);
		project.write('info/grafts', `${good} ${evil}\n`, gitFolder);
		own('reset', '--quiet', '--hard', evil);
		project.write('a.txt', 'evil\n', path);
		const {commit} = await save();
		expect(commit).toBe(evil);
		expect(kept('show', `${commit}:a.txt`)).toBe('evil');
		// One object under the name of another one, which the base has or not: nothing of it comes in.
		const [blob, tree] = [own('rev-parse', 'HEAD:a.txt'), own('--no-replace-objects', 'rev-parse', 'HEAD^{tree}')];
		project.write('b.txt', 'fake\n', path);
		const next = project.commit('next', path);
		const file = (id: string): string => join(gitFolder, 'objects', id.slice(0, 2), id.slice(2));
		chmodSync(file(next), 0o644);
		writeFileSync(file(next), readFileSync(file(blob)));
		await expect(save()).rejects.toMatchObject({code: 'lost-commit', message: expect.stringContaining('cannot be read whole')});
		expect(kept('cat-file', '-t', tree)).toBe('tree');
		expect(() => kept('cat-file', '-e', next)).toThrow();
	});

	test('reaches no objects but its own and those of the room by alternates or links, and is told by name', async () => {
		const {project, path, save, gitFolder, kept} = await start();
		project.write('new.txt', 'kept\n', path);
		const alternates = join(gitFolder, 'objects', 'info', 'alternates');
		const before = readFileSync(alternates);
		writeFileSync(alternates, `${before}${join(project.root, '.git', 'objects')}\n`);
		await expect(save()).rejects.toMatchObject({code: 'foreign-git', message: expect.stringContaining('`.git/objects/info/alternates`')});
		writeFileSync(alternates, before);
		for (const name of ['HEAD', 'refs', 'objects', '']) {
			const there = join(gitFolder, name);
			const aside = join(project.stateFolder, `aside-${name}`);
			renameSync(there, aside);
			symlinkSync(aside, there);
			if (name === 'objects') project.commit('so that objects are taken', path);
			await expect(save(), name).rejects.toMatchObject({message: expect.stringMatching(/is a link or no plain file/)});
			rmSync(there);
			renameSync(aside, there);
		}
		expect(kept('show', `${(await save()).commit}:new.txt`)).toBe('kept');
	});

	test('keeps its files where its git is refused: they are saved on what was taken over last', async () => {
		const {project, store, path, kept, save, gitFolder} = await start();
		project.write('a.txt', 'first\n', path);
		const {commit: first} = await save();
		project.write('new.txt', 'kept\n', path);
		rmSync(gitFolder, {recursive: true});
		await expect(save()).rejects.toMatchObject({code: 'foreign-git'});
		const {commit} = await rescueFiles({store, worktree: path, message});
		expect(kept('rev-parse', `${commit}^`)).toBe(first);
		expect(kept('show', `${commit}:new.txt`)).toBe('kept');
	});

	test('has a packed repository, an ignored file that it added, and one that it hides from its own git: all of it is saved', async () => {
		const {project, path, own, kept, save} = await start();
		for (const at of Array.from({length: 30}, (_, number) => number)) {
			project.write(`f-${at}.txt`, `${at}\n`, path);
			project.commit(`commit ${at}`, path);
		}
		own('gc', '--quiet', '--prune=now');
		own('update-index', '--assume-unchanged', 'a.txt');
		project.write('a.txt', 'hidden\n', path);
		project.write('ignored/wanted', 'by force\n', path);
		own('add', '--force', 'ignored/wanted');
		const {commit} = await save();
		expect(kept('show', `${commit}:f-29.txt`)).toBe('29');
		expect(kept('show', `${commit}:a.txt`)).toBe('hidden');
		expect(kept('show', `${commit}:ignored/wanted`)).toBe('by force');
		expect(kept('rev-list', '--count', commit)).toBe('32');
	});
});
