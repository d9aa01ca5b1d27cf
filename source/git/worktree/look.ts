import {join} from 'node:path';
import {clearStaleLock} from '../lock/stale-lock.ts';
import {GitRefused} from '../process/refused.ts';
import {git} from '../process/run.ts';
import {readRef, writeRef} from '../repository/refs.ts';
import {takeCommits} from '../store/import.ts';
import type {Store} from '../store/store.ts';
import {withAgentGit} from './agent-git.ts';
import {takeLargeFiles} from './large-files.ts';
import {attemptRef, inTree, openTree} from './tree.ts';

/**
 * The commit that the agent of a worktree has come to, taken over into the store. Somebody may be at work in it.
 * @throws GitRefused as `saveWork`.
 */
export const takeHead = async (store: Store, folder: string): Promise<string> => {
	const tree = openTree(store, folder);
	const head = await withAgentGit(tree, async own => {
		const stands = own.head();
		if (stands === '') throw new GitRefused('git-failed', `\`${tree.folder}\` stands on no commit`);
		await takeCommits(store, tree.folder, [stands]);
		await takeLargeFiles(tree, own);
		return stands;
	});
	const ref = attemptRef(tree.name);
	if (tree.branch !== '' && readRef(store.clone, ref) !== head) writeRef(store.clone, ref, head);
	return head;
};

/** Folders in which something changes when the agent of a worktree commits; none where it is not to be looked at. */
export const commitFolders = (store: Store, folder: string): readonly string[] => {
	try {
		const tree = openTree(store, folder);
		const own = join(tree.folder, '.git');
		return tree.branch === '' ? [own] : [own, join(own, 'refs', 'heads', tree.branch, '..')];
	} catch {
		return [];
	}
};

/** Locks with which a git that was killed in a worktree would stop the next agent there: of its index, its HEAD and its branch. */
export const clearLocks = async (store: Store, folder: string): Promise<void> => {
	const tree = openTree(store, folder);
	const branch = await withAgentGit(tree, own => own.branch());
	const own = join(tree.folder, '.git');
	for (const name of ['index.lock', 'HEAD.lock', 'packed-refs.lock']) await clearStaleLock(join(own, name));
	if (/^refs\/heads\/[^.]/.test(branch) && !branch.includes('..')) await clearStaleLock(join(own, `${branch}.lock`));
};

/** Whether somebody committed in a worktree or changed a tracked file since the room wrote it at `commit`. */
export const isTouched = async (store: Store, folder: string, commit: string): Promise<boolean> => {
	const tree = openTree(store, folder);
	if ((await withAgentGit(tree, own => own.head())) !== commit) return true;
	const look = ['status', '--porcelain=v2', '-z', '--untracked-files=no', '--no-renames', '--ignore-submodules=dirty'];
	return (await git(tree.folder, look, {env: inTree(tree)})).stdout !== '';
};
