import {oneLine} from '../../core/text/quote.ts';
import {git, gitWords, spaceLeft} from '../process/run.ts';
import {gitFolderOf} from '../repository/refs.ts';
import type {Repository} from '../repository/repository.ts';
import type {Store} from '../store/store.ts';
import {type ListedWorkTree, listWorkTrees} from '../worktree/list.ts';
import {rebasedBranch} from '../worktree/unfinished.ts';
import {clearForwardLocks, forgetForwarding, looksOfAll, noteForwarding, undoFailed} from './recovery.ts';

/** Why git did not move the base; `files` are the user's that are in the way, as git names them, empty for other reasons. */
export type Refusal = {readonly reason: string; readonly files: readonly string[]};

/** A move of the base; `note` is its reflog message, `paths` are the changed ones. */
export type Move = {readonly from: string; readonly to: string; readonly note: string; readonly paths: ReadonlySet<string>};

/** Checked out, or being rebased: a rebase ends by moving the branch from its old position. */
export const isUsing = (tree: ListedWorkTree, base: string): boolean =>
	tree.branch === base || (tree.isPresent && rebasedBranch(gitFolderOf(tree.path)) === `refs/heads/${base}`);

/**
 * Moves the base by git's compare-and-swap: `merge --ff-only` in the worktree that has it checked out, where git protects uncommitted work,
 * else `update-ref NEW OLD`; never update-ref under a checked-out branch. Undefined on success. Under the repository's lock.
 */
export const moveBase = async (place: Store, trees: readonly ListedWorkTree[], move: Move): Promise<Refusal | undefined> => {
	const using = trees.filter(tree => isUsing(tree, place.base));
	return using.length > 0 ? forward(using, place, move) : swap(place, move);
};

/** Only a fast-forward: no stash, signature or diffstat, and ignored files are kept. */
const FAST_FORWARD = ['--ff-only', '--quiet', '--no-stat', '--no-autostash', '--no-verify-signatures', '--no-overwrite-ignore'] as const;

const forward = async (trees: readonly ListedWorkTree[], {repository, base}: Store, move: Move): Promise<Refusal | undefined> => {
	const [tree] = trees;
	const name = oneLine(base);
	const refuse = (reason: string): Refusal => ({reason, files: []});
	if (!tree || trees.length > 1) return refuse(`\`${name}\` is checked out in ${trees.length} worktrees`);
	if (!tree.isPresent) return refuse(`\`${name}\` is checked out in \`${oneLine(tree.path)}\`, which is missing`);
	if (tree.branch !== base) return refuse(`a rebase of \`${name}\` is in progress in \`${oneLine(tree.path)}\``);
	// Any of them, left by a git that was killed, would stop every merge from then on.
	if (!(await clearForwardLocks(repository, tree.path))) return refuse(`another git process is running in \`${oneLine(tree.path)}\``);
	const before = looksOfAll(tree.path, move.paths);
	noteForwarding(repository, {worktree: tree.path, from: move.from, to: move.to});
	// One file at a time: parallel workers remove all old files first, and a kill would lose them.
	const merged = await git(tree.path, ['-c', 'checkout.workers=1', 'merge', ...FAST_FORWARD, move.to], {accept: [1, 2, 128]});
	if (merged.code !== 0) {
		// For blocking files git wrote nothing; after a write error (disk full) it leaves partial work.
		await undoFailed(repository, before);
		return inTheWay(merged.stderr, tree.path);
	}
	forgetForwarding(repository);
	return undefined;
};

const swap = async ({repository, base}: Store, move: Move): Promise<Refusal | undefined> => {
	const moved = await git(
		repository.root,
		['update-ref', '--create-reflog', '-m', move.note, '--end-of-options', `refs/heads/${base}`, move.to, move.from],
		{accept: [1, 128]},
	);
	return moved.code === 0 ? undefined : {reason: gitWords(moved.stderr), files: []};
};

/** Git lists blocking files on their own lines: they become backticked names after its sentence. */
const inTheWay = (stderr: string, worktree: string): Refusal => {
	const files = stderr.split('\n').flatMap(line => (line.startsWith('\t') ? [line.slice(1)] : []));
	if (files.length === 0) return {reason: `${gitWords(stderr)}${spaceLeft(stderr, worktree)}`, files};
	const [sentence = ''] = stderr.split('\n').filter(line => !/^hint:/.test(line));
	const more = files.length > 3 ? ` and ${files.length - 3} more` : '';
	const named = files
		.slice(0, 3)
		.map(file => `\`${oneLine(file, 80)}\``)
		.join(', ');
	const words = oneLine(sentence)
		.replace(/^error: /, '')
		.replace(/:$/, '');
	return {reason: `${words}: ${named}${more}`, files};
};

/** Whether the user still has uncommitted work in one of these files where the base is checked out; false if it is not checked out. */
export const areInTheWay = async (repository: Repository, base: string, files: readonly string[]): Promise<boolean> => {
	const tree = (await listWorkTrees(repository.root)).find(({branch, isPresent}) => branch === base && isPresent);
	if (!tree) return false;
	const states = ['status', '--porcelain', '-z', '--untracked-files=all', '--ignored', '--no-renames', '--ignore-submodules=all'];
	const {stdout} = await git(tree.path, [...states, '--', ...files.map(file => `:(literal,top)${file}`)]);
	return stdout !== '';
};
