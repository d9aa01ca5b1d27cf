import type {Question, Reading} from '../core/session.ts';
import {foldReading, holdQuestion, letGo, newSession, type Session} from '../core/session-fold.ts';
import type {Cli, Mode} from '../harnesses/cli.ts';

/** What the program of a running attempt does, as far as its signs tell. */
export type LiveSession = {
	readonly cli: Cli;
	readonly mode: Mode;
	/** The state at this moment: which sign decided, the question, the session's id, what it said last. */
	now(): Session;
	/** The attempt's own clock, ms: it stands still while the attempt is paused. */
	clock(): number;
	/** Takes in what was seen. Never throws. */
	take(readings: readonly Reading[]): void;
	/** A hook waits with a question until `letGo`. */
	hold(id: string, question: Question, sign: string): void;
	letGo(id: string): void;
	/** Calls the listener with every batch that was taken in, states or not (receipts, usage); returns the way to stop. */
	onReadings(listener: (readings: readonly Reading[], session: Session) => void): () => void;
	/** Calls the listener when anything but the list of signs has changed; returns the way to stop. */
	onChange(listener: (session: Session, before: Session) => void): () => void;
	/** The attempt is paused: time that passes says nothing until it goes on. */
	pause(): void;
	resume(): void;
	/** No timer of it runs, and nobody is called any more. */
	close(): void;
};

/** Keeps the session of one attempt from its start on. */
export const createLiveSession = ({cli, mode}: {readonly cli: Cli; readonly mode: Mode}): LiveSession => {
	let stoodStill = 0;
	let pausedAt: number | undefined;
	const clock = (): number => (pausedAt ?? performance.now()) - stoodStill;
	let session = newSession(clock());
	const readingListeners = new Set<(readings: readonly Reading[], session: Session) => void>();
	const changeListeners = new Set<(session: Session, before: Session) => void>();

	const become = (next: Session): void => {
		const before = session;
		session = next;
		if (next !== before) for (const listener of [...changeListeners]) listener(next, before);
	};

	return {
		cli,
		mode,
		now: () => session,
		clock,
		take: readings => {
			if (readings.length === 0) return;
			const at = clock();
			become(readings.reduce((folded, reading) => foldReading(folded, reading, at), session));
			for (const listener of [...readingListeners]) listener(readings, session);
		},
		hold: (id, question, sign) => become(holdQuestion(session, {id, question, sign}, clock())),
		letGo: id => become(letGo(session, id, clock())),
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
		},
		resume: () => {
			if (pausedAt === undefined) return;
			stoodStill += performance.now() - pausedAt;
			pausedAt = undefined;
		},
		close: () => {
			readingListeners.clear();
			changeListeners.clear();
		},
	};
};
