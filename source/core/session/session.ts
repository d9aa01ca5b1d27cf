/**
 * What an agent's program is known to do. `idle`: its turn is over and it did not say that the task is done; `finished`: it did.
 * `unknown`: nothing that can be relied on says what it does.
 */
export const SESSION_STATES = [
	'starting',
	'working',
	'needs-input',
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
