import type {ChangeCount} from '../../core/change/change.ts';
import {isObjectId} from '../process/names.ts';
import {git} from '../process/run.ts';

/** A file beyond this is no text to be counted: git takes it for binary, and it counts as a file. */
const LARGE = ['-c', 'core.bigFileThreshold=256k'];
/** No program, converter or rename has a say in it; each answer begins with the commit that was asked for. */
const COUNTING = ['--stdin', '--always', '-r', '-z', '--numstat', '--no-renames', '--no-ext-diff', '--no-textconv'];

const readCounts = (stdout: string): ReadonlyMap<string, ChangeCount> => {
	const found = new Map<string, ChangeCount>();
	let at = '';
	for (const field of stdout.split('\0')) {
		const [, added, removed] = /^(\d+|-)\t(\d+|-)\t/.exec(field) ?? [];
		if (added === undefined || removed === undefined) {
			at = field.trim();
			if (isObjectId(at)) found.set(at, {files: 0, added: 0, removed: 0});
			continue;
		}
		const before = found.get(at);
		if (before)
			found.set(at, {
				files: before.files + 1,
				added: before.added + (Number(added) || 0),
				removed: before.removed + (Number(removed) || 0),
			});
	}
	return found;
};

const count = async (folder: string, options: readonly string[], lines: readonly string[]): Promise<ReadonlyMap<string, ChangeCount>> => {
	if (lines.length === 0) return new Map();
	// A commit that git does not have ends it: what was counted before counts.
	const {stdout} = await git(folder, [...LARGE, 'diff-tree', ...options, ...COUNTING], {
		input: lines.map(line => `${line}\n`).join(''),
		accept: [128],
	});
	return readCounts(stdout);
};

/** What each commit changes against the one it is compared with (`from`), by `to`. One process for all. */
export const countBetween = (
	folder: string,
	pairs: readonly {readonly from: string; readonly to: string}[],
): Promise<ReadonlyMap<string, ChangeCount>> =>
	count(
		folder,
		[],
		pairs.filter(({from, to}) => isObjectId(from) && isObjectId(to)).map(({from, to}) => `${to} ${from}`),
	);

/** What each commit brought to the branch that it landed on: against its first parent. One process for all. */
export const countMerged = (folder: string, commits: readonly string[]): Promise<ReadonlyMap<string, ChangeCount>> =>
	count(folder, ['--diff-merges=first-parent'], commits.filter(isObjectId));
