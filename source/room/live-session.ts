import type {Question, Reading} from '../core/session.ts';
import {answeredByKeys, foldReading, holdQuestion, letGo, newSession, type Session, settle} from '../core/session-fold.ts';
import type {Cli, Mode} from '../harnesses/cli.ts';
import {cleanReading} from './clean-reading.ts';

/** What the program of a running attempt does, as far as its signs tell. */
export type LiveSession = {
	readonly cli: Cli;
	readonly mode: Mode;
	/** The state at this moment: which sign decided, the question, the session's id, what it said last. */
	now(): Session;
	/** The attempt's own clock, ms, by which the moments of a `Session` are: it stands still while the attempt is paused. */
	clock(): number;
	/** Takes in what was seen, cleaned of what could do harm. */
	take(readings: readonly Reading[]): void;
	/** A hook waits with a question until `letGo`. */
	hold(id: string, question: Question, sign: string): void;
	/** It was answered, or is gone otherwise. */
	letGo(id: string, over: {readonly sign: string; readonly how: 'answered' | 'gone'}): void;
	/** The question on its screen was answered by keys. */
	typed(sign: string): void;
	/** Calls the listener with every batch that was taken in, states or not (receipts, usage); returns the way to stop. */
	onReadings(listener: (readings: readonly Reading[], session: Session) => void): () => void;
	/** Calls the listener whenever the session may have changed; returns the way to stop. */
	onChange(listener: (session: Session, before: Session) => void): () => void;
	/** The attempt is paused: time that passes says nothing until it goes on. */
	pause(): void;
	resume(): void;
	/** No timer of it runs, and nobody is called any more. */
	close(): void;
};

/** Hooks of programs that tell every question by one. */
const QUESTIONS = ['PermissionRequest', 'permission'];

/** Keeps the session of one attempt from its start on. Nothing of a listener that throws reaches the others, or whoever saw the sign. */
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

	const guarded = (call: () => void): void => {
		try {
			call();
		} catch (error) {
			onError(error);
		}
	};
	/** Time alone may change what the signs mean. */
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
		for (const listener of [...changeListeners]) guarded(() => listener(next, before));
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
			for (const listener of [...readingListeners]) guarded(() => listener(cleaned, session));
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
