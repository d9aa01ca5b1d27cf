import type {CellRow} from './screen.ts';

/** A cell of a line: both count from 0, the line from the oldest one. */
export type Place = {readonly line: number; readonly cell: number};

/**
 * How many rows have left a pane's screen upwards so far. Rows of two moments can be told by it only within one era: a program that clears
 * everything, a full-screen program that comes or goes and a new width begin another.
 */
export type PaneAge = {readonly era: number; readonly rowsGone: number};

/**
 * What stood in a pane, scrollback and screen, at one moment: what its program prints afterwards changes nothing here. What the terminal
 * wrapped is one line again. A wide character takes two cells.
 */
export type PaneLines = PaneAge & {
	readonly count: number;
	/** Where the screen began and where the cursor stood. */
	readonly screenTop: Place;
	readonly cursor: Place;
	/** Cells of a line up to the last one that is not blank. */
	cellsOf(line: number): number;
	/** Whether the cell is the right half of a wide character: no row may begin with it. */
	isHalf(line: number, cell: number): boolean;
	/** Clean text of a line, or of its cells `from` (inclusive) to `to` (exclusive), without trailing blanks. */
	textOf(line: number, from?: number, to?: number): string;
	/** For each UTF-16 unit of the line's whole text the cell in which it stands. */
	cellsOfText(line: number): readonly number[];
	/** Copies the cells from `from` up to `to` (exclusive) into the beginning of `into`; the rest of `into` becomes blank. */
	read(line: number, from: number, to: number, into: CellRow): void;
	/** The row of the pane with which a line began, counted from its very first one. */
	rowOf(line: number): number;
};
