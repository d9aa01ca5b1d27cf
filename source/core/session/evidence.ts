import type {Usage} from '../cost/usage.ts';
import type {Held, Sign} from './fold.ts';
import type {Question} from './reading.ts';
import {type SessionState, SOURCES, type Source} from './session.ts';

/** The combined meaning of all signs at one moment. `againAt`: when it may change without new signs. */
export type Verdict = Pick<Session, 'state' | 'source' | 'evidence' | 'reason' | 'question' | 'retryMs' | 'retryAt' | 'isRetrying'> & {
	readonly againAt: number;
};

/** How long a sign must stand unchanged before it overrides a higher source, ms. */
export const SPANS = {
	/** An event that differs from the hook before it: files and hooks are reported in any order. */
	stream: 400,
	/** A dialog or a limit on the screen without a hook. */
	decision: 1000,
	/** A program that says that it retries: its next attempt is another sign. */
	retry: 300,
	/** The same if hooks report every question: the hook may only be late. */
	hooked: 3000,
	/** Work that no hook reported. */
	works: 2000,
	/** Hook or stream say it works, screen or title say it does not. */
	contradiction: 5000,
	/** A hook must report the outcome this long after its dialog left the screen. */
	answered: 2000,
	/** A program that seems to work right after its turn was cut off, without a new prompt. */
	cutOff: 10_000,
	/** Title and screen both at rest, and the hook that should have told so is lost. */
	lost: 12_000,
	/** A first prompt, once the program is ready for it. */
	prompt: 15_000,
	/** The first sign of a started program. */
	start: 45_000,
	/** An unconfirmed sign. */
	silence: 120_000,
} as const;

/** States in which a turn failed. */
export const FAILED: readonly SessionState[] = ['rate-limited', 'out-of-context', 'logged-out', 'crashed'];
/** It failed, or waits for its model. */
const isTroubled = ({state}: Claim): boolean => FAILED.includes(state) || state === 'retrying';
const OVER: readonly SessionState[] = [...FAILED, 'finished'];

const withoutTime = (claim: Claim): Omit<Verdict, 'againAt'> => ({
	state: claim.state,
	source: claim.source,
	evidence: claim.sign,
	reason: claim.reason ?? '',
	question: claim.state === 'needs-input' ? claim.question : undefined,
	retryMs: claim.retryMs ?? 0,
	retryAt: claim.retryMs ? claim.at + claim.retryMs : 0,
	isRetrying: claim.isRetrying === true,
});

const unknown = (reason: string, evidence: string): Omit<Verdict, 'againAt'> => ({
	state: 'unknown',
	source: undefined,
	evidence,
	reason,
	question: undefined,
	retryMs: 0,
	retryAt: 0,
	isRetrying: false,
});

/** Checks whether a moment has come, and keeps the earliest that has not. */
const createWatch = (at: number) => {
	const watch = {
		againAt: Number.POSITIVE_INFINITY,
		isPast: (moment: number): boolean => {
			if (at >= moment) return true;
			watch.againAt = Math.min(watch.againAt, moment);
			return false;
		},
	};
	return watch;
};
type Watch = ReturnType<typeof createWatch>;

const both = (one: Claim, other: Claim, span: number): number => Math.max(one.at, other.at) + span;

/** How long a dialog must stand to count as a question: its hook may be late. */
const askSpan = ({asksByHook}: Session, otherwise: number): number => (asksByHook ? SPANS.hooked : otherwise);

/** How long an answered dialog may take to disappear; another dialog is another question. */
const lingerOf = ({lingerMs = SPANS.works, question}: Claim, dialog: Claim): number =>
	question && dialog.question && dialog.question.text !== question.text ? SPANS.decision : lingerMs;

type Shown = {readonly screen: Claim | undefined; readonly notice: Claim | undefined};

const shownOf = ({screen, notice}: Shown): readonly Claim[] => [screen, notice].filter(claim => claim !== undefined);

/**
 * Returns the valid claim of hooks and stream: the later one, once their order is sure. An earlier stream claim counts if the screen
 * agrees, since then the hook was late. The end of a turn does not undo its failure.
 */
const firmOf = (session: Session, shown: readonly Claim[], {isPast}: Watch): Claim | undefined => {
	const {claims, overruled} = session;
	const [hook, stream] = (['hook', 'stream'] as const).map(source => (overruled.has(source) ? undefined : claims.get(source)));
	if (!hook || !stream || hook.state === stream.state) return hook ?? stream;
	if (stream.state === 'idle' && OVER.includes(hook.state)) return hook;
	if (hook.isWeak && stream.state !== 'needs-input') return isPast(stream.at > hook.at ? stream.at : hook.at + SPANS.works) ? stream : hook;
	if (hook.isWeak) return isPast(hook.at + lingerOf(hook, stream)) ? stream : hook;
	if (stream.at > hook.at)
		return isPast(stream.at + (stream.state === 'needs-input' ? askSpan(session, SPANS.stream) : SPANS.stream)) ? stream : hook;
	const isAgreed = shown.length > 0 && shown.every(({state}) => state === stream.state);
	return isAgreed && isPast(Math.max(hook.at, ...shown.map(({at}) => at)) + SPANS.works) ? stream : hook;
};

/** A dialog on the screen, or a notice of one that the screen does not contradict. */
const askingOf = (screen: Claim | undefined, notice: Claim | undefined, {isPast}: Watch): Claim | undefined => {
	if (screen?.state === 'needs-input') return screen;
	if (notice?.state !== 'needs-input') return undefined;
	return screen && isPast(both(screen, notice, SPANS.works)) ? undefined : notice;
};

/** An overruled firm claim is valid again once everything shown agrees with it. */
const restored = ({claims, overruled}: Session, shown: readonly Claim[], {isPast}: Watch): Claim | undefined => {
	const [last] = (['hook', 'stream'] as const)
		.flatMap(source => (overruled.has(source) ? (claims.get(source) ?? []) : []))
		.toSorted((one, other) => other.at - one.at);
	if (!last || shown.length === 0 || !shown.every(({state}) => state === last.state)) return undefined;
	return isPast(Math.max(...shown.map(({at}) => at)) + SPANS.decision) ? last : undefined;
};

/**
 * Without a firm claim, terminal and screen may show a question, work or a blocker, never idle. Their last claim stands a moment longer.
 */
const withoutFirm = (session: Session, shown: Shown, asking: Claim | undefined, watch: Watch): Omit<Verdict, 'againAt'> => {
	const {screen, notice} = shown;
	if (asking) return withoutTime(asking);
	if (screen && isTroubled(screen)) return withoutTime(screen);
	const works = shownOf(shown).find(claim => claim.state === 'working');
	const against = shownOf(shown).find(claim => claim.state !== 'working');
	if (works && against && watch.isPast(both(works, against, SPANS.contradiction)))
		return unknown(`${works.sign} says running, ${against.sign} says not`, `${works.sign} against ${against.sign}`);
	if (works) return withoutTime(works);
	const again = restored(session, shownOf(shown), watch);
	if (again) return withoutTime(again);
	const isNew = session.state === 'starting';
	if (!watch.isPast(isNew ? session.startedAt + SPANS.start : session.shownAt + SPANS.works)) return session;
	const said = screen ?? notice;
	const silence = isNew ? 'no signal since its start' : 'no signal about its current state';
	return unknown(`${silence}${said ? `; ${said.sign} alone is not enough` : ''}`, 'no hook and no event');
};

/** Of several questions, keys answer the one on the screen; a hook's report of the same one is complete. */
const shownQuestion = (firm: Claim, screen: Claim): Claim['question'] =>
	screen.question && screen.question.text !== firm.question?.text ? screen.question : firm.question;

/** A question without a waiting hook ends with a firm claim, or when its dialog leaves the screen. */
const stillAsks = (session: Session, firm: Claim, {screen, notice}: Shown, {isPast}: Watch) => {
	if (screen?.state === 'needs-input') return {...withoutTime(firm), question: shownQuestion(firm, screen)};
	const works = [screen, notice].find(claim => claim?.state === 'working');
	if (session.dialogLeftAt !== undefined) {
		if (works && isPast(Math.max(works.at, session.dialogLeftAt) + SPANS.stream)) return withoutTime(works);
		if (isPast(session.dialogLeftAt + SPANS.answered))
			return unknown('its dialog left the screen; the outcome is unknown', `${firm.sign}, then no dialog`);
	} else if (screen && isPast(Math.max(firm.at + SPANS.contradiction, screen.at + SPANS.decision)))
		return unknown(`${firm.sign} says needs input, but ${screen.sign} shows no dialog`, `${firm.sign} against ${screen.sign}`);
	return withoutTime(firm);
};

/** Hooks or stream reported work: valid while the screen confirms it, else for a limited time. */
const stillWorks = (session: Session, firm: Claim, {screen, notice}: Shown, {isPast}: Watch) => {
	const shown = [screen, notice].filter(claim => claim !== undefined);
	if (shown.some(claim => claim.state === 'working')) return withoutTime(firm);
	// A lost hook heals: two sources agree for long. What is known only so ends nothing.
	if (notice?.state === 'idle' && screen?.state === 'idle' && isPast(Math.max(firm.at, notice.at, screen.at) + SPANS.lost))
		return withoutTime(notice);
	// A dialog that is not yet a question is appearing or disappearing.
	const against = shown.find(claim => claim.state !== 'needs-input');
	if (against && isPast(both(firm, against, SPANS.contradiction)))
		return unknown(`${firm.sign} says running, ${against.sign} says not`, `${firm.sign} against ${against.sign}`);
	if (!session.isHeadless && isPast(Math.max(firm.at, session.confirmedAt) + SPANS.silence))
		return unknown(`no signal since ${firm.sign}`, `${firm.sign}, then silence`);
	return withoutTime(firm);
};

/** Hooks or stream reported rest; the screen may show new work. */
const stillRests = ({cutOff}: Session, firm: Claim, {screen, notice}: Shown, {isPast}: Watch) => {
	// It still draws itself as running.
	if (firm.isRetrying) return withoutTime(firm);
	const works = [screen, notice].find(claim => claim?.state === 'working');
	const rests = [screen, notice].find(claim => claim && claim.state !== 'working');
	if (works && cutOff && !isPast(Math.max(works.at, cutOff.at) + SPANS.cutOff)) return withoutTime(firm);
	if (works && rests)
		return isPast(both(works, rests, SPANS.contradiction))
			? unknown(`${works.sign} says running, ${rests.sign} says not`, `${works.sign} against ${rests.sign}`)
			: withoutTime(firm);
	if (works && isPast(both(firm, works, SPANS.works))) return withoutTime(works);
	if (firm.state === 'starting' && rests && isPast(both(firm, rests, SPANS.prompt)))
		return unknown('idle, but it has not accepted a prompt', `${firm.sign}, then ${rests.sign}`);
	return withoutTime(firm);
};

const judge = (session: Session, watch: Watch): Omit<Verdict, 'againAt'> => {
	const {claims, held} = session;
	const end = claims.get('process');
	if (end) return withoutTime(end);
	const [first] = held;
	if (first) return {...unknown('', first.sign), state: 'needs-input', source: 'hook', question: first.question};
	const shown = {screen: claims.get('screen'), notice: claims.get('notice')};
	const {screen} = shown;
	const asking = askingOf(screen, shown.notice, watch);
	const said = firmOf(session, shownOf(shown), watch);
	// A program without a first prompt is not idle: it is starting.
	const firm = said?.state === 'idle' && !session.hasBegun ? {...said, state: 'starting' as const} : said;
	if (!firm) return withoutFirm(session, shown, asking, watch);
	if (firm.state === 'needs-input') return stillAsks(session, firm, shown, watch);
	const span = (claim: Claim): number => (firm.isWeak ? lingerOf(firm, claim) : askSpan(session, SPANS.decision));
	if (asking && watch.isPast(both(firm, asking, span(asking))))
		return {...withoutTime(asking), question: asking.question ?? screen?.question};
	if (
		screen &&
		isTroubled(screen) &&
		!isTroubled(firm) &&
		watch.isPast(both(firm, screen, screen.isRetrying ? SPANS.retry : SPANS.decision))
	)
		return withoutTime(screen);
	return firm.state === 'working' ? stillWorks(session, firm, shown, watch) : stillRests(session, firm, shown, watch);
};

/**
 * Decides the state at `at`. Authority: process, hook, stream, notice, screen. A lower source only fills a silence: it must stand unchanged
 * for a while after a higher source's last sign. Guarantees: never idle or finished by the screen alone; a hook's question stands until it
 * is answered or withdrawn; if sources contradict each other or expected signs are missing, the state is `unknown`, with the reason.
 */
export const verdictOf = (session: Session, at: number): Verdict => {
	const watch = createWatch(at);
	const {state, source, evidence, reason, question, retryMs, retryAt, isRetrying} = judge(session, watch);
	return {state, source, evidence, reason, question, retryMs, retryAt, isRetrying, againAt: watch.againAt};
};

/**
 * Returns sources whose last claim the deciding source contradicts. They count again after a new sign, or once everything shown agrees with
 * them.
 */
export const overruledBy = ({claims, overruled}: Session, {source, state}: Verdict): ReadonlySet<Source> => {
	const lower = source === undefined ? [] : (['hook', 'stream'] as const).filter(firm => SOURCES.indexOf(firm) < SOURCES.indexOf(source));
	const differing = lower.filter(firm => claims.has(firm) && claims.get(firm)?.state !== state);
	if (differing.every(firm => overruled.has(firm)) && (source === undefined || !overruled.has(source))) return overruled;
	return new Set([...overruled, ...differing].filter(firm => firm !== source));
};

/** A source's last claim of the state, and its start. */
export type Claim = {
	readonly source: Source;
	readonly state: SessionState;
	/** In words: `hook Stop`, `title Action Required`. */
	readonly sign: string;
	readonly at: number;
	readonly question?: Question;
	readonly reason?: string;
	readonly retryMs?: number;
	readonly isRetrying?: boolean;
	/** Inferred, such as from an answered question: any direct sign overrides it. */
	readonly isWeak?: boolean;
	/** For inferred claims: how long the dialog may take to disappear, ms. */
	readonly lingerMs?: number;
};

/** What is known of an agent's program. Times are of the attempt's own clock, ms, which stops while it is paused. */
export type Session = {
	readonly state: SessionState;
	readonly since: number;
	/** The deciding source; undefined without a reliable sign. */
	readonly source: Source | undefined;
	/** The deciding sign, in words. */
	readonly evidence: string;
	/** Why it is blocked or unknown. */
	readonly reason: string;
	/** Its question while `needs-input`. */
	readonly question: Question | undefined;
	/** The program's own session id and file; '' if not reported. */
	readonly id: string;
	readonly transcript: string;
	readonly doing: string;
	readonly said: string;
	/** The latest reading, with the program's totals. */
	readonly usage: Usage | undefined;
	/** What ended its last turn before its end; undefined if it ended by itself, or since a new prompt. */
	readonly cutOff: {readonly by: 'human' | 'error'; readonly reason: string; readonly at: number} | undefined;
	/** For `rate-limited`: retry after this, ms; 0 if unknown. */
	readonly retryMs: number;
	/** When it asks its model again, by the attempt's clock; 0 if unknown. */
	readonly retryAt: number;
	/** Its turn continues: it retries its model by itself. */
	readonly isRetrying: boolean;
	/** The structured answer, as JSON text. */
	readonly answer: string;
	/** Number of accepted prompts, and the time of the last. */
	readonly prompts: number;
	readonly promptAt: number;
	/** Recent signs, newest first; some of each source. */
	readonly signs: readonly Sign[];
	readonly claims: ReadonlyMap<Source, Claim>;
	readonly held: readonly Held[];
	readonly startedAt: number;
	/** A prompt was accepted. */
	readonly hasBegun: boolean;
	/** Hooks report every question. */
	readonly asksByHook: boolean;
	/** It ends with its process and draws no screen. */
	readonly isHeadless: boolean;
	/** Sources whose last claim is outdated. */
	readonly overruled: ReadonlySet<Source>;
	/** When screen or title last changed. */
	readonly shownAt: number;
	/** Time of the last sign of any source. */
	readonly confirmedAt: number;
	/** When a question's dialog left the screen; undefined if none did. */
	readonly dialogLeftAt: number | undefined;
	/** When the state may change without new signs. */
	readonly againAt: number;
};
