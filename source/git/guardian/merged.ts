import {isObjectId, trailerValue} from '../process/names.ts';
import {git} from '../process/run.ts';
import {baseFolder, readBase, type Store} from '../store/store.ts';

/** How far back on the first-parent line a landing is looked for. */
const DEPTH = 2000;

/** The work of a task: the commit that it was handed in at. Where that is not known, its candidate says the same. */
export type Work = {readonly task: string; readonly commit: string};

/** `work` is what was merged, '' where a person made the commit. */
type MergedCommit = {readonly commit: string; readonly work: string};
/** The line as it was seen last: a commit never changes, so only what has come on top since has to be read. */
type Line = {readonly head: string; readonly mergedCommit: ReadonlyMap<string, readonly MergedCommit[]>};
const seen = new WeakMap<Store, Line>();

/**
 * The commits that landed these tasks, as far as they have landed: for each the newest on the first-parent line of the base that has its
 * `Room-Task:` trailer and merges its work. The repository is the record: this holds however Redis or the room came to an end. The
 * name alone says nothing: another room, or an earlier life of this one, may have called something else so. `head` is where to begin,
 * the base as it is now when left out.
 */
export const commitsOnBase = async (place: Store, works: readonly Work[], head?: string): Promise<Map<string, string>> => {
	const line = await readLine(place, head ?? (await readBase(place)));
	return new Map(
		works.flatMap(({task, commit}) => {
			const named = line.mergedCommit.get(trailerValue(task)) ?? [];
			const mergedCommit = named.findLast(one => one.work === commit || one.commit === commit);
			return mergedCommit === undefined ? [] : [[task, mergedCommit.commit]];
		}),
	);
};

/** The commit that landed a task, undefined while it has not landed. */
export const commitOnBase = async (place: Store, work: Work): Promise<string | undefined> =>
	(await commitsOnBase(place, [work])).get(work.task);

const readLine = async (place: Store, head: string): Promise<Line> => {
	const before = seen.get(place);
	if (before?.head === head) return before;
	const newer = before && (await readCommits(place, [`^${before.head}`, head]));
	// A base that was rewritten does not lead back to what was seen: then all is read again.
	const isOnTop = newer?.at(-1)?.parent === before?.head;
	const commits = newer && isOnTop ? newer : await readCommits(place, [head]);
	const mergedCommit = new Map(isOnTop ? before?.mergedCommit : []);
	for (const {commit, work, tasks} of commits.toReversed())
		for (const task of tasks) mergedCommit.set(task, [...(mergedCommit.get(task) ?? []), {commit, work}]);
	const line = {head, mergedCommit};
	seen.set(place, line);
	return line;
};

const FORMAT = '--format=%H %P%x00%(trailers:key=Room-Task,valueonly,separator=%x20)';

/** First-parent commits, newest first. */
const readCommits = async (
	place: Store,
	range: readonly string[],
): Promise<readonly {commit: string; parent: string; work: string; tasks: readonly string[]}[]> => {
	const {stdout} = await git(
		baseFolder(place),
		['rev-list', '--first-parent', `--max-count=${DEPTH}`, '--no-commit-header', FORMAT, '--ignore-missing', '--stdin'],
		{input: `${range.join('\n')}\n`},
	);
	return stdout.split('\n').flatMap(line => {
		const [ids = '', tasks = ''] = line.split('\0');
		const [commit = '', parent = '', work = ''] = ids.split(' ');
		return isObjectId(commit) ? [{commit, parent, work, tasks: tasks.split(' ').filter(Boolean)}] : [];
	});
};
