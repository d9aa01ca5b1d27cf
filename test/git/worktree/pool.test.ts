import {execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {createAttempt, createDetachedWorktree} from '../../../source/git/worktree/create.ts';
import {makeAhead, poolSettled} from '../../../source/git/worktree/pool.ts';
import {removeWorktree} from '../../../source/git/worktree/remove.ts';
import {openTestStore} from '../../helpers/guardian.ts';
import {createTestRepository} from '../../helpers/repository.ts';

const many = (count: number): Record<string, string> =>
	Object.fromEntries(Array.from({length: count}, (_, at) => [`src/m${at % 40}/f${at}.ts`, `${at}\n`]));

/** A repository that is worth it, and a removed worktree whose agent had done `work` in it. */
const start = async ({files = 1000, work = () => {}}: {files?: number; work?: (folder: string) => void} = {}) => {
	const project = createTestRepository({files: {...many(files), '.gitignore': 'node_modules/\n', 'a.txt': 'a\n', 'b.txt': 'b\n'}});
	const store = await openTestStore(project);
	const worktreesFolder = join(project.stateFolder, 'worktrees');
	const attempt = (task: string, from = project.head()) => createAttempt({store, worktreesFolder, task, attempt: 1, from});
	const first = await attempt('first');
	/** Which file it is: the number of one that was removed may be given again. */
	const inode = (folder: string): string => {
		const {ino, birthtimeNs} = statSync(join(folder, 'src', 'm0', 'f0.ts'), {bigint: true});
		return `${ino} ${birthtimeNs}`;
	};
	const before = inode(first.path);
	work(first.path);
	const removal = await removeWorktree({store, folder: first.path});
	await poolSettled();
	const pool = join(worktreesFolder, '.spare');
	const pooledTrees = (): readonly string[] => (existsSync(pool) ? readdirSync(pool) : []);
	const isReused = (folder: string): boolean => inode(folder) === before;
	/** Everything in a worktree but its `.git`, ignored files too: what differs from a plain checkout of the commit. */
	const strange = (folder: string): string => project.git(['status', '--porcelain', '--ignored', '--untracked-files=all'], folder);
	const differs = (folder: string, commit: string): string => {
		rmSync(join(folder, '.git', 'index'));
		project.git(['read-tree', commit], folder);
		return strange(folder);
	};
	return {project, store, worktreesFolder, attempt, first, removal, pooledTrees, isReused, differs};
};

describe('the files of a removed worktree', () => {
	test('serve the next one: only what differs is written, and nothing else of it is left', async () => {
		const {project, store, attempt, first, removal, pooledTrees, isReused, differs} = await start({
			work: folder => {
				writeFileSync(join(folder, 'a.txt'), 'work\n');
				writeFileSync(join(folder, 'new.txt'), 'work\n');
				mkdirSync(join(folder, 'node_modules'));
				writeFileSync(join(folder, 'node_modules', 'ignored'), 'x');
				// A repository that git would use in that folder, and that no `git clean` removes.
				for (const name of ['objects', 'refs']) mkdirSync(join(folder, 'src', 'm1', '.git', name), {recursive: true});
				writeFileSync(join(folder, 'src', 'm1', '.git', 'HEAD'), 'ref: refs/heads/x\n');
			},
		});
		expect(removal).toEqual({kind: 'removed', salvage: 'refs/agent-room/salvage/first-a1'});
		expect(project.git(['--git-dir', store.clone, 'show', 'refs/agent-room/salvage/first-a1:new.txt'])).toBe('work');
		expect(existsSync(first.path)).toBe(false);
		expect(pooledTrees()).toHaveLength(1);
		const commit = project.branch('other', {'b.txt': 'other\n', 'src/m0/new.ts': 'new\n'});
		const second = await attempt('second', commit);
		expect(isReused(second.path)).toBe(true);
		expect(existsSync(join(second.path, 'src', 'm1', '.git'))).toBe(false);
		// What it was taken from goes in the background.
		await expect.poll(pooledTrees, {timeout: 20_000}).toEqual([]);
		expect(project.git(['status', '--porcelain', '--branch'], second.path)).toBe('## agent/second-a1');
		expect(
			project
				.git(['reflog', 'HEAD', '--format=%H'], second.path)
				.split('\n')
				.every(id => id === commit),
		).toBe(true);
		expect(differs(second.path, commit)).toBe('');
		expect(project.read('b.txt', second.path)).toBe('other\n');
	});

	test('hold nothing that an agent had hidden from git', async () => {
		const {project, attempt, isReused, differs} = await start({
			work: folder => {
				for (const [name, flag] of [
					['a.txt', '--assume-unchanged'],
					['b.txt', '--skip-worktree'],
				] as const) {
					execFileSync('git', ['update-index', flag, name], {cwd: folder});
					const {atime, mtime} = statSync(join(folder, name));
					writeFileSync(join(folder, name), 'z\n');
					utimesSync(join(folder, name), atime, mtime);
				}
			},
		});
		const second = await attempt('second');
		expect(isReused(second.path)).toBe(true);
		expect(project.read('a.txt', second.path) + project.read('b.txt', second.path)).toBe('a\nb\n');
		expect(differs(second.path, project.head())).toBe('');
	});

	test('are not used while a process of the earlier agent still works in them', async () => {
		const {attempt, pooledTrees, isReused} = await start({
			work: folder => {
				const child = spawn('sleep', ['600'], {cwd: join(folder, 'src'), stdio: 'ignore'});
				onTestFinished(() => void child.kill('SIGKILL'));
			},
		});
		expect(pooledTrees()).toEqual([]);
		expect(isReused((await attempt('second')).path)).toBe(false);
	});

	test.each<[string, (project: ReturnType<typeof createTestRepository>) => void]>([
		['line ends', project => project.write('.gitattributes', '*.txt eol=crlf\n')],
		['settings', project => project.git(['config', 'core.autocrlf', 'true'])],
		['attributes of the repository', project => project.write('.git/info/attributes', '*.txt eol=crlf\n')],
	])('are not used when other %s hold for the next one', async (_what, change) => {
		const {project, attempt, pooledTrees, isReused} = await start();
		change(project);
		const second = await attempt('second', project.commit('other rules'));
		expect(isReused(second.path)).toBe(false);
		expect(project.read('a.txt', second.path)).toBe('a\r\n');
		expect(pooledTrees().filter(name => name.startsWith('tree-'))).toEqual([]);
	});

	test('serve reviewers too, each tree once, and a few are kept at most', async () => {
		const {project, store, worktreesFolder, attempt, pooledTrees} = await start();
		const review = (name: string) => createDetachedWorktree({store, folder: join(worktreesFolder, name), commit: project.head()});
		await Promise.all(['r-1', 'r-2', 'r-3', 'r-4', 'r-5', 'r-6'].map(review));
		const last = await attempt('last');
		expect(pooledTrees()).toEqual([]);
		for (const name of ['r-1', 'r-2', 'r-3', 'r-4', 'r-5', 'r-6']) await removeWorktree({store, folder: join(worktreesFolder, name)});
		await poolSettled();
		expect(pooledTrees()).toHaveLength(4);
		expect(readdirSync(worktreesFolder).sort()).toEqual(['.spare', 'last-a1']);
		expect(project.git(['status', '--porcelain'], last.path)).toBe('');
	});

	test('are not kept where a few are made faster, and what a killed room left half-way is removed', async () => {
		const {worktreesFolder, store, attempt, pooledTrees} = await start({files: 20});
		expect(pooledTrees()).toEqual([]);
		expect(existsSync(join(worktreesFolder, '.spare'))).toBe(false);
		const big = await start();
		mkdirSync(join(big.worktreesFolder, '.spare', 'half-4000000-abc', 'tree'), {recursive: true});
		const second = await big.attempt('second');
		await removeWorktree({store: big.store, folder: second.path});
		await poolSettled();
		expect(big.pooledTrees().filter(name => name.includes('4000000'))).toEqual([]);
		await removeWorktree({store, folder: (await attempt('second')).path});
	});
});

describe('worktrees made ahead', () => {
	/** A room that has begun nothing yet, with worktrees ahead of its first claims. */
	const ahead = async (files = 1000) => {
		const project = createTestRepository({files: {...many(files), 'a.txt': 'a\n'}});
		const store = await openTestStore(project);
		const worktreesFolder = join(project.stateFolder, 'worktrees');
		const more = async (): Promise<readonly string[]> => {
			makeAhead(store, worktreesFolder);
			await poolSettled();
			const pool = join(worktreesFolder, '.spare');
			return existsSync(pool) ? readdirSync(pool) : [];
		};
		return {project, store, worktreesFolder, more};
	};

	test('serve the first claims, also of another commit, and are made again', async () => {
		const {project, store, worktreesFolder, more} = await ahead();
		const made = await more();
		expect(made.map(name => name.split('-')[0])).toEqual(['tree', 'tree']);
		const inodes = made.map(name => statSync(join(worktreesFolder, '.spare', name, 'tree', 'src', 'm0', 'f0.ts')).ino);
		const commit = project.branch('other', {'a.txt': 'other\n', 'src/m0/new.ts': 'new\n'});
		const {path} = await createAttempt({store, worktreesFolder, task: 'first', attempt: 1, from: commit});
		expect(inodes).toContain(statSync(join(path, 'src', 'm0', 'f0.ts')).ino);
		expect(project.git(['status', '--porcelain', '--ignored', '--branch'], path)).toBe('## agent/first-a1');
		expect(project.read('a.txt', path) + project.read('src/m0/new.ts', path)).toBe('other\nnew\n');
		expect(await more()).toHaveLength(2);
		// Enough of them.
		expect(await more()).toHaveLength(2);
	});

	test('are given up where files cannot be written out as they are in the commit', async () => {
		const {project, worktreesFolder, more} = await ahead();
		// Whether git sees line ends as changed that it has just written depends on whether the second has changed since: this fails always.
		for (const [key, value] of Object.entries({clean: 'cat', smudge: 'false', required: 'true'}))
			project.git(['config', `filter.broken.${key}`, value]);
		project.write('a.txt', 'one\n');
		project.write('.gitattributes', 'a.txt filter=broken\n');
		project.commit('a filter');
		expect(await more()).toEqual([]);
		expect(existsSync(join(worktreesFolder, '.spare'))).toBe(false);
	});

	test('are not made of few files', async () => {
		const {worktreesFolder, more} = await ahead(20);
		expect(await more()).toEqual([]);
		// Not even for a moment, in which a room may be killed.
		expect(existsSync(worktreesFolder)).toBe(false);
	});
});
