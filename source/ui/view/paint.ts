import type {Frame} from '../../terminal/paint/canvas.ts';
import {createCompositor} from '../../terminal/paint/compositor.ts';
import {blankCells} from '../../terminal/text/cells.ts';
import type {Capabilities} from './capabilities.ts';

/** What stands on the terminal: the surfaces and the pane that is shown, and where its cursor is. */
export type Picture = Omit<Frame, 'chrome'>;

export type Painter = {
	/** Paints what the surfaces show now; `onPainted` comes when it stands on the terminal. */
	screen(picture: Picture): void;
	/** Brings the pane's cells up to date; nothing else has changed. */
	pane(picture: Picture): void;
	/** The next picture has another size, or the same on a terminal that shows something else; nothing is painted until it is there. */
	resize(columns: number, rows: number): void;
	/** Every cell is written again. */
	redraw(): void;
	/** The terminal is to be painted otherwise; the next picture writes every cell. */
	wear(capabilities: Capabilities): void;
	close(): void;
};

/** After this long, ms, a drawing counts as painted: whoever looks has seen it. */
const SETTLE_MS = 20;

/** Below all surfaces lies nothing. */
const nothing = (columns: number, rows: number): Frame['chrome'] => ({
	columns,
	rows,
	version: 0,
	rowVersion: () => 0,
	readRow: (_row, into) => blankCells(into, 0, columns),
	cursor: {x: 0, y: 0, visible: false},
	textOf: () => '',
});

/** One compositor puts the surfaces and the pane together and writes the difference: the terminal gets nothing but its bytes. */
export const createPainter = (options: {
	readonly columns: number;
	readonly rows: number;
	readonly capabilities: Capabilities;
	readonly write: (bytes: string) => void;
	readonly onPainted: () => void;
}): Painter => {
	let {columns, rows} = options;
	let chrome = nothing(columns, rows);
	let picture: Picture | undefined;
	let settle: ReturnType<typeof setTimeout> | undefined;
	let compositor = createCompositor({columns, rows, write: options.write, ...options.capabilities});

	const compose = (): void => {
		if (picture) compositor.compose({...picture, chrome});
	};
	const settled = (): void => {
		settle = undefined;
		options.onPainted();
	};

	return {
		screen: next => {
			picture = next;
			compose();
			settle ??= setTimeout(settled, SETTLE_MS);
		},
		pane: next => {
			if (!picture) return;
			picture = next;
			compose();
		},
		resize: (width, height) => {
			[columns, rows, picture] = [width, height, undefined];
			chrome = nothing(columns, rows);
			compositor.resize(width, height);
			// Also at the same size: the terminal comes back from another program, or has missed a picture.
			compositor.invalidate();
		},
		redraw: () => {
			compositor.invalidate();
			compose();
		},
		wear: capabilities => {
			compositor = createCompositor({columns, rows, write: options.write, ...capabilities});
		},
		close: () => {
			picture = undefined;
			clearTimeout(settle);
		},
	};
};

export type FrameScheduler = {
	/** A key's own effect: drawn at once, at most 60 times a second. */
	screenNow(): void;
	/** A change of the room: drawn with all that comes within `roomMs` of the last drawing. */
	screenSoon(): void;
	/** The same while a human types into a pane: once a second, so that no key waits behind a drawing of what nobody looks at. */
	screenLater(): void;
	/** What a key echoed: painted at once, at most every three milliseconds. */
	paneNow(): void;
	/** Output of a pane: painted with all that comes within `paneMs`. */
	paneSoon(): void;
	close(): void;
};

const KEY_MS = 16;
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
export const createFrameScheduler = (options: {
	/** How long output of a pane waits for more of it, ms, as it is wanted then. */
	readonly paneMs: () => number;
	/** How long a change of the room waits for more of them, ms, as it is wanted then. */
	readonly roomMs: () => number;
	readonly drawScreen: () => void;
	readonly drawPane: () => void;
}): FrameScheduler => {
	const screen = createBeat(options.drawScreen);
	const pane = createBeat(options.drawPane);
	return {
		screenNow: () => screen.at(screen.lastAt + KEY_MS),
		screenSoon: () => screen.at(screen.lastAt + options.roomMs()),
		screenLater: () => screen.at(screen.lastAt + TYPING_MS),
		paneNow: () => pane.at(pane.lastAt + ECHO_MS),
		paneSoon: () => pane.at(Math.max(pane.lastAt, performance.now()) + options.paneMs()),
		close: () => {
			screen.close();
			pane.close();
		},
	};
};
