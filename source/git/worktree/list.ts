import {existsSync} from 'node:fs';
import {git, gitLine} from '../process/run.ts';
import {looselyBeyond, looselyContains} from '../repository/loose-commit.ts';

/** A worktree as git lists it. `branch` is '' if detached; `isPresent` is false if its folder is missing. */
export type ListedWorkTree = {readonly path: string; readonly head: string; readonly branch: string; readonly isPresent: boolean};

/** All worktrees of a repository, the main one first. */
export const listWorkTrees = async (root: string): Promise<readonly ListedWorkTree[]> => {
	const {stdout} = await git(root, ['worktree', 'list', '--porcelain', '-z']);
	return stdout
		.split('\0\0')
		.filter(entry => entry !== '')
		.map(entry => {
			const lines = entry.split('\0');
			const value = (key: string): string => lines.find(line => line.startsWith(`${key} `))?.slice(key.length + 1) ?? '';
			const path = value('worktree');
			return {path, head: value('HEAD'), branch: value('branch').replace(/^refs\/heads\//, ''), isPresent: existsSync(path)};
		});
};

/** Number of commits of `commit` beyond `base`; `folder` is a repository with both. */
export const commitsBeyond = async (folder: string, commit: string, base: string): Promise<number> =>
	looselyBeyond(folder, commit, base) ??
	Number(await gitLine(folder, ['rev-list', '--count', '--end-of-options', `${base}..${commit}`, '--']));

/**
 * Whether `head` contains `base`. A branch that was reset, or deleted under its worktree (the next commit then has no parent), does not:
 * its work must be checked first. `folder` is a repository with both.
 */
export const hasDescended = async (folder: string, head: string, base: string): Promise<boolean> =>
	looselyContains(folder, head, base) ??
	(await git(folder, ['merge-base', '--is-ancestor', '--end-of-options', base, head], {accept: [1, 128]})).code === 0;
