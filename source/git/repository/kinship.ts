import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {isObjectId} from '../process/names.ts';
import {git} from '../process/run.ts';
import type {Repository} from './repository.ts';

/** The first commit of a branch's first-parent line: the same in every full clone, whatever is checked out. '' if there is none. */
const rootOf = async (folder: string, branch: string): Promise<string> => {
	const {code, stdout} = await git(folder, ['rev-list', '--first-parent', '--max-parents=0', `refs/heads/${branch}`, '--'], {
		accept: [128],
	});
	return code === 0 ? (stdout.trim().split('\n').at(-1) ?? '') : '';
};

/** Whether the branch contains a commit. */
export const contains = async (folder: string, branch: string, commit: string): Promise<boolean> => {
	if (!isObjectId(commit)) return false;
	const {code} = await git(folder, ['merge-base', '--is-ancestor', '--end-of-options', commit, `refs/heads/${branch}`], {accept: [1, 128]});
	return code === 0;
};

/** Whether two commits are in the room's own objects: both were once of its base. */
const areKept = async (clone: string, commits: readonly string[]): Promise<boolean> => {
	if (!existsSync(clone)) return false;
	const kept = commits.map(commit => git(clone, ['cat-file', '-e', '--end-of-options', `${commit}^{commit}`], {accept: [1, 128]}));
	return (await Promise.all(kept)).every(({code}) => code === 0);
};

/** Which repository this is, and whether an earlier answer meant the same one. */
export type Kin = {
	readonly identity: string;
	readonly isShallow: boolean;
	/** Whether the repository whose base began with this commit is this one. */
	readonly isSame: (identity: string) => Promise<boolean>;
};

/**
 * Which repository this is, by its base branch. A shallow clone has another first commit once it is deepened, or made shallower: the
 * earlier one is then on the branch, or both are in the room's own objects (`clone`).
 */
export const kinOf = async ({commonDir}: Pick<Repository, 'commonDir'>, base: string, clone: string): Promise<Kin> => {
	const identity = await rootOf(commonDir, base);
	return {
		identity,
		// As git tells.
		isShallow: existsSync(join(commonDir, 'shallow')),
		isSame: async known =>
			known === identity || (await contains(commonDir, base, known)) || areKept(clone, [known, identity].filter(isObjectId)),
	};
};
