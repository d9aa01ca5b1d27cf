import type {ChangeCount} from '../../core/change/change.ts';
import {isObjectId} from '../process/names.ts';
import {git} from '../process/run.ts';

/** Git treats larger files as binary, so they only count as files. */
const LARGE = ['-c', 'core.bigFileThreshold=256k'];
/** Ignores external programs, converters and renames; each answer starts with its commit. */
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
	// A missing commit ends the process; earlier counts are valid.
	const {stdout} = await git(folder, [...LARGE, 'diff-tree', ...options, ...COUNTING], {
		input: lines.map(line => `${line}\n`).join(''),
		accept: [128],
	});
	return readCounts(stdout);
};

/** Counts each commit's change from `from`, by `to`. One process for all. */
export const countBetween = (
	folder: string,
	pairs: readonly {readonly from: string; readonly to: string}[],
): Promise<ReadonlyMap<string, ChangeCount>> =>
	count(
		folder,
		[],
		pairs.filter(({from, to}) => isObjectId(from) && isObjectId(to)).map(({from, to}) => `${to} ${from}`),
	);

/** Counts what each commit brought to the base, against its first parent. One process for all. */
export const countMerged = (folder: string, commits: readonly string[]): Promise<ReadonlyMap<string, ChangeCount>> =>
	count(folder, ['--diff-merges=first-parent'], commits.filter(isObjectId));
