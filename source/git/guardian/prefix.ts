import type {Verdict} from './verify.ts';

/** A task with its tested candidate. In a train each candidate stands on the one before it, the first on the base. */
export type QueueEntry = {readonly task: string; readonly candidate: string};

/**
 * `moved`: what has not landed stands on something else than the base, so build and test it again on `head`. `held`: git refuses, in one
 * clean line, so try the same again later; `files` are a person's that are in the way and `tasks` the cars that change them, both
 * empty where it holds everybody (a lock, a rebase). `unsafe`: this car's candidate is not what it must be, and those behind stand on it.
 */
export type Stop =
	| {readonly kind: 'moved'; readonly head: string}
	| {
			readonly kind: 'held';
			readonly reason: string;
			readonly files: readonly string[];
			readonly tasks: readonly string[];
			/** The remote is in the way, not this machine. */
			readonly isRemote?: boolean;
	  }
	| {readonly kind: 'unsafe'; readonly reason: string; readonly task: string};

/**
 * What became of a train: the cars that are on the base now, by this landing or an earlier one, each with the commit that landed it, and
 * why the others are not; `stopped` is absent when all are.
 */
export type Merging = {readonly mergedCommit: readonly {readonly task: string; readonly commit: string}[]; readonly stopped?: Stop};

/** What a candidate merges; of one that is refused nothing but itself is known. */
export const workOf = (verdict: Verdict | undefined, candidate: string): string =>
	verdict && 'taskCommit' in verdict ? verdict.taskCommit : candidate;

/** What is to land, with what was found out about each of its cars. */
export type MergeQueue = {readonly entries: readonly QueueEntry[]; readonly verdicts: readonly Verdict[]; readonly expectedBase: string};

export type Checked = QueueEntry & {readonly paths: ReadonlySet<string>};
export type Known = Map<string, string>;

export const heldAll = (reason: string): Stop => ({kind: 'held', reason, files: [], tasks: []});

export const answer = (entries: readonly QueueEntry[], known: Known, stopped: Stop | undefined): Merging => {
	const mergedCommit = entries.flatMap(({task}) => {
		const commit = known.get(task);
		return commit === undefined ? [] : [{task, commit}];
	});
	return stopped && mergedCommit.length < entries.length ? {mergedCommit, stopped} : {mergedCommit};
};

/** The cars that may land now, and what stops the one behind them. Those at the front that have landed already are passed over. */
export const nextEntries = (
	mergeQueue: MergeQueue & {readonly known: Known; readonly head: string},
): {prefix: readonly Checked[]; stopped?: Stop} => {
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
		// Landed by another commit than this candidate: what stands on the candidate can never land.
		if (known.has(entry.task)) return {prefix, stopped: {kind: 'moved', head: last}};
		if (prefix.some(({task}) => task === entry.task) || !verdict) return {prefix, stopped: unsafe(entry, 'its task is in the train twice')};
		if ('refused' in verdict) return {prefix, stopped: unsafe(entry, verdict.refused)};
		prefix.push({...entry, paths: verdict.paths});
	}
	return {prefix};
};

const unsafe = ({task, candidate}: QueueEntry, reason: string): Stop => ({
	kind: 'unsafe',
	task,
	reason: `candidate \`${candidate.slice(0, 12)}\` must not land: ${reason}`,
});
