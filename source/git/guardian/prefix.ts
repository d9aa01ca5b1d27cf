import type {Verdict} from './verify.ts';

/**
 * A task with its candidate, based on the previous candidate, the first on the base. `testedCommit`: the commit whose tests passed with it,
 * its own candidate or one behind it.
 */
export type QueueEntry = {readonly task: string; readonly candidate: string; readonly testedCommit: string};

/**
 * `moved`: the rest is not based on the current base: rebuild and retest on `head`. `held`: git refuses, in one clean line: retry later;
 * `files` are the user's that are in the way and `tasks` the entries that change them, both empty if all are blocked (a lock, a rebase).
 * `unsafe`: this entry's candidate is invalid, and those behind are based on it. `untested`: no candidate from this entry on passed its
 * tests.
 */
export type Stop =
	| {readonly kind: 'moved'; readonly head: string}
	| {
			readonly kind: 'held';
			readonly reason: string;
			readonly files: readonly string[];
			readonly tasks: readonly string[];
			/** The remote blocks it, not this machine. */
			readonly isRemote?: boolean;
	  }
	| {readonly kind: 'unsafe'; readonly reason: string; readonly task: string}
	| {readonly kind: 'untested'; readonly task: string};

/**
 * Merge result: entries that are on the base, by this merge or an earlier one, with their merge commits; `stopped` says why the rest is
 * not.
 */
export type Merging = {readonly merged: readonly {readonly task: string; readonly commit: string}[]; readonly stopped?: Stop};

/** What a candidate merges; for a refused one only itself is known. */
export const workOf = (verdict: Verdict | undefined, candidate: string): string =>
	verdict && 'taskCommit' in verdict ? verdict.taskCommit : candidate;

/** What is to merge, with the verdict on each entry. */
export type MergeQueue = {readonly entries: readonly QueueEntry[]; readonly verdicts: readonly Verdict[]; readonly expectedBase: string};

export type Checked = QueueEntry & {readonly paths: ReadonlySet<string>};
export type Known = Map<string, string>;

export const heldAll = (reason: string): Stop => ({kind: 'held', reason, files: [], tasks: []});

export const answer = (entries: readonly QueueEntry[], known: Known, stopped: Stop | undefined): Merging => {
	const merged = entries.flatMap(({task}) => {
		const commit = known.get(task);
		return commit === undefined ? [] : [{task, commit}];
	});
	return stopped && merged.length < entries.length ? {merged, stopped} : {merged};
};

type Prefix = {readonly prefix: readonly Checked[]; readonly stopped?: Stop};

/** Guarantee: the base only takes a commit that passed its tests. Cuts a prefix behind the last such candidate. */
export const upToTested = ({prefix, stopped}: Prefix): Prefix => {
	const tested = prefix.slice(0, prefix.findLastIndex(({candidate, testedCommit}) => candidate === testedCommit) + 1);
	const cut = prefix[tested.length];
	if (cut === undefined) return {prefix, ...(stopped ? {stopped} : {})};
	return {prefix: tested, stopped: stopped ?? {kind: 'untested', task: cut.task}};
};

/** The entries that may merge now, and what stops the next one. Skips merged ones at the front. */
export const nextEntries = (mergeQueue: MergeQueue & {readonly known: Known; readonly head: string}): Prefix =>
	upToTested(validEntries(mergeQueue));

const validEntries = (mergeQueue: MergeQueue & {readonly known: Known; readonly head: string}): Prefix => {
	const {entries, verdicts, known, head} = mergeQueue;
	const firstLeft = entries.findIndex(entry => known.get(entry.task) !== entry.candidate);
	if (firstLeft < 0) return {prefix: []};
	const standsOn = entries[firstLeft - 1]?.candidate ?? mergeQueue.expectedBase;
	if (head !== standsOn) return {prefix: [], stopped: {kind: 'moved', head}};
	const prefix: Checked[] = [];
	for (const [at, entry] of entries.entries()) {
		if (at < firstLeft) continue;
		const verdict = verdicts[at];
		const last = prefix.at(-1)?.candidate ?? head;
		// Merged by another commit: entries based on this candidate can never merge.
		if (known.has(entry.task)) return {prefix, stopped: {kind: 'moved', head: last}};
		if (prefix.some(({task}) => task === entry.task) || !verdict)
			return {prefix, stopped: unsafe(entry, 'its task is in the merge queue twice')};
		if ('refused' in verdict) return {prefix, stopped: unsafe(entry, verdict.refused)};
		prefix.push({...entry, paths: verdict.paths});
	}
	return {prefix};
};

const unsafe = ({task, candidate}: QueueEntry, reason: string): Stop => ({
	kind: 'unsafe',
	task,
	reason: `candidate \`${candidate.slice(0, 12)}\` must not merge: ${reason}`,
});
