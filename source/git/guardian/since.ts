import {git} from '../process/run.ts';

/** How far back a line is followed. */
const DEPTH = 2000;

/**
 * The commits that a branch took after `from`, up to `head`, along its first parents, oldest first; undefined if `from` is not on that line,
 * or too far back. `folder` has both commits.
 */
export const takenSince = async (folder: string, from: string, head: string): Promise<readonly string[] | undefined> => {
	if (from === head) return [];
	const args = ['rev-list', '--first-parent', '--parents', `--max-count=${DEPTH}`, '--end-of-options', head, `^${from}`, '--'];
	const {stdout, code} = await git(folder, args, {accept: [128]});
	const line = code === 0 ? stdout.split('\n').filter(Boolean) : [];
	const [, parent] = line.at(-1)?.split(' ') ?? [];
	return parent === from ? line.map(each => each.split(' ')[0] ?? '').reverse() : undefined;
};
