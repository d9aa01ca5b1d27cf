import type {Screen} from '../../core/text/screen.ts';
import {createCompositor} from '../../terminal/paint/compositor.ts';
import {createInkTerminal} from '../../terminal/screen/ink.ts';
import type {Frame} from '../screen/frame.ts';
import type {Traits} from './capabilities.ts';
import type {InkDrawing} from './ink.tsx';

/** Whether two frames have the same pieces at the same places, whatever they say. */
const isSameArrangement = (a: Frame, b: Frame): boolean =>
	a.pieces.length === b.pieces.length &&
	a.pieces.every((piece, index) => {
		const other = b.pieces[index];
		if (!other || piece.id !== other.id || piece.rows.length !== other.rows.length) return false;
		const [one, two] = [piece.rect, other.rect];
		return one.x === two.x && one.y === two.y && one.columns === two.columns && one.rows === two.rows;
	});

export type ChromeRows = {
	/** Writes the rows that say something else than at the last call. */
	show(frame: Frame): void;
	/** Writes every row: Ink has drawn, and knows nothing of the rows that were written past it. */
	repair(): void;
};

/** The ends of a piece, blank and plain: where it cuts a wide character, the half that is left over takes no pen of the piece. */
const ends = (y: number, {x, columns}: {readonly x: number; readonly columns: number}): string =>
	[x, x + columns - 1].map(at => `\x1b[${y + 1};${at + 1}H\x1b[X`).join('');

/** Each piece that stands on a row, in the order of the frame: the later ones cover the earlier ones. */
const rowsOf = ({pieces}: Frame, count: number): readonly string[] => {
	const texts = new Array<string>(count).fill('');
	for (const {rect, rows} of pieces)
		rows.forEach((row, index) => {
			const y = rect.y + index;
			if (texts[y] !== undefined) texts[y] += `${texts[y] && ends(y, rect)}\x1b[${y + 1};${rect.x + 1}H${row}\x1b[m`;
		});
	return texts;
};

/**
 * Rows of the chrome, written straight into the virtual terminal that Ink draws on. Ink composes a frame of 160x45 in some 20 ms of
 * processor however little of it changed, and in 120 where agents keep the machine busy; a row takes some 20 µs. Guarantee: what stands
 * there is, cell for cell, what Ink draws of the same frame (test/ui/view/paint.test.tsx), and Ink's cursor, pen and modes are left alone.
 */
const createChromeRows = (count: number, write: (bytes: string) => void): ChromeRows => {
	let shown: readonly string[] = [];

	const put = (ys: readonly number[]): void => {
		if (ys.length === 0) return;
		const text = ys.map(y => `\x1b[${y + 1}H\x1b[2K${shown[y] ?? ''}`).join('');
		// Without wrapping: a row that is too long after all spoils no other.
		write(`\x1b7\x1b[m\x1b[?7l${text}\x1b[?7h\x1b8`);
	};
	return {
		show: frame => {
			const before = shown;
			shown = rowsOf(frame, count);
			put(shown.flatMap((text, y) => (text === before[y] ? [] : [y])));
		},
		repair: () => put([...shown.keys()]),
	};
};

/** What is put over the chrome. */
export type PanePicture = {
	readonly screen: Screen | undefined;
	readonly hasCursor: boolean;
	/** Where the terminal's cursor stands on the chrome; hidden without it. */
	readonly cursor?: {readonly x: number; readonly y: number} | undefined;
};

export type Painter = {
	/** Draws the chrome and then everything; `onPainted` comes when it stands on the terminal. */
	chrome(frame: Frame, pane: PanePicture): void;
	/** Brings the pane's cells up to date; the chrome stays. */
	pane(pane: PanePicture): void;
	/** The next chrome has another size, or the same on a terminal that shows something else; nothing is painted until it is there. */
	resize(columns: number, rows: number): void;
	/** Every cell is written again. */
	redraw(): void;
	/** The terminal is to be painted otherwise; the next chrome writes every cell. */
	wear(traits: Traits): void;
	close(): void;
};

/** After this long, ms, a drawing counts as painted: whoever looks has seen it. */
const SETTLE_MS = 20;
/** Long enough that Ink never draws between a key and its effect, ms. */
const INK_MS = 250;

/**
 * The chrome's rows are written into a virtual terminal, on which Ink draws every arrangement of them that lasts; the pane's cells are
 * put over it, and one compositor writes the difference. Panes never pass through React, and the terminal gets nothing but the
 * compositor's own bytes. Ink is loaded when the first picture stands: that takes longer than all else of a start, and a room that
 * nobody looks at needs none.
 */
export const createPainter = (options: {
	readonly columns: number;
	readonly rows: number;
	readonly traits: Traits;
	readonly write: (bytes: string) => void;
	readonly onPainted: () => void;
	/** Ink draws an arrangement that has stood for so long, ms. */
	readonly inkMs?: number;
}): Painter => {
	const {inkMs = INK_MS} = options;
	let {columns, rows} = options;
	let frame: Frame | undefined;
	let picture: PanePicture = {screen: undefined, hasCursor: false};
	let isStale = true;
	let settle: ReturnType<typeof setTimeout> | undefined;
	let inkTimer: ReturnType<typeof setTimeout> | undefined;
	let compositor = createCompositor({columns, rows, write: options.write, ...options.traits});

	const compose = (): void => {
		if (isStale || !frame || !drawing) return;
		const {pane, hole} = frame;
		const {screen, hasCursor, cursor} = picture;
		const place = screen && pane ? [{screen, ...pane.rect, anchor: 'bottom-left' as const, holes: hole ? [hole] : []}] : [];
		const shown = hasCursor && place.length > 0 ? {cursor: {pane: 0}} : cursor ? {cursor: {...cursor, visible: true}} : {};
		compositor.compose({chrome: drawing.ink.screen, panes: place, ...shown});
	};
	type Drawing = {
		readonly ink: ReturnType<typeof createInkTerminal>;
		readonly direct: ReturnType<typeof createChromeRows>;
		byInk?: InkDrawing;
		/** What Ink has drawn. */
		inked?: Frame;
	};
	let drawing: Drawing | undefined;
	const start = (): Drawing => {
		const ink = createInkTerminal(columns, rows);
		const direct = createChromeRows(rows, ink.screen.write);
		ink.onFrame(() => {
			direct.repair();
			compose();
		});
		return {ink, direct};
	};
	const forgetInk = (): void => {
		clearTimeout(inkTimer);
		inkTimer = undefined;
	};
	const drawByInk = async (): Promise<void> => {
		inkTimer = undefined;
		const ink = await import('./ink.tsx').catch(error => {
			// Closed while it was loaded: nothing is missing.
			if (drawing) throw error;
		});
		if (!ink || isStale || !frame || !drawing) return;
		drawing.inked = frame;
		drawing.byInk ??= ink.createInkDrawing(columns, rows, drawing.ink.renderOptions);
		drawing.byInk.draw(frame);
	};
	const stop = (): void => {
		forgetInk();
		drawing?.byInk?.end();
		drawing?.ink.dispose();
		drawing = undefined;
	};
	const settled = (): void => {
		settle = undefined;
		options.onPainted();
	};

	return {
		chrome: (next, pane) => {
			const isMoved = !frame || !isSameArrangement(frame, next);
			frame = next;
			picture = pane;
			isStale = false;
			drawing ??= start();
			drawing.direct.show(next);
			compose();
			const isInked = drawing.inked !== undefined && isSameArrangement(drawing.inked, next);
			if (isMoved || isInked) forgetInk();
			if (!isInked) inkTimer ??= setTimeout(() => void drawByInk(), inkMs);
			settle ??= setTimeout(settled, SETTLE_MS);
		},
		pane: pane => {
			picture = pane;
			compose();
		},
		resize: (width, height) => {
			[columns, rows, isStale] = [width, height, true];
			compositor.resize(width, height);
			// Also at the same size: the terminal comes back from another program, or has missed a picture.
			compositor.invalidate();
			// Ink draws differences against rows that a resized terminal has moved: a new size begins anew, so that no ghost remains.
			stop();
		},
		redraw: () => {
			compositor.invalidate();
			compose();
		},
		wear: traits => {
			compositor = createCompositor({columns, rows, write: options.write, ...traits});
		},
		close: () => {
			isStale = true;
			clearTimeout(settle);
			stop();
		},
	};
};

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
