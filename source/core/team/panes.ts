/** Keys that a person typed at another room into the pane of an agent of this one. All of it was written elsewhere. */
export type Typed = {
	readonly agent: string;
	/** Life of the room that it comes from. */
	readonly room: string;
	readonly person: string;
	/** Which program it was typed to, and the number of the frame that stood on the screen. */
	readonly run: string;
	readonly seen: number;
	/** `k` and keys as base64, `l` and a line of text as base64, or a size as `s80x24`. */
	readonly keys: string;
	/** How long it waited, ms. */
	readonly ageMs: number;
};

/** A pane is watched for this long without another word, ms; a watcher renews it three times. */
export const WATCH_TTL_MS = 6000;

/** The steps about panes that are watched from other rooms. */
export interface Panes {
	/** The room watches it for so long, 0 for no more; `seen`: the number of the last frame that came, 0 for a whole screen. */
	watchPane(agent: string, watching: {readonly room: string; readonly ttlMs: number; readonly seen: number}): Promise<'ok' | 'gone'>;
	/** Sends a frame to the rooms that watch; how many these are. Nothing is sent where there are none. */
	showPane(agent: string, room: string, frame: string): Promise<number>;
	/**
	 * `number` grows with all that a room types; `unwatched`: it does not watch that pane now; `silent`, `full`: the other room fetches nothing, or not
	 * fast enough.
	 */
	typeInPane(typed: Omit<Typed, 'ageMs'> & {readonly number: number}): Promise<'ok' | 'unwatched' | 'silent' | 'full' | 'gone'>;
	/** What was typed elsewhere into panes of this room, each once. */
	takeTyped(room: string): Promise<readonly Typed[]>;
}
