import {isObjectId, oneLine} from './names.ts';
import {git} from './run.ts';

/** A commit on the base's own line; `task` is what landed with it, '' for a person's. */
export type Arrival = {readonly commit: string; readonly task: string; readonly subject: string};

/** So many are told of, the newest. */
const MOST = 12;
/** So far back is looked, commits of the base's line. */
const LOOKED_AT = 300;

/**
 * What came to the base since a branch left it, newest first: commits on the first-parent line of `theirs` that `ours` lacks, those that
 * touched `files` where any are named.
 */
export const arrivals = async (
	folder: string,
	{ours, theirs, files}: {ours: string; theirs: string; files: readonly string[]},
): Promise<readonly Arrival[]> => {
	if (!isObjectId(ours) || !isObjectId(theirs)) return [];
	// Not by a path limit: behind a boundary git follows the branch that a merge brought, and passes over the merge.
	const {stdout} = await git(folder, [
		'log',
		'--first-parent',
		'--diff-merges=first-parent',
		'--no-renames',
		'--name-only',
		'-z',
		`--max-count=${LOOKED_AT}`,
		'--format=%x01%H%x02%(trailers:key=Room-Task,valueonly,separator=%x20)%x02%s%x02',
		`${ours}..${theirs}`,
		'--',
	]);
	const found = stdout
		.split('\u0001')
		.slice(1)
		.map(record => {
			const [commit = '', trailers = '', subject = '', rest = ''] = record.split('\u0002');
			const touched = rest.split('\0').map(path => path.replace(/^\n/, ''));
			return {commit, task: trailers.trim().split(' ')[0] ?? '', subject: oneLine(subject, 200), touched};
		});
	return found
		.filter(({touched}) => files.length === 0 || files.some(file => touched.includes(file)))
		.slice(0, MOST)
		.map(({touched: _touched, ...arrival}) => arrival);
};
