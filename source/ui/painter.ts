import type {Screen} from '../core/screen.ts';
import {createCompositor} from '../terminal/compositor.ts';
import {createInkTerminal} from '../terminal/ink-terminal.ts';
import {createChromeRows, isSameArrangement} from './chrome-rows.ts';
import type {Frame} from './draw/frame.ts';
import type {InkDrawing} from './ink/draw-chrome.tsx';
import type {Traits} from './traits.ts';

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
		const ink = await import('./ink/draw-chrome.tsx').catch(error => {
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
