export type Rhythm = {
	/** A key's own effect: drawn at once, at most 60 times a second. */
	chromeNow(): void;
	/** A change of the room: drawn at most ten times a second. */
	chromeSoon(): void;
	/** The same while a person types into a pane: once a second, so that no key waits behind a drawing of what nobody looks at. */
	chromeLater(): void;
	/** What a key echoed: painted at once, at most every three milliseconds. */
	paneNow(): void;
	/** Output of a pane: painted with all that comes within `paneMs`. */
	paneSoon(): void;
	close(): void;
};

const KEY_MS = 16;
const ROOM_MS = 100;
const TYPING_MS = 1000;
const ECHO_MS = 3;

type Beat = {at(ms: number): void; close(): void; lastAt: number};

/** Runs something at most once at a time; an earlier wish replaces a later one. */
const createBeat = (run: () => void): Beat => {
	let timer: ReturnType<typeof setTimeout> | undefined;
	let due = Number.POSITIVE_INFINITY;
	const fire = (): void => {
		clearTimeout(timer);
		due = Number.POSITIVE_INFINITY;
		beat.lastAt = performance.now();
		run();
	};
	const beat: Beat = {
		lastAt: Number.NEGATIVE_INFINITY,
		at: ms => {
			const wanted = Math.max(performance.now(), ms);
			if (wanted <= performance.now()) return fire();
			if (wanted >= due) return;
			clearTimeout(timer);
			due = wanted;
			timer = setTimeout(fire, Math.max(0, wanted - performance.now()));
		},
		close: () => clearTimeout(timer),
	};
	return beat;
};

/** Decides when the screen is drawn. Everything that changed before a drawing is in it; nothing changed waits without a timer. */
export const createRhythm = (options: {
	/** How long output of a pane waits for more of it, ms, as it is wanted then. */
	readonly paneMs: () => number;
	readonly drawChrome: () => void;
	readonly drawPane: () => void;
}): Rhythm => {
	const chrome = createBeat(options.drawChrome);
	const pane = createBeat(options.drawPane);
	return {
		chromeNow: () => chrome.at(chrome.lastAt + KEY_MS),
		chromeSoon: () => chrome.at(chrome.lastAt + ROOM_MS),
		chromeLater: () => chrome.at(chrome.lastAt + TYPING_MS),
		paneNow: () => pane.at(pane.lastAt + ECHO_MS),
		paneSoon: () => pane.at(Math.max(pane.lastAt, performance.now()) + options.paneMs()),
		close: () => {
			chrome.close();
			pane.close();
		},
	};
};
