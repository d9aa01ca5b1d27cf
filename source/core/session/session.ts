/**
 * State of an agent's program. `idle`: its turn ended without a result; `finished`: with one. `retrying`: its model did not answer, and it asks
 * again by itself. `unknown`: no reliable sign.
 */
export const SESSION_STATES = [
	'starting',
	'working',
	'needs-input',
	'idle',
	'finished',
	'retrying',
	'rate-limited',
	'out-of-context',
	'logged-out',
	'crashed',
	'unknown',
] as const;
export type SessionState = (typeof SESSION_STATES)[number];

/** Why an agent is idle whose turn a human interrupted. */
export const INTERRUPTED = 'you interrupted its turn';

/**
 * Sources of readings, most reliable first: the process, the program's hooks, its event stream, terminal notices (title, OSC 9), its
 * screen.
 */
export const SOURCES = ['process', 'hook', 'stream', 'notice', 'screen'] as const;
export type Source = (typeof SOURCES)[number];

/** What was delivered: the first prompt, your reply, a nudge at the end of a turn, permission to continue, mail, or a typed line. */
export type Handed = 'prompt' | 'reply' | 'reminder' | 'go-on' | 'mail' | 'line';

/**
 * Outcome of a text delivered to an agent's program. `proved`: a sign shows that it was accepted. `rejected`: not typed, or refused.
 * `unknown`: typed without proof; that never costs an agent its task.
 */
export type Receipt = {
	readonly what: Handed;
	readonly outcome: 'proved' | 'rejected' | 'unknown';
	/** The proving sign, or the reason. */
	readonly by: string;
	/** By the attempt's own clock, ms. */
	readonly at: number;
};
