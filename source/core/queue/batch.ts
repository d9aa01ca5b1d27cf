/** How many entries of the merge queue one run of the tests covers: as many as pay off, always that number at most, or one. */
export type BatchMode = 'auto' | 'off' | number;

/** What the size of the next batch follows from. */
export type BatchFacts = {
	readonly mode: BatchMode;
	/** Entries that may be tested now, the first of the batch included. */
	readonly waiting: number;
	/** Test runners without a test, the one that asks included. */
	readonly idle: number;
	/** How long the tests take, ms; 0 while it is unknown. */
	readonly testMs: number;
	/** How long another entry that may be tested now has waited for that, at most, ms. */
	readonly waitedMs: number;
	/** Share of recently tested entries that failed, 0 to 1. */
	readonly failing: number;
};

/** Maximum of entries in a batch. */
export const MOST_BATCHED = 32;
/**
 * `auto` tests one by one what takes no longer than this, and waits no longer, ms: then every commit of the base is tested alone. The wait tells
 * of what the tests do not: candidates on a slow remote, a machine with too much to do.
 */
const QUICK_MS = 10_000;

/** Expected runs for each entry that is decided by a batch of `size`: a failed batch is halved until the failing entry is found. */
const runsAnEntry = (size: number, failing: number): number => {
	if (failing <= 0) return 1 / size;
	const passes = (1 - failing) ** size;
	return (1 + (1 - passes) * Math.ceil(Math.log2(size))) / ((1 - passes) / failing);
};

/** The size with the fewest expected runs. */
const bestSize = (failing: number): number => {
	let best = 1;
	for (let size = 2; size <= MOST_BATCHED; size++) if (runsAnEntry(size, failing) < runsAnEntry(best, failing)) best = size;
	return best;
};

/**
 * Decides how many entries the next run covers: at least 1, at most those that wait. More than one only if more wait than there are idle
 * test runners, which then share them; `auto` also weighs the time of the tests against the entries that failed recently.
 */
export const batchSize = ({mode, waiting, idle, testMs, waitedMs, failing}: BatchFacts): number => {
	const runners = Math.max(1, idle);
	if (mode === 'off' || waiting <= runners) return 1;
	const share = Math.ceil(waiting / runners);
	if (mode !== 'auto') return Math.max(1, Math.min(mode, share, MOST_BATCHED));
	// Without a measured run it is not known what a batch would save: the first run measures.
	if (testMs === 0 || (testMs * share <= QUICK_MS && waitedMs <= QUICK_MS)) return 1;
	return Math.min(share, bestSize(failing));
};

/**
 * The next step for a batch of `size` candidates, each based on the one before, of which `results` says which passed (by place, 1 first).
 * test: that one. passed: all of it may merge. found: all before `place` may merge, and its own entry fails on what passes, or on what the
 * batch is based on if it is the first.
 */
export type BatchStep =
	| {readonly kind: 'test'; readonly place: number}
	| {readonly kind: 'passed'}
	| {readonly kind: 'found'; readonly place: number};

/** The last place before the first failure that has passed; 0 for none. */
export const passedPlace = (results: ReadonlyMap<number, boolean>): number => {
	const failed = [...results].flatMap(([place, isPassed]) => (isPassed ? [] : [place]));
	const end = Math.min(...failed, Number.POSITIVE_INFINITY);
	return Math.max(0, ...[...results].flatMap(([place, isPassed]) => (isPassed && place < end ? [place] : [])));
};

/** The tail first; after a failure the middle of what is undecided, so that the failing entry is found in log2(size) further runs. */
export const nextStep = (size: number, results: ReadonlyMap<number, boolean>): BatchStep => {
	if (results.get(size)) return {kind: 'passed'};
	const failed = [...results].flatMap(([place, isPassed]) => (isPassed ? [] : [place]));
	if (failed.length === 0) return {kind: 'test', place: size};
	const first = Math.min(...failed);
	const passed = passedPlace(results);
	return first - passed === 1 ? {kind: 'found', place: first} : {kind: 'test', place: passed + Math.floor((first - passed) / 2)};
};

/** Exit codes of the program `test` say which place of a batch passed, as it saw itself: reports alone could be sent by others. */
const PASSED_UP_TO = 100;
export const passedUpTo = (place: number): number => PASSED_UP_TO + place;

/** The place of a batch of `size` up to which a run that ended so has passed; 0 for none. */
export const placeOfExit = (size: number, exitCode: number): number => {
	if (exitCode === 0) return size;
	const place = exitCode - PASSED_UP_TO;
	return place >= 1 && place < size ? place : 0;
};
