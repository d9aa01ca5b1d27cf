import {git, gitLine} from './run.ts';

/** How many commits of a work tree's HEAD are not in the commit `base`. */
export const commitsBeyond = async (worktree: string, base: string): Promise<number> =>
	Number(await gitLine(worktree, ['rev-list', '--count', '--end-of-options', `${base}..HEAD`, '--']));

/**
 * Whether `head` contains `base`. A branch that was reset, or deleted beneath its work tree (the next commit has no parent then), does
 * not: its work is not accepted before that is looked at.
 */
export const hasDescended = async (folder: string, head: string, base: string): Promise<boolean> =>
	(await git(folder, ['merge-base', '--is-ancestor', '--end-of-options', base, head], {accept: [1, 128]})).code === 0;
