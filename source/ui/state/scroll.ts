import type {PaneAge, PaneLines, Place} from '../../core/text/screen.ts';
import {type PaneRow, paneRows, rowAt} from '../model/pane-text.ts';
import {inside, layoutOf} from '../text/layout.ts';
import type {Context} from './message.ts';

/** A pane in scrollback. Without `lines` it follows the live screen. */
export type Scroll = {
	readonly agent: string;
	/** A copy that no output changes. */
	readonly lines: PaneLines | undefined;
	/** First cell of the window's top row. */
	readonly top: Place;
	readonly cursor: Place;
	/** The cursor's preferred cell, for rows that are long enough. */
	readonly column: number;
	readonly search: string;
	readonly mark: {readonly kind: 'lines' | 'block'; readonly at: Place} | undefined;
};

export type OpenScroll = Scroll & {readonly lines: PaneLines};

/** A pane for a view: its age, and a copy of its lines. */
export type PaneText = {readonly age: PaneAge; lines(): PaneLines};

export type WindowSize = {readonly columns: number; readonly rows: number};

export const START: Place = {line: 0, cell: 0};

/** The window over the lines: rows, top row and cursor row, which is always inside. */
export type Shown = {readonly rows: readonly PaneRow[]; readonly top: number; readonly cursor: number; readonly height: number};

const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));

/** The last possible top row: the end of the lines, or the screen as it was. */
export const lastTop = ({lines}: OpenScroll, rows: readonly PaneRow[], height: number): number =>
	clamp(rows.length - height, rowAt(rows, lines.screenTop), rows.length - 1);

/** Places are lines and cells, so that a resize wraps again and shows the same lines. */
export const shownOf = (reading: OpenScroll, {columns, rows: height}: WindowSize): Shown => {
	const rows = paneRows(reading.lines, columns);
	const cursor = rowAt(rows, reading.cursor);
	const wanted = rowAt(rows, reading.top);
	const top = clamp(Math.min(wanted, lastTop(reading, rows, height)), Math.max(0, cursor - Math.max(1, height) + 1), cursor);
	return {rows, top, cursor, height};
};

export const windowOf = ({layout}: Pick<Context, 'layout'>): WindowSize => {
	const rect =
		layout.panels.get(0) ?? layoutOf(layout.columns, layout.rows, {isZoomed: false, isTyping: false, isReading: true}).panels.get(0);
	return rect ? inside(rect) : {columns: 2, rows: 1};
};

export const isReading = (scroll: Scroll | undefined): scroll is OpenScroll => scroll?.lines !== undefined;

/** Copied rows below the window, and rows printed since; undefined if unknown. */
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
