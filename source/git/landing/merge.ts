import {join} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {withRepositoryLock} from '../lock/lock-file.ts';
import {clearStaleLock} from '../lock/stale-lock.ts';
import {isObjectId, slug} from '../process/names.ts';
import {GitRefused, git} from '../process/run.ts';
import {readBranch} from '../repository/repository.ts';
import {FETCH} from '../store/import.ts';
import {type Store, sendObjects} from '../store/store.ts';
import {listWorkTrees} from '../worktree/list.ts';
import {landedCommits} from './landed.ts';
import {moveBase, type Refusal} from './move-base.ts';
import {undoInterrupted} from './recovery.ts';
import {type Verdict, verifyCandidates} from './verify.ts';

/** A task with its tested candidate. In a train each candidate stands on the one before it, the first on the base. */
export type Car = {readonly task: string; readonly candidate: string};

/**
 * `moved`: what has not landed stands on something else than the base, so build and test it again on `head`. `held`: git refuses, in one
 * clean line, so try the same again later; `files` are a person's that are in the way and `tasks` the cars that change them, both
 * empty where it holds everybody (a lock, a rebase). `unsafe`: this car's candidate is not what it must be, and those behind stand on it.
 */
export type Stop =
	| {readonly kind: 'moved'; readonly head: string}
	| {readonly kind: 'held'; readonly reason: string; readonly files: readonly string[]; readonly tasks: readonly string[]}
	| {readonly kind: 'unsafe'; readonly reason: string; readonly task: string};

/**
 * What became of a train: the cars that are on the base now, by this landing or an earlier one, each with the commit that landed it, and
 * why the others are not; `stopped` is absent when all are.
 */
export type Landing = {readonly landed: readonly {readonly task: string; readonly commit: string}[]; readonly stopped?: Stop};

/**
 * Lands a train of tested candidates: the base moves in one step from `expectedBase` to the last of the longest prefix that may land,
 * or nothing moves.
 *
 * Every car is verified before anything moves; one that fails cuts the train before it, and so does one that changes a file in which a
 * person has uncommitted work. At most one landing is under way in a repository (its lock), a task's work lands at most once (it is
 * looked up under the lock), and the base only moves by git's own compare-and-swap. A kill at any instant leaves the base old or new.
 * @throws GitRefused `no-commit`, `repository-busy`, `git-failed`.
 */
export const land = async (place: Store, {cars, expectedBase}: {cars: readonly Car[]; expectedBase: string}): Promise<Landing> => {
	const {repository, clone, base} = place;
	for (const id of [expectedBase, ...cars.map(car => car.candidate)])
		if (!isObjectId(id)) throw new GitRefused('no-commit', `\`${oneLine(id)}\` is not a commit id`);
	// What candidates are, what they are made of, and what had landed up to `expectedBase`, does not depend on where the base is now.
	const [verdicts] = await Promise.all([
		verifyCandidates(
			clone,
			cars.map((car, at) => ({...car, expectedBase: cars[at - 1]?.candidate ?? expectedBase})),
		),
		landedCommits(place, [], expectedBase),
	]);
	return withRepositoryLock(repository.commonDir, async () => {
		if (!(await undoInterrupted(repository))) return {landed: [], stopped: heldAll('the git of an earlier landing still writes files')};
		const head = await readBranch(repository, base);
		const known = await landedCommits(
			place,
			cars.map(({task, candidate}, at) => ({task, commit: workOf(verdicts[at], candidate)})),
			head,
		);
		const next = nextCars({cars, verdicts, known, head, expectedBase});
		if (next.prefix.length === 0) return answer(cars, known, next.stopped);
		const [trees, isFree] = await Promise.all([
			listWorkTrees(repository.root),
			clearStaleLock(join(repository.commonDir, 'refs', 'heads', `${base}.lock`)),
			ship(place, next.prefix, head),
		]);
		if (!isFree) return answer(cars, known, heldAll(`another process is about to move \`${oneLine(base)}\``));

		let stopped = next.stopped;
		for (let prefix = next.prefix; prefix.length > 0; ) {
			const to = prefix.at(-1)?.candidate ?? head;
			const note = oneLine(`agent-room: land ${prefix.map(car => slug(car.task)).join(', ')}`);
			const paths = new Set(prefix.flatMap(car => [...car.paths]));
			const refusal = await moveBase(place, trees, {from: head, to, note, paths});
			const now = await readBranch(repository, base);
			if (now === to) {
				for (const car of prefix) known.set(car.task, car.candidate);
				break;
			}
			if (now !== head) return answer(cars, known, {kind: 'moved', head: now});
			const cut = withoutFiles(prefix, refusal ?? {reason: 'git did not move it', files: []});
			[prefix, stopped] = [cut.prefix, cut.stopped];
		}
		return answer(cars, known, stopped);
	});
};

/** What a candidate merges; of one that is refused nothing but itself is known. */
const workOf = (verdict: Verdict | undefined, candidate: string): string =>
	verdict && 'taskCommit' in verdict ? verdict.taskCommit : candidate;

type Checked = Car & {readonly paths: ReadonlySet<string>};
type Known = Map<string, string>;

/** Brings the objects of what lands into the repository: not before it is known to land, and everything is checked as it comes in. */
const ship = async ({repository, clone}: Store, cars: readonly Car[], head: string): Promise<void> => {
	const last = cars.at(-1)?.candidate ?? head;
	if (await sendObjects(clone, repository.commonDir, {wanted: [last], known: [head]})) return;
	await git(repository.root, [...FETCH, '--end-of-options', clone, last]);
};

const heldAll = (reason: string): Stop => ({kind: 'held', reason, files: [], tasks: []});

const answer = (cars: readonly Car[], known: Known, stopped: Stop | undefined): Landing => {
	const landed = cars.flatMap(({task}) => {
		const commit = known.get(task);
		return commit === undefined ? [] : [{task, commit}];
	});
	return stopped && landed.length < cars.length ? {landed, stopped} : {landed};
};

/** The cars that may land now, and what stops the one behind them. Those at the front that have landed already are passed over. */
const nextCars = (train: {
	cars: readonly Car[];
	verdicts: readonly Verdict[];
	known: Known;
	head: string;
	expectedBase: string;
}): {prefix: readonly Checked[]; stopped?: Stop} => {
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

/** The part of a train before the first car that changes one of the files in the way; none of it where no car is known to do so. */
const withoutFiles = (prefix: readonly Checked[], {reason, files}: Refusal): {prefix: readonly Checked[]; stopped: Stop} => {
	const touches = ({paths}: Checked): boolean =>
		files.some(file => paths.has(file) || [...paths].some(path => path.startsWith(`${file}/`) || file.startsWith(`${path}/`)));
	const first = prefix.findIndex(touches);
	if (first < 0) return {prefix: [], stopped: heldAll(reason)};
	const tasks = prefix.filter(touches).map(car => car.task);
	return {prefix: prefix.slice(0, first), stopped: {kind: 'held', reason, files, tasks}};
};
