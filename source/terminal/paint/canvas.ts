import {type CellRow, type Screen, STYLE} from '../../core/text/screen.ts';
import {cleanCell, fitCell, isPlain, wideCell} from '../text/cells.ts';

/** Text of an unknown cell; equals no real cell. */
export const UNKNOWN = '\u0000';

export type Canvas = {readonly columns: number; readonly rows: number} & CellRow;

export const createCanvas = (columns: number, rows: number): Canvas => ({
	columns,
	rows,
	text: new Array<string>(columns * rows).fill(UNKNOWN),
	width: new Uint8Array(columns * rows).fill(1),
	foreground: new Int32Array(columns * rows).fill(-1),
	background: new Int32Array(columns * rows).fill(-1),
	style: new Uint16Array(columns * rows),
});

export const forget = (canvas: Canvas): void => void canvas.text.fill(UNKNOWN);

/** Attributes that draw a blank cell in its foreground colour. */
export const INKED = STYLE.underline | STYLE.inverse | STYLE.strikethrough;

const blank = (canvas: CellRow, at: number): void => {
	canvas.text[at] = ' ';
	canvas.width[at] = 1;
};

/**
 * Copies `count` cells of a row into another at `to`, safe to write: no control or joining character, wide characters whole or blanked,
 * also those that the copy half covers.
 */
export const copyCells = (
	source: CellRow,
	from: number,
	into: CellRow,
	to: number,
	count: number,
	color: (color: number) => number,
): void => {
	if (to > 0 && into.width[to - 1] === 2) blank(into, to - 1);
	if (into.width[to + count] === 0) blank(into, to + count);
	const end = from + count;
	for (let x = from, at = to; x < end; x++, at++) {
		const text = source.text[x] ?? ' ';
		const foreground = source.foreground[x] ?? -1;
		const background = source.background[x] ?? -1;
		into.foreground[at] = foreground < 0 ? -1 : color(foreground);
		into.background[at] = background < 0 ? -1 : color(background);
		into.style[at] = source.style[x] ?? 0;
		const width = source.width[x] ?? 1;
		if (width === 1) {
			into.width[at] = 1;
			into.text[at] = text.length === 1 && isPlain(text.charCodeAt(0)) ? text : fitCell(cleanCell(text), 1);
		} else if (width === 2 && x + 1 < end && source.width[x + 1] === 0) {
			const clean = wideCell(text);
			into.text[at] = clean;
			into.width[at] = clean === ' ' ? 1 : 2;
		} else if (width === 0 && at > to && into.width[at - 1] === 2) {
			into.text[at] = '';
			into.width[at] = 0;
		} else blank(into, at);
		// A blank's foreground is invisible: normalised so that it costs no bytes.
		if (into.text[at] === ' ' && !((into.style[at] ?? 0) & INKED)) into.foreground[at] = -1;
	}
};

/** Copies cells `from` to `to` (exclusive) of canvas row `y` into the same cells of a row. */
export const keepCells = (canvas: Canvas, y: number, into: CellRow, from: number, to: number): void => {
	if (from > 0 && into.width[from - 1] === 2) blank(into, from - 1);
	if (into.width[to] === 0) blank(into, to);
	const base = y * canvas.columns;
	for (let x = from; x < to; x++) {
		into.text[x] = canvas.text[base + x] ?? ' ';
		into.width[x] = canvas.width[base + x] ?? 1;
		into.foreground[x] = canvas.foreground[base + x] ?? -1;
		into.background[x] = canvas.background[base + x] ?? -1;
		into.style[x] = canvas.style[base + x] ?? 0;
	}
};

export type Rect = {readonly x: number; readonly y: number; readonly columns: number; readonly rows: number};

/** A pane's rectangle on the terminal, and which part of its screen is visible. */
export type PanePlace = Rect & {
	readonly screen: Screen;
	/** The corner that stays visible if the screen is larger; bottom-left follows the output. */
	readonly anchor: 'bottom-left' | 'top-left';
	/** Parts of the terminal where the room's own UI (a dialog) covers this pane. */
	readonly holes: readonly Rect[];
	/** Its turn comes later: the terminal keeps showing its last picture. */
	readonly isResting?: boolean;
};

/** Everything a terminal shows. Panes cover the chrome, later panes cover earlier ones. */
export type Frame = {
	readonly chrome: Screen;
	readonly panes: readonly PanePlace[];
	/** Terminal cells, or the cursor of one pane (index in `panes`) if visible. Missing: hidden. */
	readonly cursor?: {readonly x: number; readonly y: number; readonly visible: boolean} | {readonly pane: number};
};

const isSameRect = (a: Rect, b: Rect): boolean => a.x === b.x && a.y === b.y && a.columns === b.columns && a.rows === b.rows;

/** Same place, screen and part of it: only changed rows need reading. */
export const isSamePlace = (a: PanePlace, b: PanePlace): boolean =>
	a.screen === b.screen &&
	isSameRect(a, b) &&
	a.anchor === b.anchor &&
	a.holes.length === b.holes.length &&
	a.holes.every((hole, index) => {
		const other = b.holes[index];
		return other !== undefined && isSameRect(hole, other);
	});

export const isSameLayout = (a: Frame, b: Frame): boolean =>
	a.chrome === b.chrome &&
	a.panes.length === b.panes.length &&
	a.panes.every((pane, index) => {
		const other = b.panes[index];
		return other !== undefined && isSamePlace(pane, other);
	});

/**
 * The visible pieces of a pane's row `y` (of the terminal), as start and end (exclusive) pairs from left to right: the rectangle without
 * its holes.
 */
export const segmentsOf = (pane: PanePlace, y: number, columns: number): number[] => {
	const end = Math.min(columns, pane.x + pane.columns);
	let at = Math.max(0, pane.x);
	const segments: number[] = [];
	const holes = pane.holes.filter(hole => y >= hole.y && y < hole.y + hole.rows && hole.columns > 0).sort((a, b) => a.x - b.x);
	for (const hole of holes) {
		if (Math.min(hole.x, end) > at) segments.push(at, Math.min(hole.x, end));
		at = Math.max(at, hole.x + hole.columns);
		if (at >= end) break;
	}
	if (at < end) segments.push(at, end);
	return segments;
};

/** The screen row shown in the rectangle's first row. A lower screen is at the top, with blanks below. */
export const firstRow = (pane: PanePlace): number => {
	const {screen} = pane;
	const hidden = screen.rows - pane.rows;
	if (pane.anchor === 'top-left' || hidden <= 0) return 0;
	// Follows the last written row, not the screen's end: a fresh prompt at the top of a tall screen must be visible.
	let last = screen.rows - 1;
	const {y} = screen.cursor;
	while (last > y && last >= pane.rows && screen.textOf(last) === '') last--;
	return Math.max(0, last + 1 - pane.rows);
};
