import {join} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {isObjectId, personEnvironment, ROOM} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {git, gitLine} from '../process/run.ts';
import type {Store} from '../store/store.ts';
import {commitOwn} from '../worktree/advance.ts';
import {createAttempt, discardAttempt} from '../worktree/create.ts';
import {inTree, openTree} from '../worktree/tree.ts';

/** `conflict`: later work depends on it, in these files. `empty`: nothing of it is left. `foreign`: it is not on `from`. */
export type Reverted =
	| {readonly kind: 'reverted'; readonly commit: string; readonly branch: string; readonly folder: string}
	| {readonly kind: 'conflict'; readonly files: readonly string[]}
	| {readonly kind: 'empty'}
	| {readonly kind: 'foreign'};

/**
 * Commits the revert of `landed` on a new branch at `from`, in a worktree of the room; removes both on failure. A merge is reverted against
 * its first parent.
 * @throws GitRefused if git fails.
 */
export const revertMerge = async (options: {
	store: Store;
	stateFolder: string;
	task: string;
	mergedCommit: string;
	from: string;
}): Promise<Reverted> => {
	const {store, stateFolder, task, mergedCommit, from} = options;
	if (!isObjectId(mergedCommit)) throw new GitRefused('no-commit', `\`${oneLine(mergedCommit)}\` is not a commit id`);
	const {code} = await git(store.clone, ['merge-base', '--is-ancestor', mergedCommit, from], {accept: [1, 128]});
	if (code !== 0) return {kind: 'foreign'};
	const parents =
		(await gitLine(store.clone, ['rev-list', '--no-walk', '--parents', '--end-of-options', mergedCommit, '--'])).split(' ').length - 1;
	const made = await createAttempt({store, worktreesFolder: join(stateFolder, 'worktrees'), task, attempt: 1, from});
	let isKept = false;
	try {
		const tree = openTree(store, made.path);
		const ended = await git(made.path, ['revert', '--no-edit', ...(parents > 1 ? ['--mainline', '1'] : []), mergedCommit], {
			env: {...inTree(tree), ...personEnvironment(ROOM)},
			accept: [1],
		});
		if (ended.code !== 0) {
			const {stdout} = await git(made.path, ['diff', '--name-only', '-z', '--diff-filter=U'], {env: inTree(tree)});
			const files = stdout.split('\0').filter(Boolean);
			return files.length > 0 ? {kind: 'conflict', files} : {kind: 'empty'};
		}
		const commit = await commitOwn(tree, from);
		isKept = true;
		return {kind: 'reverted', commit, branch: made.branch, folder: made.path};
	} finally {
		if (!isKept) await discardAttempt(store, made);
	}
};
