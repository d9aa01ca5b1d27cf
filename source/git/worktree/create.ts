import {constants, copyFileSync, existsSync, lstatSync, mkdirSync, realpathSync, rmSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import {dirname, join, relative, resolve, sep} from 'node:path';
import pLimit from 'p-limit';
import {oneLine} from '../../core/text/quote.ts';
import {withRepositoryLock} from '../lock/lock-file.ts';
import {attemptBranch, attemptName, isObjectId} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {git} from '../process/run.ts';
import {readRef, writeRef} from '../repository/refs.ts';
import {baseHead, importCommits} from '../store/import.ts';
import type {Store} from '../store/store.ts';
import {dress} from './agent-git.ts';
import {fillFromPool} from './pool.ts';
import {
	attemptRef,
	beginTree,
	forgetTree,
	inTree,
	isTreeName,
	keepTree,
	openTrees,
	realFolder,
	setIndexAt,
	type Tree,
	treesGit,
} from './tree.ts';

export type Attempt = {readonly branch: string; readonly path: string; readonly attempt: number};

/**
 * Creates an attempt's worktree in `worktreesFolder`, its own repository on branch `agent/<task>-a<attempt>`. Skips a number whose folder
 * or work exists: an earlier attempt's work is never touched, and its late writes never reach this one. Leaves nothing on failure.
 * @throws GitRefused `no-commit`, `lost-commit`, `git-failed`.
 */
export const createAttempt = async (options: {
	store: Store;
	worktreesFolder: string;
	task: string;
	attempt: number;
	from: string;
}): Promise<Attempt> => {
	const {store, task, from} = options;
	await haveCommit(store, from);
	mkdirSync(options.worktreesFolder, {recursive: true, mode: 0o700});
	const worktreesFolder = realpathSync(options.worktreesFolder);
	const {tree, attempt} = await withRepositoryLock(treesGit(store), async () => {
		let attempt = Math.max(1, options.attempt);
		const isTaken = (name: string): boolean =>
			existsSync(join(worktreesFolder, name)) || isTreeName(store, name) || readRef(store.clone, attemptRef(name)) !== '';
		while (isTaken(attemptName(task, attempt)) || attemptBranch(task, attempt, store.base) === store.base) attempt += 1;
		const folder = join(worktreesFolder, attemptName(task, attempt));
		return {tree: begin(store, {folder, commit: from, branch: attemptBranch(task, attempt, store.base)}), attempt};
	});
	await finish(tree, from);
	return {branch: tree.branch, path: tree.folder, attempt};
};

/**
 * Creates a detached worktree at exactly one commit, for reviewers.
 * @throws GitRefused `folder-exists`, and as `createAttempt`.
 */
export const createDetachedWorktree = async (options: {store: Store; folder: string; commit: string}): Promise<void> => {
	const {store, commit} = options;
	await haveCommit(store, commit);
	mkdirSync(dirname(options.folder), {recursive: true, mode: 0o700});
	const folder = realFolder(options.folder);
	if (existsSync(folder)) throw new GitRefused('folder-exists', `\`${oneLine(folder)}\` exists already`);
	await finish(begin(store, {folder, commit, branch: ''}), commit);
};

/** Removes an unused attempt's worktree: only `setup`'s output is lost. */
export const discardAttempt = async (store: Store, {path}: Pick<Attempt, 'path'>): Promise<void> => {
	const [folder, name] = [realFolder(path), path.slice(dirname(path).length + 1)];
	undo({store, name, folder, gitDir: join(treesGit(store), 'trees', name), branch: ''});
};

const haveCommit = async (store: Store, commit: string): Promise<void> => {
	if (!isObjectId(commit)) throw new GitRefused('no-commit', `\`${oneLine(commit)}\` is not a commit id`);
	await Promise.all([importCommits(store, [commit]), openTrees(store), baseHead(store).catch(() => '')]);
};

const begin = (store: Store, options: {folder: string; commit: string; branch: string}): Tree => {
	const tree = beginTree(store, options);
	mkdirSync(tree.folder);
	return tree;
};

/** Writes as many worktrees at once as there are cores: fifty in parallel would all finish as late as the last. */
const inTurn = pLimit(availableParallelism());

const finish = async (tree: Tree, commit: string): Promise<void> => {
	try {
		await inTurn(async () => {
			await fillFromPool(tree, commit);
			await git(tree.folder, ['reset', '--quiet', '--hard', commit, '--'], {env: inTree(tree)});
		});
		setIndexAt(tree, commit);
		await dress(tree, commit);
		if (tree.branch !== '') writeRef(tree.store.clone, attemptRef(tree.name), commit);
		keepTree(tree);
	} catch (error) {
		undo(tree);
		throw error;
	}
};

/** Removes an unused worktree. */
const undo = (tree: Tree): void => {
	rmSync(tree.folder, {recursive: true, force: true});
	rmSync(join(tree.store.clone, attemptRef(tree.name)), {force: true});
	forgetTree(tree);
};

/**
 * Copies the config's `copyFiles` into a new worktree. Only plain files inside the root, to places inside the worktree: never through a
 * symbolic link or over an existing file.
 * @returns names that were not copied: missing, no plain file, or outside.
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
