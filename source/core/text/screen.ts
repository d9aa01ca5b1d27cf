/** Style bits of a cell, as the compositor writes them; nothing else of what a program prints can reach a person's terminal. */
export const STYLE = {bold: 1, dim: 2, italic: 4, underline: 8, inverse: 16, strikethrough: 32, blink: 64, invisible: 128} as const;

/**
 * One row of cells in columns of flat arrays, reused between reads. `text[x]` is the cell's characters ('' for the right half of a
 * wide one), `width[x]` is 0, 1 or 2. A colour is -1 (default), 0 to 255 (palette) or `0x1000000 | rgb`.
 */
export type CellRow = {
	readonly text: string[];
	readonly width: Uint8Array;
	readonly foreground: Int32Array;
	readonly background: Int32Array;
	readonly style: Uint16Array;
};

/** A screen that can be composed: a pane's terminal or the chrome's. Rows count from the top of the visible part. */
export interface Screen {
	readonly columns: number;
	readonly rows: number;
	/** Grows with every change; a row whose version has not grown need not be read again. */
	readonly version: number;
	rowVersion(row: number): number;
	/** Copies one visible row. */
	readRow(row: number, into: CellRow): void;
	readonly cursor: {readonly x: number; readonly y: number; readonly visible: boolean};
	/** The program is in the middle of drawing: what was shown before is better than this. Never for long. */
	readonly isHalfDrawn?: boolean;
	/** The row as plain text without trailing blanks. */
	textOf(row: number): string;
}

/** Modes that a program has switched on in its terminal. */
export type PaneModes = {
	readonly applicationCursor: boolean;
	readonly bracketedPaste: boolean;
	readonly mouse: 'none' | 'x10' | 'vt200' | 'drag' | 'any';
	readonly sgrMouse: boolean;
	readonly focusEvents: boolean;
	readonly applicationKeypad: boolean;
	/** Flags of the kitty keyboard protocol, 0 where it is off. */
	readonly kittyKeyboard: number;
	/** Level of xterm's modifyOtherKeys, 0 to 2. */
	readonly otherKeys: number;
	/** As `CSI n SP q` counts: 0 is the terminal's own; 1 and 2 a block, 3 and 4 a line below, 5 and 6 a bar, odd ones blink. */
	readonly cursorShape: 0 | 1 | 2 | 3 | 4 | 5 | 6;
};

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
