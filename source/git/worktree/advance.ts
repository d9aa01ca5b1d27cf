import {randomUUID} from 'node:crypto';
import {existsSync, renameSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {clearStaleLock} from '../lock/stale-lock.ts';
import {git} from '../process/run.ts';
import {copyIndex} from '../repository/files.ts';
import {writeRef} from '../repository/refs.ts';
import {type AgentGit, giveIndex, noteMove, withAgentGit} from './agent-git.ts';
import {attemptRef, indexAt, inTree, knownHead, setHead, setIndexAt, type Tree} from './tree.ts';
import {endUnfinished, type Unfinished} from './unfinished.ts';

/** One file per use: two processes may read a worktree at once. Leftovers go with the worktree. */
export const scratchIn = ({gitDir}: Tree): string => join(gitDir, `scratch-${randomUUID().slice(0, 8)}`);

/** Records the saved commit as the room's view of the worktree. */
export const settle = (tree: Tree, commit: string, index: string): void => {
	renameSync(index, join(tree.gitDir, 'index'));
	setIndexAt(tree, commit);
	setHead(tree, commit);
	if (tree.branch !== '') writeRef(tree.store.clone, attemptRef(tree.name), commit);
};

/** An index for the room's git at a commit, with the files' last known metadata. */
export const beginIndex = async (tree: Tree, index: string, head: string): Promise<void> => {
	const known = join(tree.gitDir, 'index');
	const isKnown = indexAt(tree) === head && existsSync(known);
	if (existsSync(known)) copyIndex(known, index);
	setHead(tree, head);
	if (isKnown) return;
	const read = () => git(tree.folder, ['read-tree', '--reset', head], {env: inTree(tree, index), accept: [128]});
	if ((await read()).code === 0) return;
	rmSync(index, {force: true});
	await git(tree.folder, ['read-tree', head], {env: inTree(tree, index)});
};

/** Moves the room's view of a worktree to its agent's commit. */
export const bringIndex = async (tree: Tree, head: string): Promise<void> => {
	const known = join(tree.gitDir, 'index');
	if (indexAt(tree) === head && knownHead(tree) === head && existsSync(known)) return;
	const scratch = scratchIn(tree);
	await beginIndex(tree, scratch, head);
	renameSync(scratch, known);
	setIndexAt(tree, head);
};

/** Updates the agent's git after a commit by the room's git in an idle worktree. Returns the commit. */
export const commitOwn = async (tree: Tree, from: string): Promise<string> => {
	const commit = knownHead(tree);
	setIndexAt(tree, commit);
	writeRef(tree.store.clone, attemptRef(tree.name), commit);
	await withAgentGit(tree, own => advance(tree, own, {from, to: commit}));
	return commit;
};

/** Copies the agent's index if it changed; false if not, or without one. */
export const copyAgentIndex = ({gitDir}: Tree, own: AgentGit, target: string): boolean => {
	const [theirs, given] = [own.look('index'), statSync(join(gitDir, 'index'), {throwIfNoEntry: false})];
	// The copy that the agent was given has its time in whole milliseconds.
	if (!theirs?.isFile() || (theirs.size === given?.size && Math.abs(theirs.mtimeMs - given.mtimeMs) < 1)) return false;
	const content = own.read('index');
	if (!content) return false;
	writeFileSync(target, content, {mode: 0o600});
	utimesSync(target, theirs.atime, theirs.mtime);
	return true;
};

/**
 * Moves the agent's own git to the saved work: index, branch, no step in progress. A rebase had detached HEAD, so HEAD returns to the
 * branch. A branch other than the task's (such as a checked-out base) stays: then only HEAD has the commit. Obstacles there are the agent's
 * own; the work is saved anyway.
 */
export const advance = async (tree: Tree, own: AgentGit, move: {from: string; to: string}, unfinished?: Unfinished): Promise<void> => {
	const folder = join(tree.folder, '.git');
	try {
		const words = 'agent-room: save';
		const branch = own.branch() || unfinished?.branch || '';
		await clearStaleLock(join(folder, 'HEAD.lock'));
		if (tree.branch !== '' && branch === `refs/heads/${tree.branch}`) {
			await clearStaleLock(join(folder, `${branch}.lock`));
			own.write(branch, `${move.to}\n`);
			noteMove(own, `logs/${branch}`, {...move, words});
			own.write('HEAD', `ref: ${branch}\n`);
		} else own.write('HEAD', `${move.to}\n`);
		noteMove(own, 'logs/HEAD', {...move, words});
		if (await clearStaleLock(join(folder, 'index.lock'))) giveIndex(own, join(tree.gitDir, 'index'));
		endUnfinished(own);
	} catch {
		// A link or a full disk there is left to the next user of the worktree.
	}
};
