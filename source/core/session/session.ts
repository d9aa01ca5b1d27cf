import type {Usage} from '../cost/spending.ts';

/**
 * What an agent's program is known to do. `idle`: its turn is over and it did not say that the task is done; `finished`: it did.
 * `unknown`: nothing that can be relied on says what it does.
 */
export const SESSION_STATES = [
	'starting',
	'working',
	'asks',
	'idle',
	'finished',
	'rate-limited',
	'out-of-context',
	'logged-out',
	'crashed',
	'unknown',
] as const;
export type SessionState = (typeof SESSION_STATES)[number];

/**
 * Where a reading comes from, the most reliable first: what the system says of the process, the program's own hooks, its stream of
 * events, what it tells the terminal (a title, OSC 9), and what its screen shows.
 */
export const SOURCES = ['process', 'hook', 'stream', 'notice', 'screen'] as const;
export type Source = (typeof SOURCES)[number];

/** `keys` is what is typed into the pane where no hook takes the decision. `always` names in its label how far it reaches. */
export type Choice = {
	readonly label: string;
	readonly means: 'allow' | 'always' | 'deny' | 'other';
	readonly keys?: string;
};

/** What a program asks. `permission`: may it do this; `question`: what it asked its user; `dialog`: a screen of its own (trust, login). */
export type Question = {
	readonly kind: 'permission' | 'question' | 'dialog';
	/** One line. */
	readonly text: string;
	/** The command, the change, the path: several lines, '' for none. */
	readonly detail: string;
	readonly choices: readonly Choice[];
	/** The program's own id of it, where it has one. */
	readonly id?: string;
};

/** One thing seen of an agent's program; only what it says is set. */
export type Reading = {
	readonly source: Source;
	/** What was seen, in words: `hook Stop`, `title Action Required`. */
	readonly sign: string;
	readonly state?: SessionState;
	readonly question?: Question;
	/** Its own id of the session, with which it is resumed. */
	readonly session?: string;
	/** The file in which it keeps the session. */
	readonly transcript?: string;
	/** What it does at this moment, in one line. */
	readonly doing?: string;
	/** What it said last. */
	readonly said?: string;
	/** A prompt arrived and was taken up: the receipt of whoever handed it over. */
	readonly isPromptTaken?: boolean;
	readonly usage?: Usage;
	/** Of `rate-limited`: try again after this, ms, where it is told. */
	readonly retryMs?: number;
	/** Why, in words, where something went wrong. */
	readonly reason?: string;
	/** The structured answer that was asked for, as JSON text. */
	readonly answer?: string;
};

/** What was handed over: the first prompt of an attempt, a person's reply, a reminder at the end of a turn, that it may go on, or mail. */
export type Handed = 'prompt' | 'reply' | 'reminder' | 'go-on' | 'mail';

/**
 * What became of a text that was handed to an agent's program. `proved`: a sign of the program says that it took it up. `rejected`: it was not typed,
 * or the program would not have it. `unknown`: it was typed and nothing proves that it arrived; that never takes a task from anybody.
 */
export type Receipt = {
	readonly what: Handed;
	readonly outcome: 'proved' | 'rejected' | 'unknown';
	/** Which sign proved it, or why not, in words. */
	readonly by: string;
	/** Moment of the attempt's own clock, ms. */
	readonly at: number;
};
