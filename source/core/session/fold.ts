import type {Usage} from '../cost/usage.ts';
import {type Claim, overruledBy, type Session, SPANS, verdictOf} from './evidence.ts';
import type {Question, Reading} from './reading.ts';
import type {Source} from './session.ts';

/** A sign that was seen, for people who ask what the state follows from. */
export type Sign = {readonly source: Source; readonly sign: string; readonly at: number};

/** A question that a hook holds its program with, until it is answered or hangs up. */
export type Held = {readonly id: string; readonly question: Question; readonly sign: string};

/** A program that has just been started at `at`. */
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
	retryMs: 0,
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

/** Signs of one source that are kept. */
const SIGNS_KEPT = 5;

const withSign = (signs: readonly Sign[], sign: Sign): readonly Sign[] => {
	const same = signs.filter(({source}) => source === sign.source);
	const dropped = same.length < SIGNS_KEPT ? undefined : same.at(-1);
	return [sign, ...signs.filter(known => known !== dropped)];
};

/** The same facts, looked at again at `at`. */
export const settle = (session: Session, at: number): Session => {
	const verdict = verdictOf(session, at);
	const overruled = overruledBy(session, verdict);
	return {...session, ...verdict, overruled, since: verdict.state === session.state ? session.since : at};
};

const claimOf = ({source, state, sign, question, reason, retryMs}: Reading, at: number): Claim | undefined =>
	state && {
		source,
		state,
		sign,
		at,
		...(question ? {question} : {}),
		...(reason ? {reason} : {}),
		...(retryMs ? {retryMs} : {}),
	};

const isShown = ({source}: Reading): boolean => source === 'screen' || source === 'notice';

/** What a screen or a title showed is gone once it shows something else; hooks and events stand until the next one that says something. */
const withClaim = (session: Session, reading: Reading, at: number): ReadonlyMap<Source, Claim> => {
	const claim = claimOf(reading, at);
	if (claim) return new Map([...session.claims, [reading.source, claim]]);
	if (!isShown(reading)) return session.claims;
	return new Map([...session.claims].filter(([source]) => source !== reading.source));
};

/** An event file or the like may say that it is idle from the start on; a hook of a turn says that there was one. */
const isBegin = ({source, state, isPromptTaken}: Reading): boolean =>
	isPromptTaken === true ||
	(source === 'hook' && state !== undefined && state !== 'starting') ||
	(source === 'stream' && state !== undefined && state !== 'starting' && state !== 'idle');

/** When the dialog of a question left. A word of a hook, or of another question, is about what comes after it. */
const dialogLeft = ({claims, dialogLeftAt}: Session, {source, state}: Reading, at: number): number | undefined => {
	if (source === 'screen') return state === 'needs-input' ? undefined : claims.get('screen')?.state === 'needs-input' ? at : dialogLeftAt;
	return state && (source === 'hook' || (source === 'stream' && state === 'needs-input')) ? undefined : dialogLeftAt;
};

/** What names only the model counts nothing; what counts without naming it is of the model named last. */
const newestUsage = (before: Usage | undefined, told: Usage | undefined): Usage | undefined => {
	if (!told) return before;
	const model = told.model ?? before?.model;
	const counted = before && told.tokensIn + told.tokensOut + told.micros === 0 ? before : told;
	return model === undefined ? counted : {...counted, model};
};

/**
 * Takes in one reading of its program. One of a screen or a title always says all that is shown: without a state it takes back what was
 * shown before.
 */
export const foldReading = (session: Session, reading: Reading, at: number): Session =>
	settle(
		{
			...session,
			id: reading.session ?? session.id,
			transcript: reading.transcript ?? session.transcript,
			doing: reading.doing ?? session.doing,
			said: reading.said ?? session.said,
			usage: newestUsage(session.usage, reading.usage),
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

/** A hook waits with a question. */
export const holdQuestion = (session: Session, held: Held, at: number): Session =>
	settle({...session, held: [...session.held, held], signs: withSign(session.signs, {source: 'hook', sign: held.sign, at})}, at);

/** So long the dialog of a question may take to go: that a hook answered (its program ends first, and a loaded machine is slow), that is gone already, whose keys were typed. */
const LINGER_MS = {answered: 8000, gone: 2000, typed: 3000} as const;

/** Its turn goes on, as far as is known: a dialog that stays on the screen, and the next word of any source, say more. */
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

/** A held question is over: it was `answered`, or is `gone` otherwise (its hook hung up), as `sign` says. */
export const letGo = (
	session: Session,
	id: string,
	{sign, how}: {readonly sign: string; readonly how: 'answered' | 'gone'},
	at: number,
): Session => {
	const held = session.held.filter(other => other.id !== id);
	return settle(held.length < session.held.length ? {...goesOn(session, sign, how, at), held} : session, at);
};

/** The question on its screen was answered by keys. */
export const answeredByKeys = (session: Session, sign: string, at: number): Session => settle(goesOn(session, sign, 'typed', at), at);
