import type {Usage} from '../cost/usage.ts';
import type {Held, Sign} from './fold.ts';
import type {Question} from './reading.ts';
import {type SessionState, SOURCES, type Source} from './session.ts';

/** What the signs together mean at one moment. `againAt`: when they may mean something else although nothing new is seen. */
export type Verdict = Pick<Session, 'state' | 'source' | 'evidence' | 'reason' | 'question' | 'retryMs'> & {readonly againAt: number};

/** Spans, ms, for which a sign must stand unmoved before it says more than a higher source did. */
export const SPANS = {
	/** An event of the stream that differs from the hook before it: files and hooks are told of in any order. */
	stream: 400,
	/** A dialog or a limit on the screen that no hook told of. */
	decision: 1000,
	/** The same of a program whose hooks tell of every question: the hook may only be late. */
	hooked: 3000,
	/** Work that no hook told of. */
	works: 2000,
	/** A hook or the stream says that it works, its screen or its title that it does not. */
	contradiction: 5000,
	/** After its dialog left the screen a hook is to say what came of it. */
	answered: 2000,
	/** A first prompt, once it is ready for one. */
	prompt: 15_000,
	/** The first word of a program that was started. */
	start: 45_000,
	/** A word that nothing has confirmed since. */
	silence: 120_000,
} as const;

const FAILED: readonly SessionState[] = ['rate-limited', 'out-of-context', 'logged-out', 'crashed'];
const OVER: readonly SessionState[] = [...FAILED, 'finished'];

const withoutTime = (claim: Claim): Omit<Verdict, 'againAt'> => ({
	state: claim.state,
	source: claim.source,
	evidence: claim.sign,
	reason: claim.reason ?? '',
	question: claim.state === 'needs-input' ? claim.question : undefined,
	retryMs: claim.retryMs ?? 0,
});

const unknown = (reason: string, evidence: string): Omit<Verdict, 'againAt'> => ({
	state: 'unknown',
	source: undefined,
	evidence,
	reason,
	question: undefined,
	retryMs: 0,
});

/** Asks whether a moment has come, and remembers the next one that has not. */
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

/** How long a dialog may stand before it is a question: hooks that tell of it may be late. */
const askSpan = ({asksByHook}: Session, otherwise: number): number => (asksByHook ? SPANS.hooked : otherwise);

/** How long the dialog of an answered question may take to go; another one is another question. */
const lingerOf = ({lingerMs = SPANS.works, question}: Claim, dialog: Claim): number =>
	question && dialog.question && dialog.question.text !== question.text ? SPANS.decision : lingerMs;

type Shown = {readonly screen: Claim | undefined; readonly notice: Claim | undefined};

const shownOf = ({screen, notice}: Shown): readonly Claim[] => [screen, notice].filter(claim => claim !== undefined);

/**
 * What hooks and stream say together, as far as they were not overruled: the later word, once it is sure to be the later one. An earlier word of
 * the stream counts where what is shown agrees with it: then the hook was told late. How a turn failed is not undone by its end.
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

/** A dialog on the screen, or a notice of one that the screen does not deny. */
const askingOf = (screen: Claim | undefined, notice: Claim | undefined, {isPast}: Watch): Claim | undefined => {
	if (screen?.state === 'needs-input') return screen;
	if (notice?.state !== 'needs-input') return undefined;
	return screen && isPast(both(screen, notice, SPANS.works)) ? undefined : notice;
};

/** The last firm word, overruled by what was shown since, holds again once all that is shown says the same. */
const restored = ({claims, overruled}: Session, shown: readonly Claim[], {isPast}: Watch): Claim | undefined => {
	const [last] = (['hook', 'stream'] as const)
		.flatMap(source => (overruled.has(source) ? (claims.get(source) ?? []) : []))
		.toSorted((one, other) => other.at - one.at);
	if (!last || shown.length === 0 || !shown.every(({state}) => state === last.state)) return undefined;
	return isPast(Math.max(...shown.map(({at}) => at)) + SPANS.decision) ? last : undefined;
};

/**
 * Nothing firm stands: what terminal and screen show may say that it asks, works or cannot go on, never that it is idle. What they said
 * before stands for a moment more.
 */
const withoutFirm = (session: Session, shown: Shown, asking: Claim | undefined, watch: Watch): Omit<Verdict, 'againAt'> => {
	const {screen, notice} = shown;
	if (asking) return withoutTime(asking);
	if (screen && FAILED.includes(screen.state)) return withoutTime(screen);
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

/** Of several questions the one on the screen is the one that keys answer; what a hook told of the very same is whole. */
const shownQuestion = (firm: Claim, screen: Claim): Claim['question'] =>
	screen.question && screen.question.text !== firm.question?.text ? screen.question : firm.question;

/** A question that no hook holds: it is over when something firm says so, or when its dialog has left the screen. */
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

/** Works, as hooks or the stream said: confirmed by what is shown, or else for a bounded time. */
const stillWorks = (session: Session, firm: Claim, {screen, notice}: Shown, {isPast}: Watch) => {
	const shown = [screen, notice].filter(claim => claim !== undefined);
	if (shown.some(claim => claim.state === 'working')) return withoutTime(firm);
	// A dialog that is no question yet is on its way in, or out.
	const against = shown.find(claim => claim.state !== 'needs-input');
	if (against && isPast(both(firm, against, SPANS.contradiction)))
		return unknown(`${firm.sign} says running, ${against.sign} says not`, `${firm.sign} against ${against.sign}`);
	if (!session.isHeadless && isPast(Math.max(firm.at, session.confirmedAt) + SPANS.silence))
		return unknown(`no signal since ${firm.sign}`, `${firm.sign}, then silence`);
	return withoutTime(firm);
};

/** Does not work, as hooks or the stream said; what is shown may say that it does again. */
const stillRests = (firm: Claim, {screen, notice}: Shown, {isPast}: Watch) => {
	const works = [screen, notice].find(claim => claim?.state === 'working');
	const rests = [screen, notice].find(claim => claim && claim.state !== 'working');
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
	// One that has taken up nothing yet is not idle: it starts.
	const firm = said?.state === 'idle' && !session.hasBegun ? {...said, state: 'starting' as const} : said;
	if (!firm) return withoutFirm(session, shown, asking, watch);
	if (firm.state === 'needs-input') return stillAsks(session, firm, shown, watch);
	const span = (claim: Claim): number => (firm.isWeak ? lingerOf(firm, claim) : askSpan(session, SPANS.decision));
	if (asking && watch.isPast(both(firm, asking, span(asking))))
		return {...withoutTime(asking), question: asking.question ?? screen?.question};
	if (screen && FAILED.includes(screen.state) && !FAILED.includes(firm.state) && watch.isPast(both(firm, screen, SPANS.decision)))
		return withoutTime(screen);
	return firm.state === 'working' ? stillWorks(session, firm, shown, watch) : stillRests(firm, shown, watch);
};

/**
 * What the signs mean at moment `at`. Authority: process, hook, stream, notice, screen. A lower source only fills a silence: it must have stood
 * unmoved for a while after the last word of a higher one. Guarantees: never idle or finished by what is shown alone; a question that a hook
 * holds stands until it is answered or withdrawn; where sources contradict one another, or the signs that ought to come do not, the state
 * is `unknown`, with the reason.
 */
export const verdictOf = (session: Session, at: number): Verdict => {
	const watch = createWatch(at);
	const {state, source, evidence, reason, question, retryMs} = judge(session, watch);
	return {state, source, evidence, reason, question, retryMs, againAt: watch.againAt};
};

/**
 * Whose last word does not count any more: the source that decided differs from it. Until it says something new it is not gone back to, save where
 * everything that is shown agrees with it.
 */
export const overruledBy = ({claims, overruled}: Session, {source, state}: Verdict): ReadonlySet<Source> => {
	const lower = source === undefined ? [] : (['hook', 'stream'] as const).filter(firm => SOURCES.indexOf(firm) < SOURCES.indexOf(source));
	const differing = lower.filter(firm => claims.has(firm) && claims.get(firm)?.state !== state);
	if (differing.every(firm => overruled.has(firm)) && (source === undefined || !overruled.has(source))) return overruled;
	return new Set([...overruled, ...differing].filter(firm => firm !== source));
};

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
	/** Follows from something else than its word (a question of its was answered): any other word says more. */
	readonly isWeak?: boolean;
	/** Of such a one: so long the dialog may take to go, ms. */
	readonly lingerMs?: number;
};

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
	/** The last signs of a state, newest first; some of each source. */
	readonly signs: readonly Sign[];
	readonly claims: ReadonlyMap<Source, Claim>;
	readonly held: readonly Held[];
	readonly startedAt: number;
	/** It has taken up a prompt. */
	readonly hasBegun: boolean;
	/** Its hooks tell of every question. */
	readonly asksByHook: boolean;
	/** Its end is the end of its process, and nothing of it is on a screen. */
	readonly isHeadless: boolean;
	/** Sources whose last word something newer has shown to be out of date. */
	readonly overruled: ReadonlySet<Source>;
	/** When screen or title last said something else. */
	readonly shownAt: number;
	/** When its last word came, of whatever source. */
	readonly confirmedAt: number;
	/** When a dialog left the screen that a question was asked with; undefined while there is one, or was none. */
	readonly dialogLeftAt: number | undefined;
	/** When the state may be another although nothing new is seen. */
	readonly againAt: number;
};
