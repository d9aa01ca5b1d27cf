import {existsSync, readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import type {Store} from '../store/store.ts';
import {AHEAD_INDEX} from './pool.ts';
import {isKept, treesGit} from './tree.ts';

/**
 * Removes what a killed room left unfinished: worktrees in creation, which no agent used, the room's temporary files, and the locks of its gits. No
 * other room may be running.
 */
export const sweepTrees = (store: Store, worktreesFolder: string): void => {
	rmSync(join(treesGit(store), 'packed-refs.lock'), {force: true});
	for (const name of existsSync(treesGit(store)) ? readdirSync(treesGit(store)) : [])
		if (name.startsWith(AHEAD_INDEX)) rmSync(join(treesGit(store), name), {recursive: true, force: true});
	const trees = join(treesGit(store), 'trees');
	for (const name of existsSync(trees) ? readdirSync(trees) : []) {
		const gitDir = join(trees, name);
		if (!isKept(gitDir)) {
			rmSync(join(worktreesFolder, name), {recursive: true, force: true});
			rmSync(gitDir, {recursive: true, force: true});
			continue;
		}
		for (const file of readdirSync(gitDir))
			if (/^(?:scratch-|commit-|person$|index-before$)|\.lock$/.test(file)) rmSync(join(gitDir, file), {recursive: true, force: true});
	}
};
