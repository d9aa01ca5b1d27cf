import type {Verdict} from './verify.ts';

/** A task with its tested candidate. In a train each candidate stands on the one before it, the first on the base. */
export type Car = {readonly task: string; readonly candidate: string};

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
export type Landing = {readonly landed: readonly {readonly task: string; readonly commit: string}[]; readonly stopped?: Stop};

/** What a candidate merges; of one that is refused nothing but itself is known. */
export const workOf = (verdict: Verdict | undefined, candidate: string): string =>
	verdict && 'taskCommit' in verdict ? verdict.taskCommit : candidate;

/** What is to land, with what was found out about each of its cars. */
export type Train = {readonly cars: readonly Car[]; readonly verdicts: readonly Verdict[]; readonly expectedBase: string};

export type Checked = Car & {readonly paths: ReadonlySet<string>};
export type Known = Map<string, string>;

export const heldAll = (reason: string): Stop => ({kind: 'held', reason, files: [], tasks: []});

export const answer = (cars: readonly Car[], known: Known, stopped: Stop | undefined): Landing => {
	const landed = cars.flatMap(({task}) => {
		const commit = known.get(task);
		return commit === undefined ? [] : [{task, commit}];
	});
	return stopped && landed.length < cars.length ? {landed, stopped} : {landed};
};

/** The cars that may land now, and what stops the one behind them. Those at the front that have landed already are passed over. */
export const nextCars = (train: Train & {readonly known: Known; readonly head: string}): {prefix: readonly Checked[]; stopped?: Stop} => {
	const {cars, verdicts, known, head} = train;
	const firstLeft = cars.findIndex(car => known.get(car.task) !== car.candidate);
	if (firstLeft < 0) return {prefix: []};
	const standsOn = cars[firstLeft - 1]?.candidate ?? train.expectedBase;
	if (head !== standsOn) return {prefix: [], stopped: {kind: 'moved', head}};
	const prefix: Checked[] = [];
	for (const [at, car] of cars.entries()) {
		if (at < firstLeft) continue;
		const verdict = verdicts[at];
		const last = prefix.at(-1)?.candidate ?? head;
		// Landed by another commit than this candidate: what stands on the candidate can never land.
		if (known.has(car.task)) return {prefix, stopped: {kind: 'moved', head: last}};
		if (prefix.some(({task}) => task === car.task) || !verdict) return {prefix, stopped: unsafe(car, 'its task is in the train twice')};
		if ('refused' in verdict) return {prefix, stopped: unsafe(car, verdict.refused)};
		prefix.push({...car, paths: verdict.paths});
	}
	return {prefix};
};

const unsafe = ({task, candidate}: Car, reason: string): Stop => ({
	kind: 'unsafe',
	task,
	reason: `candidate \`${candidate.slice(0, 12)}\` must not land: ${reason}`,
});
