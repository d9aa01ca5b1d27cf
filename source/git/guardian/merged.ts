import {oneLine} from '../../core/text/quote.ts';
import {isObjectId, trailerValue} from '../process/names.ts';
import {git} from '../process/run.ts';
import {baseFolder, readBase, type Store} from '../store/store.ts';

/** How far back the first-parent line is searched. */
const DEPTH = 2000;

/** A task's work: its submitted commit, or if unknown its candidate. */
export type Work = {readonly task: string; readonly commit: string};

/** `work` is the merged commit, '' for a user's commit; `at`: when it was committed, epoch ms. */
type MergedCommit = {readonly commit: string; readonly work: string; readonly at: number; readonly subject: string};
/** The last known line: commits never change, so only newer ones are read. */
type Line = {readonly head: string; readonly merges: ReadonlyMap<string, readonly MergedCommit[]>};
const seen = new WeakMap<Store, Line>();

/**
 * Returns the newest merge commit of each merged task: on the base's first-parent line, with its `Room-Task:` trailer, and merging its
 * work. The repository is the record, so this survives any crash of Redis or room. The id alone proves nothing: another room may have used
 * it. `head` is the start, default the current base.
 */
export const commitsOnBase = async (place: Store, works: readonly Work[], head?: string): Promise<Map<string, string>> => {
	const line = await readLine(place, head ?? (await readBase(place)));
	return new Map(
		works.flatMap(({task, commit}) => {
			const named = line.merges.get(trailerValue(task)) ?? [];
			const found = named.findLast(one => one.work === commit || one.commit === commit);
			return found === undefined ? [] : [[task, found.commit]];
		}),
	);
};

/**
 * Returns the newest commit of the base that has a task's name, of those committed after `since` (epoch ms). A name proves nothing: an
 * earlier life of the room may have used it.
 */
export const namedOnBase = async (
	place: Store,
	tasks: readonly {readonly task: string; readonly since: number}[],
): Promise<Map<string, {readonly commit: string; readonly subject: string}>> => {
	const line = await readLine(place, await readBase(place));
	return new Map(
		tasks.flatMap(({task, since}) => {
			const found = (line.merges.get(trailerValue(task)) ?? []).findLast(({at}) => at >= since);
			return found === undefined ? [] : [[task, {commit: found.commit, subject: found.subject}]];
		}),
	);
};

/** Returns a task's merge commit, undefined if unmerged. */
export const commitOnBase = async (place: Store, work: Work): Promise<string | undefined> =>
	(await commitsOnBase(place, [work])).get(work.task);

const readLine = async (place: Store, head: string): Promise<Line> => {
	const before = seen.get(place);
	if (before?.head === head) return before;
	const newer = before && (await readCommits(place, [`^${before.head}`, head]));
	// After a rewrite the known line is unreachable: read it all.
	const isOnTop = newer?.at(-1)?.parent === before?.head;
	const commits = newer && isOnTop ? newer : await readCommits(place, [head]);
	const merges = new Map(isOnTop ? before?.merges : []);
	for (const {tasks, parent: _, ...merge} of commits.toReversed())
		for (const task of tasks) merges.set(task, [...(merges.get(task) ?? []), merge]);
	const line = {head, merges};
	seen.set(place, line);
	return line;
};

const FORMAT = '--format=%H %P%x00%(trailers:key=Room-Task,valueonly,separator=%x20)%x00%ct%x00%s';

const readCommits = async (
	place: Store,
	range: readonly string[],
): Promise<readonly (MergedCommit & {parent: string; tasks: readonly string[]})[]> => {
	const {stdout} = await git(
		baseFolder(place),
		['rev-list', '--first-parent', `--max-count=${DEPTH}`, '--no-commit-header', FORMAT, '--ignore-missing', '--stdin'],
		{input: `${range.join('\n')}\n`},
	);
	return stdout.split('\n').flatMap(line => {
		const [ids = '', tasks = '', at = '', subject = ''] = line.split('\0');
		const [commit = '', parent = '', work = ''] = ids.split(' ');
		const told = {at: Number(at) * 1000, subject: oneLine(subject, 100)};
		return isObjectId(commit) ? [{commit, parent, work, tasks: tasks.split(' ').filter(Boolean), ...told}] : [];
	});
};
