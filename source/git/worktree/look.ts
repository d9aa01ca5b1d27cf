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
 * Imports the agent's current commit of a worktree. The agent may be running.
 * @throws GitRefused as `saveWork`.
 */
export const takeHead = async (store: Store, folder: string): Promise<string> => {
	const tree = openTree(store, folder);
	const head = await withAgentGit(tree, async own => {
		const stands = own.head();
		if (stands === '') throw new GitRefused('git-failed', `\`${tree.folder}\` is on no commit`);
		await takeCommits(store, tree.folder, [stands]);
		await takeLargeFiles(tree, own);
		return stands;
	});
	const ref = attemptRef(tree.name);
	if (tree.branch !== '' && readRef(store.clone, ref) !== head) writeRef(store.clone, ref, head);
	return head;
};

/** Folders that change when the worktree's agent commits; none if they must not be read. */
export const commitFolders = (store: Store, folder: string): readonly string[] => {
	try {
		const tree = openTree(store, folder);
		const own = join(tree.folder, '.git');
		return tree.branch === '' ? [own] : [own, join(own, 'refs', 'heads', tree.branch, '..')];
	} catch {
		return [];
	}
};

/** Files of a worktree's git that a command replaces under a lock. */
const LOCKS = ['index', 'HEAD', 'packed-refs', 'config', 'AUTO_MERGE', 'MERGE_HEAD', 'ORIG_HEAD'].map(name => `${name}.lock`);

/** Removes locks that a killed git left for index, HEAD, branch and a merge: they would block the next agent. */
export const clearLocks = async (store: Store, folder: string): Promise<void> => {
	const tree = openTree(store, folder);
	const branch = await withAgentGit(tree, own => own.branch());
	const own = join(tree.folder, '.git');
	for (const name of LOCKS) await clearStaleLock(join(own, name));
	if (/^refs\/heads\/[^.]/.test(branch) && !branch.includes('..')) await clearStaleLock(join(own, `${branch}.lock`));
};

/** Whether the worktree has commits or changed tracked files since the room wrote it at `commit`. */
export const isTouched = async (store: Store, folder: string, commit: string): Promise<boolean> => {
	const tree = openTree(store, folder);
	if ((await withAgentGit(tree, own => own.head())) !== commit) return true;
	const look = ['status', '--porcelain=v2', '-z', '--untracked-files=no', '--no-renames', '--ignore-submodules=dirty'];
	return (await git(tree.folder, look, {env: inTree(tree)})).stdout !== '';
};
