import type {PaneAge, PaneLines, Place} from '../../core/text/screen.ts';
import {type PaneRow, paneRows, rowAt} from '../model/pane-text.ts';
import {inside, layoutOf} from '../text/layout.ts';
import type {Context} from './message.ts';

/** A pane that a human reads. Without `lines` its live screen is followed. */
export type Scroll = {
	readonly agent: string;
	/** What is read: a copy, which no output moves. */
	readonly lines: PaneLines | undefined;
	/** The first cell of the window's top row. */
	readonly top: Place;
	readonly cursor: Place;
	/** Cell of its row that the cursor goes back to where the row is long enough. */
	readonly column: number;
	readonly search: string;
	/** Where a selection started. */
	readonly mark: {readonly kind: 'lines' | 'block'; readonly at: Place} | undefined;
};

/** One whose lines are there. */
export type OpenScroll = Scroll & {readonly lines: PaneLines};

/** What of a pane a view may ask: its age, and a copy of its lines. */
export type PaneText = {readonly age: PaneAge; lines(): PaneLines};

export type WindowSize = {readonly columns: number; readonly rows: number};

export const START: Place = {line: 0, cell: 0};

/** The window over the lines: its rows, the index of its top row and of the cursor's, which is always within it. */
export type Shown = {readonly rows: readonly PaneRow[]; readonly top: number; readonly cursor: number; readonly height: number};

const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));

/** The highest index that a window's top row may have: the end of the lines, or the screen as it stood. */
export const lastTop = ({lines}: OpenScroll, rows: readonly PaneRow[], height: number): number =>
	clamp(rows.length - height, rowAt(rows, lines.screenTop), rows.length - 1);

/** Places are kept in lines and cells, so that another size of the window wraps the lines again and shows the same ones. */
export const shownOf = (reading: OpenScroll, {columns, rows: height}: WindowSize): Shown => {
	const rows = paneRows(reading.lines, columns);
	const cursor = rowAt(rows, reading.cursor);
	const wanted = rowAt(rows, reading.top);
	const top = clamp(Math.min(wanted, lastTop(reading, rows, height)), Math.max(0, cursor - Math.max(1, height) + 1), cursor);
	return {rows, top, cursor, height};
};

/** Cells of the window in which a pane is read: inside its frame. */
export const windowOf = ({layout}: Pick<Context, 'layout'>): WindowSize => {
	const rect =
		layout.panels.get(0) ?? layoutOf(layout.columns, layout.rows, {isZoomed: false, isTyping: false, isReading: true}).panels.get(0);
	return rect ? inside(rect) : {columns: 2, rows: 1};
};

export const isReading = (scroll: Scroll | undefined): scroll is OpenScroll => scroll?.lines !== undefined;

/** Rows of the copy below the window, and rows that came since it was made; undefined if those cannot be counted. */
export const belowOf = (
	reading: OpenScroll,
	size: WindowSize,
	age: PaneAge,
): {readonly below: number; readonly since: number | undefined} => {
	const {rows, top, height} = shownOf(reading, size);
	const {lines} = reading;
	return {
		below: Math.max(0, rows.length - top - height),
		since: age.era === lines.era ? age.rowsGone - lines.rowsGone : undefined,
	};
};
