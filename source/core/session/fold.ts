import type {Usage} from '../cost/usage.ts';
import {type Claim, FAILED, overruledBy, type Session, SPANS, verdictOf} from './evidence.ts';
import type {Question, Reading} from './reading.ts';
import type {Source} from './session.ts';

/** A seen sign, to explain the state. */
export type Sign = {readonly source: Source; readonly sign: string; readonly at: number};

/** A question whose hook waits until it is answered or hangs up. */
export type Held = {readonly id: string; readonly question: Question; readonly sign: string};

/** A session for a program started at `at`. */
export const newSession = (at: number, {isHeadless = false, asksByHook = false} = {}): Session => ({
	state: 'starting',
	since: at,
	source: 'process',
	evidence: 'process started',
	reason: '',
	question: undefined,
	id: '',
	transcript: '',
	doing: '',
	said: '',
	usage: undefined,
	cutOff: undefined,
	retryMs: 0,
	retryAt: 0,
	isRetrying: false,
	answer: '',
	prompts: 0,
	promptAt: 0,
	signs: [],
	claims: new Map(),
	held: [],
	startedAt: at,
	hasBegun: false,
	asksByHook,
	isHeadless,
	overruled: new Set(),
	shownAt: at,
	confirmedAt: at,
	dialogLeftAt: undefined,
	againAt: at + SPANS.start,
});

/** Signs kept per source. */
const SIGNS_KEPT = 5;

const withSign = (signs: readonly Sign[], sign: Sign): readonly Sign[] => {
	const same = signs.filter(({source}) => source === sign.source);
	const dropped = same.length < SIGNS_KEPT ? undefined : same.at(-1);
	return [sign, ...signs.filter(known => known !== dropped)];
};

/** Decides the state again at `at`, from the same facts. */
export const settle = (session: Session, at: number): Session => {
	const decided = verdictOf(session, at);
	// The sign that decides may be another than the one that says why.
	const why = decided.state === 'idle' && decided.reason === '' ? session.cutOff?.reason : undefined;
	const verdict = why ? {...decided, reason: why} : decided;
	const overruled = overruledBy(session, verdict);
	return {...session, ...verdict, overruled, since: verdict.state === session.state ? session.since : at};
};

const claimOf = ({source, state, sign, question, reason, retryMs, isRetrying}: Reading, at: number): Claim | undefined =>
	state && {
		source,
		state,
		sign,
		at,
		...(question ? {question} : {}),
		...(reason ? {reason} : {}),
		...(retryMs ? {retryMs} : {}),
		...(isRetrying ? {isRetrying} : {}),
	};

const isShown = ({source}: Reading): boolean => source === 'screen' || source === 'notice';

/** Hooks of tools that an interrupt ended come this long after it, ms: they begin no new work. */
const LATE_MS = 3000;
/** A choice that was typed into a dialog may end the turn within this, ms: no one interrupted it. */
const CHOSEN_MS = 5000;

const isLate = ({cutOff}: Session, {source, state, isPromptTaken}: Reading, at: number): boolean =>
	cutOff !== undefined && source === 'hook' && state === 'working' && !isPromptTaken && at - cutOff.at < LATE_MS;

/** Guarantee: a turn that was cut off stays so until a new prompt, or work that is no echo of the old one. */
const cutOffOf = (session: Session, reading: Reading, at: number): Session['cutOff'] => {
	const hook = session.claims.get('hook');
	if (reading.cutOff === 'human' && hook?.isWeak && hook.question && at - hook.at < CHOSEN_MS) return session.cutOff;
	if (reading.cutOff) return session.cutOff ?? {by: reading.cutOff, reason: reading.reason ?? '', at};
	const isNew = reading.isPromptTaken || (reading.source === 'hook' && reading.state === 'working' && !isLate(session, reading, at));
	return isNew ? undefined : session.cutOff;
};

/** A claim of screen or title ends when they change; hooks and events stand until the next one. */
const withClaim = (session: Session, reading: Reading, at: number): ReadonlyMap<Source, Claim> => {
	const claim = isLate(session, reading, at) ? undefined : claimOf(reading, at);
	const before = session.claims.get(reading.source);
	// The end of a turn does not undo its failure.
	if (claim?.state === 'idle' && !isShown(reading) && before && FAILED.includes(before.state) && !before.isRetrying) return session.claims;
	if (claim) return new Map([...session.claims, [reading.source, claim]]);
	if (!isShown(reading)) return session.claims;
	return new Map([...session.claims].filter(([source]) => source !== reading.source));
};

/** A session file may say idle from the start; a hook of a turn proves that there was one. */
const isBegin = ({source, state, isPromptTaken}: Reading): boolean =>
	isPromptTaken === true ||
	(source === 'hook' && state !== undefined && state !== 'starting') ||
	(source === 'stream' && state !== undefined && state !== 'starting' && state !== 'idle');

/** When a question's dialog left. A hook or another question resets it. */
const dialogLeft = ({claims, dialogLeftAt}: Session, {source, state}: Reading, at: number): number | undefined => {
	if (source === 'screen') return state === 'needs-input' ? undefined : claims.get('screen')?.state === 'needs-input' ? at : dialogLeftAt;
	return state && (source === 'hook' || (source === 'stream' && state === 'needs-input')) ? undefined : dialogLeftAt;
};

/** A reading that only names the model counts nothing; usage without a model belongs to the last named one. */
const newestUsage = (before: Usage | undefined, told: Usage | undefined): Usage | undefined => {
	if (!told) return before;
	const model = told.model ?? before?.model;
	const counted = before && told.tokensIn + told.tokensOut + told.micros === 0 ? before : told;
	return model === undefined ? counted : {...counted, model};
};

/** Folds in a reading. One of a screen or title is complete: without a state it withdraws the earlier claim. */
export const foldReading = (session: Session, reading: Reading, at: number): Session =>
	settle(
		{
			...session,
			id: reading.session ?? session.id,
			transcript: reading.transcript ?? session.transcript,
			doing: reading.doing ?? session.doing,
			said: reading.said ?? session.said,
			usage: newestUsage(session.usage, reading.usage),
			cutOff: cutOffOf(session, reading, at),
			answer: reading.answer ?? session.answer,
			hasBegun: session.hasBegun || isBegin(reading),
			prompts: session.prompts + (reading.isPromptTaken ? 1 : 0),
			promptAt: reading.isPromptTaken ? at : session.promptAt,
			signs: reading.state || isShown(reading) ? withSign(session.signs, {source: reading.source, sign: reading.sign, at}) : session.signs,
			claims: withClaim(session, reading, at),
			overruled: reading.state ? new Set([...session.overruled].filter(source => source !== reading.source)) : session.overruled,
			shownAt: isShown(reading) ? at : session.shownAt,
			dialogLeftAt: dialogLeft(session, reading, at),
			confirmedAt: at,
		},
		at,
	);

export const holdQuestion = (session: Session, held: Held, at: number): Session =>
	settle({...session, held: [...session.held, held], signs: withSign(session.signs, {source: 'hook', sign: held.sign, at})}, at);

/**
 * How long a question's dialog may take to disappear, ms: answered by a hook (the program finishes first, machines are slow), already gone,
 * keys typed.
 */
const LINGER_MS = {answered: 8000, gone: 2000, typed: 3000} as const;

/** The turn is presumed to continue; a remaining dialog and the next sign say more. */
const goesOn = (session: Session, sign: string, how: keyof typeof LINGER_MS, at: number): Session => {
	const question = how === 'typed' ? session.question : undefined;
	const claim: Claim = {
		source: 'hook',
		state: 'working',
		sign,
		at,
		isWeak: true,
		lingerMs: LINGER_MS[how],
		...(question ? {question} : {}),
	};
	return {
		...session,
		claims: new Map<Source, Claim>([...session.claims, ['hook', claim]]),
		signs: withSign(session.signs, {source: 'hook', sign, at}),
		overruled: new Set([...session.overruled].filter(source => source !== 'hook')),
		dialogLeftAt: undefined,
		confirmedAt: at,
	};
};

/** Ends a held question: `answered`, or `gone` (its hook hung up); `sign` says how. */
export const letGo = (
	session: Session,
	id: string,
	{sign, how}: {readonly sign: string; readonly how: 'answered' | 'gone'},
	at: number,
): Session => {
	const held = session.held.filter(other => other.id !== id);
	return settle(held.length < session.held.length ? {...goesOn(session, sign, how, at), held} : session, at);
};

export const answeredByKeys = (session: Session, sign: string, at: number): Session => settle(goesOn(session, sign, 'typed', at), at);
