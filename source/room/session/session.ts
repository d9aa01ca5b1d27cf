import type {Mode} from '../../core/agent/agent.ts';
import type {Usage} from '../../core/cost/usage.ts';
import type {Session} from '../../core/session/evidence.ts';
import {answeredByKeys, foldReading, holdQuestion, letGo, newSession, settle} from '../../core/session/fold.ts';
import type {Choice, Question, Reading} from '../../core/session/reading.ts';
import type {Cli} from '../../harnesses/shared/cli.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {LiveSession} from '../parts/attempt.ts';

/** Maximum of lines, and cells of a line, kept of a command, a change or a long text. */
const LINES_KEPT = 200;
const LINE_CELLS = 400;
/** Maximum of a question's detail in the record, characters. */
export const DETAIL_KEPT = 8000;
const SAID_KEPT = 4000;
const ANSWER_KEPT = 256 * 1024;
const CHOICES_KEPT = 9;
/** Longer retry times of a program are not believed, ms. */
const LONGEST_RETRY_MS = 8 * 24 * 3_600_000;

/** Cleans a foreign text of several lines, and limits their number. */
export const cleanLines = (text: string, most: number): string => {
	const lines = text.slice(0, most * 4).split(/\r\n|[\n\r\u2028\u2029]/);
	const kept = lines.slice(0, LINES_KEPT).map(line => cleanText(line.replaceAll('\t', '    '), LINE_CELLS).trimEnd());
	return kept.join('\n').slice(0, most).trimEnd();
};

const whole = (amount: number): number => (Number.isSafeInteger(amount) && amount > 0 ? amount : 0);

const cleanUsage = ({micros, tokensIn, tokensOut, isTotal, cached, context, model}: Usage): Usage => ({
	micros: whole(Math.round(micros)),
	tokensIn: whole(tokensIn),
	tokensOut: whole(tokensOut),
	isTotal,
	...(cached === undefined ? {} : {cached: whole(cached)}),
	...(context !== undefined && context >= 0 && context <= 1 ? {context} : {}),
	...(model === undefined ? {} : {model: cleanText(model, 80)}),
});

const cleanChoice = ({label, means, keys}: Choice): Choice => ({
	label: cleanText(label, 200) || means,
	means,
	...(keys === undefined ? {} : {keys}),
});

const cleanQuestion = ({kind, text, detail, choices, id}: Question): Question => ({
	kind,
	text: cleanText(text, 500) || 'It needs input.',
	detail: cleanLines(detail, DETAIL_KEPT),
	choices: choices.slice(0, CHOICES_KEPT).map(cleanChoice),
	...(id === undefined ? {} : {id: cleanText(id, 200)}),
});

/** An id becomes an argument when its session is resumed: one that could pass for a flag, or for several words, is dropped. */
const idOf = (id: string): string | undefined => (/^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$/.test(id) ? id : undefined);
const pathOf = (path: string): string | undefined => (/^\/[^\p{Cc}]{1,4000}$/u.test(path) ? path : undefined);

/** Limits and cleans what a program, or anything that writes into its terminal, says of itself: safe on any screen and in any argument list. */
export const cleanReading = (reading: Reading): Reading => {
	const {source, sign, state, isPromptTaken, doing, said, reason, cutOff, isRetrying, retryMs, usage, question, answer} = reading;
	const session = idOf(reading.session ?? '');
	const transcript = pathOf(reading.transcript ?? '');
	return {
		source,
		sign: cleanText(sign, 120),
		...(state === undefined ? {} : {state}),
		...(isPromptTaken === undefined ? {} : {isPromptTaken}),
		...(session === undefined ? {} : {session}),
		...(transcript === undefined ? {} : {transcript}),
		...(doing === undefined ? {} : {doing: cleanText(doing, 200)}),
		...(said === undefined ? {} : {said: cleanLines(said, SAID_KEPT)}),
		...(reason === undefined ? {} : {reason: cleanText(reason, 300)}),
		...(cutOff === undefined ? {} : {cutOff}),
		...(isRetrying === undefined ? {} : {isRetrying}),
		...(retryMs === undefined ? {} : {retryMs: Math.min(LONGEST_RETRY_MS, whole(Math.round(retryMs)))}),
		...(usage === undefined ? {} : {usage: cleanUsage(usage)}),
		...(question === undefined ? {} : {question: cleanQuestion(question)}),
		...(answer === undefined || answer.length > ANSWER_KEPT ? {} : {answer}),
	};
};

/** Hooks of programs that report every question by a hook. */
const QUESTIONS = ['PermissionRequest', 'permission'];

/** The session of one attempt from its start on. A listener that throws affects neither the other listeners nor the source of the sign. */
export const createLiveSession = ({
	cli,
	mode,
	onError = () => undefined,
}: {
	readonly cli: Cli;
	readonly mode: Mode;
	readonly onError?: (error: unknown) => void;
}): LiveSession => {
	let stoodStill = 0;
	let pausedAt: number | undefined;
	const clock = (): number => (pausedAt ?? performance.now()) - stoodStill;
	let session = newSession(clock(), {isHeadless: mode === 'headless', asksByHook: QUESTIONS.some(event => cli.isQuestion(event))});
	let timer: NodeJS.Timeout | undefined;
	let isClosed = false;
	const readingListeners = new Set<(readings: readonly Reading[], session: Session) => void>();
	const changeListeners = new Set<(session: Session, before: Session) => void>();

	const safely = (call: () => void): void => {
		try {
			call();
		} catch (error) {
			onError(error);
		}
	};
	/** Elapsed time alone may change what the signs mean. */
	const lookLater = (): void => {
		clearTimeout(timer);
		if (isClosed || pausedAt !== undefined || !Number.isFinite(session.againAt)) return;
		timer = setTimeout(() => become(settle(session, clock())), Math.max(1, Math.ceil(session.againAt - clock())));
		timer.unref();
	};
	const become = (next: Session): void => {
		if (isClosed) return;
		const before = session;
		session = next;
		lookLater();
		for (const listener of [...changeListeners]) safely(() => listener(next, before));
	};
	lookLater();

	return {
		cli,
		mode,
		now: () => session,
		clock,
		take: readings => {
			if (readings.length === 0 || isClosed) return;
			const cleaned = readings.map(cleanReading);
			const at = clock();
			become(cleaned.reduce((folded, reading) => foldReading(folded, reading, at), session));
			for (const listener of [...readingListeners]) safely(() => listener(cleaned, session));
		},
		hold: (id, question, sign) => become(holdQuestion(session, {id, question, sign}, clock())),
		letGo: (id, over) => become(letGo(session, id, over, clock())),
		typed: sign => become(answeredByKeys(session, sign, clock())),
		onReadings: listener => {
			readingListeners.add(listener);
			return () => readingListeners.delete(listener);
		},
		onChange: listener => {
			changeListeners.add(listener);
			return () => changeListeners.delete(listener);
		},
		pause: () => {
			pausedAt ??= performance.now();
			clearTimeout(timer);
		},
		resume: () => {
			if (pausedAt === undefined) return;
			stoodStill += performance.now() - pausedAt;
			pausedAt = undefined;
			become(settle(session, clock()));
		},
		close: () => {
			isClosed = true;
			clearTimeout(timer);
			readingListeners.clear();
			changeListeners.clear();
		},
	};
};
