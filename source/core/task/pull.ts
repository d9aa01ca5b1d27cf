export const CHECK_STATES = ['pending', 'passed', 'failed', 'skipped'] as const;
export type CheckState = (typeof CHECK_STATES)[number];

export const PULL_STATES = ['open', 'merged', 'closed'] as const;
export type PullState = (typeof PULL_STATES)[number];

/** One check of a pull request's head, for a screen. */
export type PullCheck = {readonly name: string; readonly state: CheckState; readonly isRequired: boolean};

/** The pull request of a task, as the room last saw it. */
export type Pull = {
	/** 0 without one. */
	readonly number: number;
	/** It is that of its whole feature, and its work is on that branch, whose last commit is `head`. */
	readonly isOfFeature: boolean;
	readonly url: string;
	readonly state: PullState | '';
	/** Open before review and tests; the forge does not allow a merge. */
	readonly isDraft: boolean;
	/** Its branch on the remote, and the commit that the room pushed there. */
	readonly branch: string;
	readonly head: string;
	readonly checks: readonly PullCheck[];
	/** Comments of accounts that may not write, or that ask for no change: they wait for your word. */
	readonly waiting: number;
	/** When the forge last changed it, in its own words. */
	readonly updatedAt: string;
	/** You want it merged as soon as it may be. */
	readonly isWanted: boolean;
	/** Checks and comments that were dealt with, and comments that its author answers by the next commit. */
	readonly seen: readonly string[];
	readonly replies: readonly string[];
};

export const NO_PULL: Pull = {
	...{
		number: 0,
		isOfFeature: false,
		url: '',
		state: '',
		isDraft: false,
		branch: '',
		head: '',
		checks: [],
		waiting: 0,
		updatedAt: '',
		isWanted: false,
		seen: [],
		replies: [],
	},
};

/** Newest last; older ones are forgotten. */
const MOST_SEEN = 300;

const readSeen = (text: string | undefined): readonly string[] => (text ? text.split(',') : []);
/** A list of checks and comments as one field. */
export const writeSeen = (seen: readonly string[]): string => seen.slice(-MOST_SEEN).join(',');

/** Checks kept for a screen: those that are not passed first. */
const MOST_CHECKS = 20;
const ORDER: readonly CheckState[] = ['failed', 'pending', 'passed', 'skipped'];

/** One field of a hash: `failed! name` a line, `!` if it is required. */
export const writeChecks = (checks: readonly PullCheck[]): string =>
	checks
		.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.name < b.name ? -1 : 1))
		.slice(0, MOST_CHECKS)
		.map(({name, state, isRequired}) => `${state}${isRequired ? '!' : ''} ${name.replaceAll('\n', ' ')}`)
		.join('\n');

const readChecks = (text: string | undefined): readonly PullCheck[] =>
	(text ?? '').split('\n').flatMap(line => {
		const [, word = '', required = '', name = ''] = /^([a-z]+)(!?) (.*)$/.exec(line) ?? [];
		const state = CHECK_STATES.find(known => known === word);
		return state ? [{name, state, isRequired: required !== ''}] : [];
	});

/** Reads the pull request from a task's hash. Never throws. */
export const parsePull = (fields: Readonly<Record<string, string>>): Pull => {
	const given = Number(fields.pullNumber);
	const number = Number.isSafeInteger(given) && given > 0 ? given : 0;
	const isOfFeature = fields.pullOf === 'feature';
	if (number === 0 && !isOfFeature) return NO_PULL;
	return {
		number,
		isOfFeature,
		url: /^https?:\/\//.test(fields.pullUrl ?? '') ? (fields.pullUrl ?? '') : '',
		state: PULL_STATES.find(known => known === fields.pullState) ?? '',
		isDraft: fields.pullDraft === '1',
		branch: fields.pullBranch ?? '',
		head: fields.pullHead ?? '',
		checks: readChecks(fields.pullChecks),
		waiting: Math.max(0, Number(fields.pullWaiting) || 0),
		updatedAt: fields.pullUpdatedAt ?? '',
		isWanted: fields.pullWanted === '1',
		seen: readSeen(fields.pullSeen),
		replies: readSeen(fields.pullReplies),
	};
};

const count = (checks: readonly PullCheck[], state: CheckState): number => checks.filter(check => check.state === state).length;

/** The checks that decide: the required ones, or all if none is required. */
export const deciding = <Check extends {readonly isRequired: boolean}>(checks: readonly Check[]): readonly Check[] =>
	checks.some(({isRequired}) => isRequired) ? checks.filter(({isRequired}) => isRequired) : checks;

/** What the checks say as a whole; `none` without any. */
export const checksState = (checks: readonly PullCheck[]): CheckState | 'none' => {
	const all = deciding(checks);
	if (all.length === 0) return 'none';
	return count(all, 'failed') > 0 ? 'failed' : count(all, 'pending') > 0 ? 'pending' : 'passed';
};

/** `2 checks passed, 1 running`, or the name of the one that failed. */
const checksText = (checks: readonly PullCheck[]): string => {
	const [failed] = checks.filter(({state}) => state === 'failed');
	const [passed, pending] = [count(checks, 'passed') + count(checks, 'skipped'), count(checks, 'pending')];
	if (failed) return `check ${failed.name} failed${pending > 0 ? `, ${pending} running` : ''}`;
	if (pending > 0) return `${pending} ${pending === 1 ? 'check' : 'checks'} running${passed > 0 ? `, ${passed} passed` : ''}`;
	return passed > 0 ? `${passed} ${passed === 1 ? 'check' : 'checks'} passed` : 'no checks yet';
};

/** A pull request in one clause: `pull request #12: 2 checks passed, ready to merge`. */
export const pullText = ({number, state, checks, waiting}: Pull): string => {
	if (number === 0) return '';
	if (state !== 'open') return `pull request #${number} ${state}`;
	const comments = waiting > 0 ? `, ${waiting} ${waiting === 1 ? 'comment' : 'comments'} to read` : '';
	const ready = checksState(checks) === 'passed' ? ', ready to merge' : '';
	return `pull request #${number}: ${checksText(checks)}${ready}${comments}`;
};
