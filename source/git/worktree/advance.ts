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

/** A file of its own for each piece of work: two may look at a tree at once. What a killed one has left goes with the tree. */
export const scratchIn = ({gitDir}: Tree): string => join(gitDir, `scratch-${randomUUID().slice(0, 8)}`);

/** What the room knows of the tree is what was saved. */
export const settle = (tree: Tree, commit: string, index: string): void => {
	renameSync(index, join(tree.gitDir, 'index'));
	setIndexAt(tree, commit);
	setHead(tree, commit);
	if (tree.branch !== '') writeRef(tree.store.clone, attemptRef(tree.name), commit);
};

/** An index for the room's git that knows the files as they were last seen, at a commit. */
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

/** Brings what the room knows of a tree to the commit that its agent has come to. */
export const bringIndex = async (tree: Tree, head: string): Promise<void> => {
	const known = join(tree.gitDir, 'index');
	if (indexAt(tree) === head && knownHead(tree) === head && existsSync(known)) return;
	const scratch = scratchIn(tree);
	await beginIndex(tree, scratch, head);
	renameSync(scratch, known);
	setIndexAt(tree, head);
};

/** The room's git has committed in a tree that nobody has worked in: its agent will find it there. Returns the commit. */
export const commitOwn = async (tree: Tree, from: string): Promise<string> => {
	const commit = knownHead(tree);
	setIndexAt(tree, commit);
	writeRef(tree.store.clone, attemptRef(tree.name), commit);
	await withAgentGit(tree, own => advance(tree, own, {from, to: commit}));
	return commit;
};

/** A copy of the agent's index where it differs from what it was given; false if it does not, or is none. */
export const copyAgentIndex = ({gitDir}: Tree, own: AgentGit, target: string): boolean => {
	const [theirs, given] = [own.look('index'), statSync(join(gitDir, 'index'), {throwIfNoEntry: false})];
	if (!theirs?.isFile() || (theirs.size === given?.size && theirs.mtimeMs === given.mtimeMs)) return false;
	const content = own.read('index');
	if (!content) return false;
	writeFileSync(target, content, {mode: 0o600});
	utimesSync(target, theirs.atime, theirs.mtime);
	return true;
};

/**
 * Brings the agent's own git to where its work was saved: index, branch, no step under way. A rebase had detached HEAD from its branch, so HEAD goes back onto it. A branch
 * that is not the one of its task (somebody has checked out the base here, say) stays where it is: HEAD alone holds the commit then. What stands in the way
 * there is the agent's own: it has been saved all the same.
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
		// What is in the way there, a link or a full disk, is for whoever continues in it.
	}
};
