import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {isObjectId} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {git} from '../process/run.ts';
import {copyIndex} from '../repository/files.ts';
import {readRef, writeRef} from '../repository/refs.ts';
import type {Store} from '../store/store.ts';
import {advance, bringIndex} from './advance.ts';
import {withAgentGit} from './agent-git.ts';
import {hasDescended} from './list.ts';
import {takeHead} from './look.ts';
import {SALVAGE} from './remove.ts';
import {findTree, inTree, knownHead, lastTaken, type Tree, treesGit} from './tree.ts';

/**
 * A git folder for the user's own tools on a worktree, and the worktree's top. Call `end` when the tools have exited: it imports their
 * commits.
 */
export type PersonGit = {readonly gitDir: string; readonly folder: string; readonly end: () => Promise<void>};

const treeAround = (store: Store, path: string): Tree | undefined => {
	for (let at = path; at !== dirname(at); at = dirname(at)) {
		const tree = findTree(store, at);
		if (tree) return tree;
	}
	return undefined;
};

/**
 * Lets the user inspect an agent's files, and commit, by a git folder of the room at the agent's commit: nothing the agent planted in its
 * own (configuration, hooks, filters, fsmonitor) runs as the user. Undefined outside the room's worktrees.
 * @throws GitRefused `git-failed`.
 */
export const openForPerson = async (store: Store, path: string): Promise<PersonGit | undefined> => {
	const tree = treeAround(store, path);
	if (!tree) return undefined;
	// If the agent's git is refused, the last imported commit is used.
	const head = await takeHead(store, tree.folder).catch(error => {
		if (error instanceof GitRefused) return lastTaken(store, tree.folder) || knownHead(tree);
		throw error;
	});
	const gitDir = join(tree.gitDir, 'person');
	rmSync(gitDir, {recursive: true, force: true});
	mkdirSync(gitDir, {recursive: true, mode: 0o700});
	writeFileSync(join(gitDir, 'commondir'), `${treesGit(store)}\n`);
	const ref = tree.branch === '' ? '' : `refs/heads/${tree.branch}`;
	if (ref !== '') writeRef(treesGit(store), ref, head);
	writeFileSync(join(gitDir, 'HEAD'), ref === '' ? `${head}\n` : `ref: ${ref}\n`);
	if (existsSync(join(tree.gitDir, 'index'))) copyIndex(join(tree.gitDir, 'index'), join(gitDir, 'index'));
	await git(tree.folder, ['read-tree', '--reset', head], {env: {...inTree(tree), GIT_DIR: gitDir}});
	const now = (): string => {
		const own = readFileSync(join(gitDir, 'HEAD'), 'utf8').trim();
		return isObjectId(own) ? own : readRef(treesGit(store), own.replace(/^ref: /, ''));
	};
	return {
		gitDir,
		folder: tree.folder,
		end: async () => {
			try {
				const made = now();
				if (made !== '' && made !== head) await handOver(tree, head, made);
			} finally {
				rmSync(gitDir, {recursive: true, force: true});
				if (ref !== '') rmSync(join(treesGit(store), ref), {force: true});
			}
		},
	};
};

/** The agent continues from the user's commit, unless it committed meanwhile: then a ref of the room keeps it. */
const handOver = async (tree: Tree, from: string, made: string): Promise<void> => {
	const {store, name} = tree;
	const isOnTop = await hasDescended(store.clone, made, from);
	const isTaken = await withAgentGit(tree, async own => {
		if (!isOnTop || own.head() !== from) return false;
		await bringIndex(tree, made);
		await advance(tree, own, {from, to: made});
		return true;
	});
	if (!isTaken) writeRef(store.clone, `${SALVAGE}${name}-${made.slice(0, 12)}`, made);
};
