/** Keys that a person typed at another room into the pane of an agent of this one. All of it was written elsewhere. */
export type Typed = {
	readonly agent: string;
	/** Life of the room that it comes from. */
	readonly room: string;
	readonly person: string;
	/** Which program it was typed to, and the number of the frame that stood on the screen. */
	readonly run: string;
	readonly seen: number;
	/** Grows with all that this room types. */
	readonly number: number;
	/** `k` and keys as base64, `l` and a line of text as base64, or a size as `s80x24`. */
	readonly keys: string;
	/** How long it waited, ms. */
	readonly ageMs: number;
};

/** What became of a line for the pane of another room's agent: `why` it was `refused`. `unanswered`: that room took it, and does not say. */
export type LineSent = {readonly outcome: 'typed' | 'unanswered'} | {readonly outcome: 'refused'; readonly why: string};

/** A pane is watched for this long without another word, ms; a watcher renews it three times. */
export const WATCH_TTL_MS = 6000;

/** The steps about panes that are watched from other rooms. */
export interface Panes {
	/** The room watches it for so long, 0 for no more; `seen`: the number of the last frame that came, 0 for a whole screen. */
	watchPane(agent: string, watching: {readonly room: string; readonly ttlMs: number; readonly seen: number}): Promise<'ok' | 'gone'>;
	/** Sends a frame to the rooms that watch; how many these are. Nothing is sent where there are none. */
	showPane(agent: string, room: string, frame: string): Promise<number>;
	/**
	 * `unwatched`: it does not watch that pane now; `silent`, `full`: the other room fetches nothing, or not
	 * fast enough.
	 */
	typeInPane(typed: Omit<Typed, 'ageMs'>): Promise<'ok' | 'unwatched' | 'silent' | 'full' | 'gone'>;
	/** What was typed elsewhere into panes of this room, each once. */
	takeTyped(room: string): Promise<readonly Typed[]>;
	/** Says to room `to` whether its line of that number was typed: `why` not, '' if it was. `gone`: the agent is not of `room`. */
	answerTyped(
		agent: string,
		answer: {readonly room: string; readonly to: string; readonly number: number; readonly why: string},
	): Promise<'ok' | 'gone'>;
}
