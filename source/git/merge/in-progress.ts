import {existsSync, readFileSync, renameSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {changedPaths} from '../diff/paths.ts';
import {isObjectId, personEnvironment, ROOM} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {git, gitLine, gitWords} from '../process/run.ts';
import {copyIndex} from '../repository/files.ts';
import {readLooseCommit} from '../repository/loose-commit.ts';
import {takeCommits} from '../store/import.ts';
import type {Store} from '../store/store.ts';
import {bringIndex} from '../worktree/advance.ts';
import {giveIndex, withAgentGit} from '../worktree/agent-git.ts';
import {takeHead} from '../worktree/look.ts';
import {UNFINISHED_TRAILER} from '../worktree/save.ts';
import {inTree, openTree, type Tree} from '../worktree/tree.ts';
import {endOwnUnfinished} from '../worktree/unfinished.ts';

/** A half-done resolution: its starting commit, and what was being merged. */
export type HalfDone = {readonly ours: string; readonly theirs: string};

/** Whether the room saved this commit during a merge; undefined if not. */
export const halfDone = async (folder: string, commit: string): Promise<HalfDone | undefined> => {
	const known = readLooseCommit(folder, commit);
	if (known && !known.message.toLowerCase().includes(UNFINISHED_TRAILER.toLowerCase())) return undefined;
	const line = await gitLine(folder, [
		'rev-list',
		'--no-walk',
		'--no-commit-header',
		`--format=%P%x00%(trailers:key=${UNFINISHED_TRAILER},valueonly,separator=%x20)`,
		'--end-of-options',
		commit,
		'--',
	]);
	const [parents = '', trailer = ''] = line.split('\0');
	const [ours = ''] = parents.split(' ');
	const [theirs = ''] = trailer.trim().split(' ');
	return isObjectId(ours) && isObjectId(theirs) ? {ours, theirs} : undefined;
};

/** Whether a worktree is at such a commit. */
export const isHalfDone = async (store: Store, worktree: string): Promise<boolean> =>
	(await takeHead(store, worktree)
		.then(head => halfDone(store.clone, head))
		.catch(() => undefined)) !== undefined;

/** Only merges: no rerere, stash, editor or renamed folders. */
const MERGE = [
	'-c',
	'merge.conflictStyle=zdiff3',
	'-c',
	'merge.directoryRenames=false',
	'-c',
	'rerere.enabled=false',
	'merge',
	'--no-ff',
	'--no-commit',
	'--no-stat',
	'--no-log',
	'--no-autostash',
	'--no-verify-signatures',
	'--no-edit',
	'--quiet',
] as const;

/** Git's files of a merge in progress, besides the index. */
const IN_PROGRESS = ['ORIG_HEAD', 'AUTO_MERGE', 'MERGE_MODE', 'MERGE_MSG', 'MERGE_HEAD'];

/**
 * Starts the merge of `theirs` in a clean worktree and leaves it in progress for its agent: conflicts have both sides and the base
 * (zdiff3), the rest is merged and staged. Returns the conflicting files. With `half` the worktree gets a half-done resolution's markers
 * and answers. Does nothing if `theirs` is already merged. The room's git runs it; the agent's git is updated afterwards.
 * @throws GitRefused `merge-refused` if git refuses: uncommitted files are in the way, or there is no common history; and as `saveWork`.
 */
export const beginMerge = async (options: {
	store: Store;
	worktree: string;
	theirs: string;
	/** Subject of the concluding commit. */
	subject: string;
	half?: string | undefined;
}): Promise<readonly string[]> => {
	const {store, theirs, half} = options;
	const tree = openTree(store, options.worktree);
	const {gitDir, folder} = tree;
	const [index, before] = [join(gitDir, 'index'), join(gitDir, 'index-before')];
	return withAgentGit(tree, async own => {
		const head = own.head();
		await takeCommits(store, folder, [head]);
		await bringIndex(tree, head);
		copyIndex(index, before);
		try {
			const args = [...MERGE, '-m', oneLine(options.subject), '--end-of-options', theirs];
			// Nothing is committed here, but git starts no merge without a user name.
			const merged = await git(folder, args, {accept: [1, 2, 128], env: {...inTree(tree), ...personEnvironment(ROOM)}});
			const isBegun = existsSync(join(gitDir, 'MERGE_HEAD'));
			if (merged.code !== 0 && !isBegun)
				throw new GitRefused(
					'merge-refused',
					`git cannot start the merge of \`${theirs.slice(0, 12)}\`: ${gitWords(merged.stderr) || gitWords(merged.stdout)}`,
				);
			if (half !== undefined) await putAsLeft(tree, half);
			const files = await filesInConflict(tree);
			if (isBegun) {
				giveIndex(own, index);
				for (const name of IN_PROGRESS) if (existsSync(join(gitDir, name))) own.write(name, readFileSync(join(gitDir, name)));
			}
			return files;
		} finally {
			// The room continues from the commit and reads the agent's merge from its files.
			renameSync(before, index);
			endOwnUnfinished(tree);
		}
	});
};

const filesInConflict = async (tree: Tree): Promise<readonly string[]> => {
	const {stdout} = await git(tree.folder, ['diff', '--name-only', '--diff-filter=U', '-z'], {env: inTree(tree)});
	return [...new Set(stdout.split('\0').filter(Boolean))];
};

/** Restores files of the saved commit. The index stays the merge's: it must still be concluded. */
const putAsLeft = async (tree: Tree, half: string): Promise<void> => {
	const {folder, gitDir} = tree;
	const auto = existsSync(join(gitDir, 'AUTO_MERGE'))
		? readFileSync(join(gitDir, 'AUTO_MERGE'), 'utf8').trim()
		: await gitLine(folder, ['write-tree'], {env: inTree(tree)});
	const changed = [...(await changedPaths(tree.store.clone, ['diff-tree', '-r'], [auto, `${half}^{tree}`]))];
	for (const [path] of changed.filter(([, {to}]) => to.isMissing)) rmSync(join(folder, path), {recursive: true, force: true});
	const written = changed.filter(([, {to}]) => !to.isMissing).map(([path]) => path);
	if (written.length === 0) return;
	const index = join(gitDir, 'agent-room-half-index');
	const env = inTree(tree, index);
	try {
		await git(folder, ['read-tree', half], {env});
		await git(folder, ['checkout-index', '--force', '-z', '--stdin'], {env, input: written.map(path => `${path}\0`).join('')});
	} finally {
		rmSync(index, {force: true});
	}
};

/** A commit on the base's first-parent line; `task` is what it merged, '' for a user's. */
export type Arrival = {readonly commit: string; readonly task: string; readonly subject: string};

/** Newest commits reported. */
const MOST = 12;
/** Searched commits of the base's line. */
const LOOKED_AT = 300;

/** Base commits since a branch left it, newest first: on the first-parent line of `theirs`, not in `ours`, touching `files` if given. */
export const arrivals = async (
	folder: string,
	{ours, theirs, files}: {ours: string; theirs: string; files: readonly string[]},
): Promise<readonly Arrival[]> => {
	if (!isObjectId(ours) || !isObjectId(theirs)) return [];
	// Not by a path limit: behind a boundary git follows the merged branch and skips the merge.
	const {stdout} = await git(folder, [
		'log',
		'--first-parent',
		'--diff-merges=first-parent',
		'--no-renames',
		'--name-only',
		'-z',
		`--max-count=${LOOKED_AT}`,
		'--format=%x01%H%x02%(trailers:key=Room-Task,valueonly,separator=%x20)%x02%s%x02',
		`${ours}..${theirs}`,
		'--',
	]);
	const found = stdout
		.split('\u0001')
		.slice(1)
		.map(record => {
			const [commit = '', trailers = '', subject = '', rest = ''] = record.split('\u0002');
			const touched = rest.split('\0').map(path => path.replace(/^\n/, ''));
			return {commit, task: trailers.trim().split(' ')[0] ?? '', subject: oneLine(subject, 200), touched};
		});
	return found
		.filter(({touched}) => files.length === 0 || files.some(file => touched.includes(file)))
		.slice(0, MOST)
		.map(({touched: _touched, ...arrival}) => arrival);
};
