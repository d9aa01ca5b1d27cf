import type {Question, Reading, SessionState, Source, Usage} from './session.ts';
import {SOURCES} from './session.ts';

/** What a source said last of the state, and since when it says so. */
export type Claim = {
	readonly source: Source;
	readonly state: SessionState;
	/** In words: `hook Stop`, `title Action Required`. */
	readonly sign: string;
	readonly at: number;
	readonly question?: Question;
	readonly reason?: string;
	readonly retryMs?: number;
};

/** A sign that was seen, for people who ask what the state follows from. */
export type Sign = {readonly source: Source; readonly sign: string; readonly at: number};

/** A question that a hook holds its program with, until it is answered or hangs up. */
export type Held = {readonly id: string; readonly question: Question; readonly sign: string};

/** All that is known of what an agent's program does. Moments are of the attempt's own clock, ms, which stands still while it is paused. */
export type Session = {
	readonly state: SessionState;
	readonly since: number;
	/** The source that decided; undefined where none did: nothing was said yet, or what was said cannot be relied on. */
	readonly source: Source | undefined;
	/** Which sign decided, in words. */
	readonly evidence: string;
	/** Why it does not go on, or why nobody knows. */
	readonly reason: string;
	/** What it asks, while `asks`. */
	readonly question: Question | undefined;
	/** Its own id of the session, and the file in which it keeps it; '' where it did not tell. */
	readonly id: string;
	readonly transcript: string;
	readonly doing: string;
	readonly said: string;
	/** The newest reading; totals are the totals of its program. */
	readonly usage: Usage | undefined;
	/** Of `rate-limited`: go on after this, ms; 0 where it is not told. */
	readonly retryMs: number;
	/** The structured answer, as JSON text. */
	readonly answer: string;
	/** Prompts that arrived and were taken up, and when the last one was. */
	readonly prompts: number;
	readonly promptAt: number;
	/** The last signs, newest first; some of each source. */
	readonly signs: readonly Sign[];
	readonly claims: ReadonlyMap<Source, Claim>;
	readonly held: readonly Held[];
	readonly startedAt: number;
};

/** A program that has just been started at `at`. */
export const newSession = (at: number): Session => ({
	state: 'starting',
	since: at,
	source: 'process',
	evidence: 'its process was started',
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
});

/** Signs of one source that are kept. */
const SIGNS_KEPT = 5;

const withSign = (signs: readonly Sign[], sign: Sign): readonly Sign[] => {
	const same = signs.filter(({source}) => source === sign.source);
	const dropped = same.length < SIGNS_KEPT ? undefined : same.at(-1);
	return [sign, ...signs.filter(known => known !== dropped)];
};

const judged = (session: Session, at: number): Session => {
	const claim = SOURCES.map(source => session.claims.get(source)).find(found => found !== undefined);
	const held = session.held[0];
	const state = held ? 'asks' : (claim?.state ?? session.state);
	return {
		...session,
		state,
		since: state === session.state ? session.since : at,
		source: held ? 'hook' : (claim?.source ?? session.source),
		evidence: held?.sign ?? claim?.sign ?? session.evidence,
		question: held?.question ?? (state === 'asks' ? claim?.question : undefined),
		reason: claim?.reason ?? '',
		retryMs: claim?.retryMs ?? 0,
	};
};

const withClaim = (session: Session, reading: Reading, at: number): ReadonlyMap<Source, Claim> => {
	const {source, state, sign, question, reason, retryMs} = reading;
	if (!state) return session.claims;
	const claim: Claim = {
		source,
		state,
		sign,
		at,
		...(question ? {question} : {}),
		...(reason ? {reason} : {}),
		...(retryMs ? {retryMs} : {}),
	};
	return new Map([...session.claims, [source, claim]]);
};

/** Takes in one reading of its program. */
export const foldReading = (session: Session, reading: Reading, at: number): Session =>
	judged(
		{
			...session,
			id: reading.session ?? session.id,
			transcript: reading.transcript ?? session.transcript,
			doing: reading.doing ?? session.doing,
			said: reading.said ?? session.said,
			usage: reading.usage ?? session.usage,
			answer: reading.answer ?? session.answer,
			prompts: session.prompts + (reading.isPromptTaken ? 1 : 0),
			promptAt: reading.isPromptTaken ? at : session.promptAt,
			signs: withSign(session.signs, {source: reading.source, sign: reading.sign, at}),
			claims: withClaim(session, reading, at),
		},
		at,
	);

/** A hook waits with a question. */
export const holdQuestion = (session: Session, held: Held, at: number): Session =>
	judged({...session, held: [...session.held, held], signs: withSign(session.signs, {source: 'hook', sign: held.sign, at})}, at);

/** A held question is over: it was answered, or its hook hung up. */
export const letGo = (session: Session, id: string, at: number): Session =>
	judged({...session, held: session.held.filter(held => held.id !== id)}, at);
