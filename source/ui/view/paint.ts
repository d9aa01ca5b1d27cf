import type {Frame} from '../../terminal/paint/canvas.ts';
import {createCompositor} from '../../terminal/paint/compositor.ts';
import {blankCells} from '../../terminal/text/cells.ts';
import type {Capabilities} from './capabilities.ts';

/** What is on the terminal: the surfaces, the shown pane, the cursor. */
export type Picture = Omit<Frame, 'chrome'>;

export type Painter = {
	/** Paints the surfaces; `onPainted` is called when they are visible. */
	screen(picture: Picture): void;
	/** Updates only the pane's cells. */
	pane(picture: Picture): void;
	/** The next picture has another size, or follows foreign output; paints nothing until it arrives. */
	resize(columns: number, rows: number): void;
	/** Repaints every cell. */
	redraw(): void;
	/** New capabilities: the next picture repaints every cell. */
	wear(capabilities: Capabilities): void;
	close(): void;
};

/** Time after a drawing when it counts as seen, ms. */
const SETTLE_MS = 20;

const nothing = (columns: number, rows: number): Frame['chrome'] => ({
	columns,
	rows,
	version: 0,
	rowVersion: () => 0,
	readRow: (_row, into) => blankCells(into, 0, columns),
	cursor: {x: 0, y: 0, visible: false},
	textOf: () => '',
});

/** A compositor joins surfaces and pane and writes the difference: the terminal gets only its bytes. */
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
			// Even at the same size: the terminal returns from another program, or missed a picture.
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
	/** A key's own effect: at once, at most 60 times a second. */
	screenNow(): void;
	/** A change of the room: batched for `roomMs`. */
	screenSoon(): void;
	/** The same while typing into a pane: once a second, so that no key waits for it. */
	screenLater(): void;
	/** A key's echo: at once, at most every three milliseconds. */
	paneNow(): void;
	/** Pane output: batched for `paneMs`. */
	paneSoon(): void;
	/**
	 * Output of one of many panes, none of which is typed into: ten times a second, since each picture is that of all; of those not selected four
	 * times after a while without keys.
	 */
	tilesSoon(isSelected: boolean): void;
	close(): void;
};

const KEY_MS = 16;
const TYPING_MS = 1000;
const ECHO_MS = 3;
const TILES_MS = 100;

type Beat = {at(ms: number): void; cancel(): void; lastAt: number};

/** Runs something once at a time; an earlier due time replaces a later one. */
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
		cancel: () => {
			clearTimeout(timer);
			due = Number.POSITIVE_INFINITY;
		},
	};
	return beat;
};

/** Decides when to draw. Each drawing has every earlier change; no change waits without a timer. */
export const createFrameScheduler = (options: {
	/** Present batching delay of pane output, ms. */
	readonly paneMs: () => number;
	/** Present batching delay of room changes, ms. */
	readonly roomMs: () => number;
	readonly drawScreen: () => void;
	readonly drawPane: () => void;
	/** Draws the selected tile; the others keep their last picture. */
	readonly drawSelected: () => void;
}): FrameScheduler => {
	const selected = createBeat(options.drawSelected);
	const pane = createBeat(() => {
		selected.cancel();
		options.drawPane();
	});
	const screen = createBeat(() => {
		// The screen has the panes' cells too: drawing them again soon after would be a second picture of the same.
		selected.cancel();
		pane.cancel();
		options.drawScreen();
	});
	return {
		screenNow: () => screen.at(screen.lastAt + KEY_MS),
		screenSoon: () => screen.at(screen.lastAt + options.roomMs()),
		screenLater: () => screen.at(screen.lastAt + TYPING_MS),
		paneNow: () => pane.at(pane.lastAt + ECHO_MS),
		paneSoon: () => pane.at(Math.max(pane.lastAt, performance.now()) + options.paneMs()),
		tilesSoon: isSelected => {
			const others = Math.max(TILES_MS, options.paneMs(), options.roomMs());
			const own = Math.max(TILES_MS, options.paneMs());
			if (isSelected && own < others) selected.at(performance.now() + own);
			else pane.at(performance.now() + others);
		},
		close: () => {
			screen.cancel();
			pane.cancel();
			selected.cancel();
		},
	};
};
