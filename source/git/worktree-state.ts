import {readHead} from './heads.ts';
import {git, gitLine} from './run.ts';

export type WorktreeState = {
	readonly head: string;
	/** Something is changed or new that no commit holds (ignored files do not count). */
	readonly isDirty: boolean;
	/** Commits of HEAD that are not in the base. */
	readonly commits: number;
};

/** What an attempt's work tree holds beyond the commit `base`. Takes no lock of git. Costs one `status`: never poll it. */
export const worktreeState = async (path: string, base: string): Promise<WorktreeState> => {
	const [head, status, commits] = await Promise.all([
		readHead(path),
		git(path, ['status', '--porcelain=v2', '-z', '--untracked-files=normal', '--no-renames', '--ignore-submodules=none']),
		gitLine(path, ['rev-list', '--count', '--end-of-options', `${base}..HEAD`, '--']),
	]);
	return {head, isDirty: status.stdout !== '', commits: Number(commits)};
};

/**
 * Whether `head` contains `base`. A branch that was reset, or deleted beneath its work tree (the next commit has no parent then), does
 * not: its work is not accepted before that is looked at.
 */
export const hasDescended = async (folder: string, head: string, base: string): Promise<boolean> =>
	(await git(folder, ['merge-base', '--is-ancestor', '--end-of-options', base, head], {accept: [1, 128]})).code === 0;
