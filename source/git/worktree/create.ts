import {constants, copyFileSync, existsSync, lstatSync, mkdirSync, realpathSync, rmSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import {dirname, join, relative, resolve, sep} from 'node:path';
import {withRepositoryLock} from '../lock/lock-file.ts';
import {clearStaleLock} from '../lock/stale-lock.ts';
import {attemptBranch, attemptName, isObjectId, oneLine} from '../process/names.ts';
import {GitRefused, git} from '../process/run.ts';
import {readRef} from '../repository/refs.ts';
import type {Repository} from '../repository/repository.ts';
import {createTurns, fillFromSpare} from './pool.ts';

const done = new Set<string>();

/**
 * Keeps `git gc --prune=now` and `repack -ad` of one agent from deleting objects that another has written and not yet referenced
 * (measured: half of 500 parallel commits failed). Both settings are the repository's own and stay: a room may die at any instant,
 * its agents' tools live on. `git gc` then still packs refs; to undo: `git config --unset extensions.preciousObjects`.
 * Call it under the repository's lock; it writes once per repository and never overrides a person's own value.
 */
const protectObjects = async ({root, commonDir}: Repository): Promise<void> => {
	if (done.has(commonDir)) return;
	await clearStaleLock(join(commonDir, 'config.lock'));
	for (const [key, value] of [
		['extensions.preciousObjects', 'true'],
		['gc.auto', '0'],
	] as const) {
		const {code} = await git(root, ['config', '--local', '--get', key], {accept: [1]});
		if (code === 1) await git(root, ['config', '--local', key, value]);
	}
	done.add(commonDir);
};

const LOCK_REASON = 'agent-room: holds the work of an agent';

/** A work tree of one attempt at one task. */
export type Attempt = {readonly branch: string; readonly path: string; readonly attempt: number};

/**
 * A new branch and its work tree, started from a commit. Only the registration happens under the repository's lock; files are written
 * after it, so that fifty agents check out side by side. On failure neither branch nor folder is left.
 * @throws GitRefused `branch-exists`, `folder-exists`, `git-failed`.
 */
export const createWorktree = async (options: {repository: Repository; folder: string; branch: string; from: string}): Promise<void> => {
	const {repository, folder, branch, from} = options;
	await withRepositoryLock(repository.commonDir, async () => {
		if (existsSync(folder)) throw new GitRefused('folder-exists', `\`${oneLine(folder)}\` exists already`);
		if (await hasRef(repository, `refs/heads/${branch}`))
			throw new GitRefused('branch-exists', `branch \`${oneLine(branch)}\` exists already`);
		await register(repository, folder, from, branch);
	});
	await fill(repository, folder, from, branch);
};

/**
 * The work tree of an attempt in `worktreesFolder`, on branch `agent/<task>-a<attempt>`. A number whose branch or folder exists is
 * skipped: what an earlier attempt left is never touched, and a late writer of it never writes into this one.
 */
export const createAttempt = async (options: {
	repository: Repository;
	worktreesFolder: string;
	task: string;
	attempt: number;
	from: string;
}): Promise<Attempt> => {
	const {repository, worktreesFolder, task, from} = options;
	const made = await withRepositoryLock(repository.commonDir, async () => {
		let attempt = Math.max(1, options.attempt);
		const pathOf = (): string => join(worktreesFolder, attemptName(task, attempt));
		while (existsSync(pathOf()) || (await hasRef(repository, `refs/heads/${attemptBranch(task, attempt)}`))) attempt += 1;
		const branch = attemptBranch(task, attempt);
		await register(repository, pathOf(), from, branch);
		return {branch, path: pathOf(), attempt};
	});
	await fill(repository, made.path, from, made.branch);
	return made;
};

/** A work tree without a branch at exactly one commit, for reviewers. */
export const createDetachedWorktree = async (options: {repository: Repository; folder: string; commit: string}): Promise<void> => {
	const {repository, folder, commit} = options;
	await withRepositoryLock(repository.commonDir, async () => {
		if (existsSync(folder)) throw new GitRefused('folder-exists', `\`${oneLine(folder)}\` exists already`);
		await register(repository, folder, commit);
	});
	await fill(repository, folder, commit);
};

/** Takes back the work tree and branch of an attempt in which nobody has worked: only what its `setup` wrote goes with them. */
export const discardAttempt = async (repository: Repository, {path, branch}: Attempt): Promise<void> => {
	await withRepositoryLock(repository.commonDir, () => undo(repository, path, branch));
};

/** Puts a detached work tree at another commit: tracked files exactly, untracked ones gone, ignored ones (caches, dependencies) kept. */
export const resetWorktree = async (path: string, commit: string): Promise<void> => {
	await git(path, ['checkout', '--quiet', '--detach', '--force', requireCommit(commit), '--']);
	await git(path, ['clean', '--quiet', '-ffd']);
};

const hasRef = async ({root, commonDir}: Repository, ref: string): Promise<boolean> => {
	// Where refs are files, looking is enough; a file that holds no id (another ref's name) counts as one too.
	if (!existsSync(join(commonDir, 'reftable'))) return existsSync(join(commonDir, ref)) || readRef(commonDir, ref) !== '';
	return (await git(root, ['show-ref', '--verify', '--quiet', '--end-of-options', ref], {accept: [1]})).code === 0;
};

const requireCommit = (commit: string): string => {
	if (isObjectId(commit)) return commit;
	throw new GitRefused('no-commit', `\`${oneLine(commit)}\` is not a commit id`);
};

const register = async (repository: Repository, folder: string, commit: string, branch?: string): Promise<void> => {
	requireCommit(commit);
	await protectObjects(repository);
	mkdirSync(dirname(folder), {recursive: true, mode: 0o700});
	if (branch !== undefined) await clearStaleLock(join(repository.commonDir, 'refs', 'heads', `${branch}.lock`));
	const kind = branch === undefined ? ['--detach'] : ['--no-track', '-b', branch];
	try {
		await git(repository.root, [
			'worktree',
			'add',
			'--quiet',
			'--no-checkout',
			'--lock',
			'--reason',
			LOCK_REASON,
			...kind,
			'--',
			folder,
			commit,
		]);
	} catch (error) {
		await undo(repository, folder, branch);
		throw error;
	}
};

/**
 * Files are written for as many work trees at once as there are cores: fifty side by side would all be ready as late as the last of
 * fifty one after the other.
 */
const inTurn = createTurns(availableParallelism());

const fill = async (repository: Repository, folder: string, commit: string, branch?: string): Promise<void> => {
	try {
		await inTurn(async () => {
			await fillFromSpare(repository, folder, commit);
			await git(folder, ['reset', '--quiet', '--hard', 'HEAD', '--']);
		});
	} catch (error) {
		await withRepositoryLock(repository.commonDir, () => undo(repository, folder, branch));
		throw error;
	}
};

/** Takes back a work tree that was made a moment ago and in which nobody has worked. */
const undo = async ({root}: Repository, folder: string, branch?: string): Promise<void> => {
	await git(root, ['worktree', 'remove', '--force', '--force', '--', folder], {accept: [128]});
	rmSync(folder, {recursive: true, force: true});
	if (branch !== undefined) await git(root, ['update-ref', '-d', `refs/heads/${branch}`], {accept: [1, 128]});
};

/**
 * Copies the config's `copy` list into a new work tree. Only plain files that really lie inside the root and would really lie inside
 * the work tree: never through a symbolic link, never over an existing file.
 * @returns the names that were not copied: missing, no plain file, or outside.
 */
export const copyFiles = (root: string, worktree: string, names: readonly string[]): readonly string[] =>
	names.filter(name => !copyOne(realpathSync(root), realpathSync(worktree), name));

const copyOne = (root: string, worktree: string, name: string): boolean => {
	const [from, to] = [resolve(root, name), resolve(worktree, name)];
	if (!isInside(root, from) || !isInside(worktree, to)) return false;
	try {
		if (!lstatSync(from).isFile() || realpathSync(from) !== from) return false;
		mkdirSync(dirname(to), {recursive: true});
		if (realpathSync(dirname(to)) !== dirname(to)) return false;
		copyFileSync(from, to, constants.COPYFILE_EXCL);
		return true;
	} catch {
		return false;
	}
};

const isInside = (folder: string, file: string): boolean => {
	const path = relative(folder, file);
	return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && join(folder, path) === file && path.split(sep)[0] !== '.git';
};
