import {execFileSync} from 'node:child_process';
import {
	chmodSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {readWorkTree} from '../../../source/git/diff/patch.ts';
import {prepareTestTree} from '../../../source/git/guardian/test-tree.ts';
import {beginMerge} from '../../../source/git/merge/in-progress.ts';
import {createAttempt} from '../../../source/git/worktree/create.ts';
import {isTouched, takeHead} from '../../../source/git/worktree/look.ts';
import {removeWorktree} from '../../../source/git/worktree/remove.ts';
import {rescueFiles} from '../../../source/git/worktree/save.ts';
import {SAVED, startAttemptTree} from '../../helpers/attempt-tree.ts';

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
		const {project, store, path, from, own, save, gitFolder} = await startAttemptTree();
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
		const {project, path, own, kept, save, gitFolder} = await startAttemptTree();
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
		await expect(save()).rejects.toMatchObject({code: 'lost-commit', message: expect.stringContaining('cannot be read completely')});
		expect(kept('cat-file', '-t', tree)).toBe('tree');
		expect(() => kept('cat-file', '-e', next)).toThrow();
	});

	test('reaches no objects but its own and those of the room by alternates or links, and is told by name', async () => {
		const {project, path, save, gitFolder, kept} = await startAttemptTree();
		project.write('new.txt', 'kept\n', path);
		const alternates = join(gitFolder, 'objects', 'info', 'alternates');
		const before = readFileSync(alternates);
		writeFileSync(alternates, `${before}${join(project.root, '.git', 'objects')}\n`);
		await expect(save()).rejects.toMatchObject({code: 'foreign-git', message: expect.stringContaining('`.git/objects/info/alternates`')});
		writeFileSync(alternates, before);
		for (const name of ['HEAD', 'refs', 'objects', '']) {
			const there = join(gitFolder, name);
			const blockedByChanges = join(project.stateFolder, `aside-${name}`);
			renameSync(there, blockedByChanges);
			symlinkSync(blockedByChanges, there);
			if (name === 'objects') project.commit('so that objects are taken', path);
			await expect(save(), name).rejects.toMatchObject({message: expect.stringMatching(/was replaced by a link or is not a regular file/)});
			rmSync(there);
			renameSync(blockedByChanges, there);
		}
		expect(kept('show', `${(await save()).commit}:new.txt`)).toBe('kept');
	});

	test('links out of its tree: they are saved, shown and checked out as links, and nothing behind them is read or written', async () => {
		const {project, store, path, from, own, kept, save} = await startAttemptTree();
		const outside = join(project.stateFolder, 'outside');
		project.write('secret.txt', 'secret words\n', outside);
		const links = {file: join(outside, 'secret.txt'), folder: outside, above: '../../..', '.gitattributes': join(outside, 'secret.txt')};
		for (const [name, target] of Object.entries(links)) symlinkSync(target, join(path, name));
		const patch = await readWorkTree({store, folder: path, base: from, index: join(project.stateFolder, 'look')});
		expect(patch.files.map(file => file.path).sort()).toEqual(Object.keys(links).sort());
		expect(JSON.stringify(patch)).not.toContain('secret words');
		const {commit} = await save();
		for (const [name, target] of Object.entries(links)) expect(kept('cat-file', 'blob', `${commit}:${name}`)).toBe(target);
		// A second commit has a file where the first has the link: who checks out one after the other must not write through it.
		own('rm', '--quiet', '--cached', 'folder');
		const blob = own('rev-parse', 'HEAD:a.txt');
		own('update-index', '--add', '--cacheinfo', `100644,${blob},folder/secret.txt`);
		own('commit', '--quiet', '-m', 'a folder in place of the link');
		const through = await takeHead(store, path);
		const worktreesFolder = join(project.stateFolder, 'worktrees');
		for (const [at, each] of [commit, through].entries()) {
			const next = await createAttempt({store, worktreesFolder, task: 't-2', attempt: at + 1, from: each});
			expect(lstatSync(join(next.path, 'file')).isSymbolicLink()).toBe(true);
			expect(lstatSync(join(next.path, 'folder')).isSymbolicLink()).toBe(each === commit);
			await removeWorktree({store, folder: next.path});
		}
		for (const candidate of [commit, through, commit])
			await prepareTestTree(store, {candidate, folder: join(project.stateFolder, 'tests')});
		expect(readdirSync(outside)).toEqual(['secret.txt']);
		expect(project.read('secret.txt', outside)).toBe('secret words\n');
	});

	test.each([
		['an address that runs a program', 'sub', 'sub', (trace: string) => `ext::sh -c "touch% ${trace}"`],
		['an address that is an option', 'sub', 'sub', (trace: string) => `--upload-pack=touch ${trace}`],
		['a name that leaves the folder of modules', '../../outside', 'sub', () => './a'],
		['a path that leaves the tree', 'sub', '../outside', () => './a'],
		['an update that is a program', 'sub', 'sub', (trace: string) => `./a\n\tupdate = !touch ${trace}`],
	])(
		'names a submodule with %s: its work is taken, or refused each time, and nothing of it is run or fetched',
		async (_, name, place, url) => {
			const {project, store, path, from, own, kept, save} = await startAttemptTree();
			const hasKept = (id: string): boolean => {
				try {
					return kept('cat-file', '-t', id) === 'commit';
				} catch {
					return false;
				}
			};
			const trace = join(project.stateFolder, 'trace');
			project.write('.gitmodules', `[submodule "${name}"]\n\tpath = ${place}\n\turl = ${url(trace)}\n`, path);
			own('update-index', '--add', '--cacheinfo', `160000,${from},sub`);
			own('add', '.gitmodules');
			own('commit', '--quiet', '-m', 'a submodule');
			const theirs = own('rev-parse', 'HEAD');
			// Which addresses and names git refuses depends on its version; what it refuses once it refuses again, and keeps nothing of.
			const [first, second] = [await save().catch(String), await save().catch(String)];
			expect(typeof second).toBe(typeof first);
			if (typeof first === 'string') expect(first).toContain(`commit \`${theirs.slice(0, 12)}\` of`);
			expect(hasKept(theirs)).toBe(typeof first !== 'string');
			own('reset', '--quiet', '--soft', from);
			const {commit} = await save();
			const next = await createAttempt({
				store,
				worktreesFolder: join(project.stateFolder, 'worktrees'),
				task: 't-2',
				attempt: 1,
				from: commit,
			});
			await prepareTestTree(store, {candidate: commit, folder: join(project.stateFolder, 'tests')});
			for (const folder of [next.path, join(project.stateFolder, 'tests')]) expect(existsSync(join(folder, '..', 'outside'))).toBe(false);
			expect(existsSync(trace)).toBe(false);
		},
	);

	test('keeps its files where its git is refused: they are saved on what was taken over last', async () => {
		const {project, store, path, kept, save, gitFolder} = await startAttemptTree();
		project.write('a.txt', 'first\n', path);
		const {commit: first} = await save();
		project.write('new.txt', 'kept\n', path);
		rmSync(gitFolder, {recursive: true});
		await expect(save()).rejects.toMatchObject({code: 'foreign-git'});
		const {commit} = await rescueFiles({store, worktree: path, message: SAVED});
		expect(kept('rev-parse', `${commit}^`)).toBe(first);
		expect(kept('show', `${commit}:new.txt`)).toBe('kept');
	});

	test('puts pipes where git reads its rules: its work is saved nevertheless', {timeout: 30_000}, async () => {
		const {project, path, save} = await startAttemptTree();
		for (const name of ['.gitattributes', 'new/.gitignore', 'new/deep/.gitignore']) {
			project.write(`${name}.txt`, 'work\n', path);
			execFileSync('mkfifo', [join(path, name)]);
		}
		const {commit, wasDirty} = await save();
		expect(wasDirty).toBe(true);
		expect(project.git(['ls-tree', '-r', '--name-only', commit, 'new/'], path).split('\n')).toEqual([
			'new/.gitignore.txt',
			'new/deep/.gitignore.txt',
		]);
	});

	test('has a packed repository, an ignored file that it added, and one that it hides from its own git: all of it is saved', async () => {
		const {project, path, own, kept, save} = await startAttemptTree();
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
