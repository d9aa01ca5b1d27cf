import {type CheckState, deciding, type Pull, type PullCheck} from '../task/pull.ts';
import type {ForgeCheck, ForgeComment, ForgePull} from './protocol.ts';

const WORST: readonly CheckState[] = ['failed', 'pending', 'passed', 'skipped'];

/** Of several checks with one name the one that began last: it replaced the others. Of those that began together the worst. */
export const newestChecks = (checks: readonly ForgeCheck[]): readonly ForgeCheck[] =>
	[...Map.groupBy(checks, ({name}) => name).values()].map(same =>
		same.reduce((last, one) => {
			const isWorse = WORST.indexOf(one.state) < WORST.indexOf(last.state);
			return one.at > last.at || (one.at === last.at && isWorse) ? one : last;
		}),
	);

const shown = ({name, state, isRequired}: ForgeCheck): PullCheck => ({name, state, isRequired});

/** How a rerun of a check is remembered: of which check of which commit, and as which run it had failed. */
const rerunMark = (head: string, {name, id}: Pick<ForgeCheck, 'name' | 'id'>): string => `again:${head}:${keyOf(name)}:${id}`;
/** Names have commas and blanks. */
const keyOf = (name: string): string => encodeURIComponent(name).replaceAll(',', '%2C');

/** What follows from what a forge says of a pull request. At most one of these at a time: the next look sees the rest. */
export type PullNext =
	| {readonly kind: 'merged'; readonly commit: string}
	| {readonly kind: 'closed'}
	/** Somebody else pushed to its branch. */
	| {readonly kind: 'foreign'; readonly head: string}
	/** A check failed for the first time on this commit: it runs once more. `mark` is remembered. */
	| {readonly kind: 'rerun'; readonly check: ForgeCheck; readonly mark: string}
	/** It failed again, or cannot run again. */
	| {readonly kind: 'failed'; readonly check: ForgeCheck}
	| {readonly kind: 'passed'}
	| {readonly kind: 'pending'};

/**
 * Decides what follows for a pull request whose head the room pushed. A check that failed runs once more on each commit; it counts as failed when a
 * later run of it fails too. Checks of another commit, late ones, decide nothing.
 */
export const nextOf = (pull: Pull, now: ForgePull): PullNext => {
	if (now.state === 'merged') return {kind: 'merged', commit: now.mergedAs};
	if (now.state === 'closed') return {kind: 'closed'};
	if (now.head !== pull.head) return {kind: 'foreign', head: now.head};
	const checks = deciding(newestChecks(now.checks));
	for (const check of checks.filter(({state}) => state === 'failed')) {
		const tried = pull.seen.find(mark => mark.startsWith(`again:${pull.head}:${keyOf(check.name)}:`));
		if (tried === undefined) return {kind: 'rerun', check, mark: rerunMark(pull.head, check)};
		if (tried !== rerunMark(pull.head, check)) return {kind: 'failed', check};
	}
	const isOver = checks.every(({state}) => state === 'passed' || state === 'skipped');
	return {kind: isOver ? 'passed' : 'pending'};
};

/** Checks that failed once on this commit and then passed. */
export const flakyOf = (pull: Pull, now: ForgePull): readonly string[] =>
	newestChecks(now.checks)
		.filter(({name, state}) => state === 'passed' && pull.seen.some(mark => mark.startsWith(`again:${pull.head}:${keyOf(name)}:`)))
		.map(({name}) => name)
		.filter(name => pull.checks.some(known => known.name === name && known.state !== 'passed'));

/** The checks as they are shown. */
export const shownChecks = ({checks}: Pick<ForgePull, 'checks'>): readonly PullCheck[] => newestChecks(checks).map(shown);

/** How a comment is remembered: one that was edited since is another. */
export const commentMark = ({id}: Pick<ForgeComment, 'id'>): string => `said:${id}`;

/**
 * Sorts comments that were not dealt with. `asked`: those of accounts that may write and that ask for a change; they go to the author. `waiting`:
 * all others of people; they need your word.
 */
export const sortComments = (
	{seen}: Pick<Pull, 'seen'>,
	comments: readonly ForgeComment[],
): {readonly asked: readonly ForgeComment[]; readonly waiting: readonly ForgeComment[]} => {
	const known = new Set(seen);
	const fresh = comments.filter(one => !one.isOwn && !known.has(commentMark(one)));
	const isAsked = ({mayWrite, asksChanges}: ForgeComment): boolean => mayWrite && asksChanges;
	return {asked: fresh.filter(isAsked), waiting: fresh.filter(one => !isAsked(one))};
};
