/** Style bits of a cell; nothing else that a program prints reaches the user's terminal. */
export const STYLE = {bold: 1, dim: 2, italic: 4, underline: 8, inverse: 16, strikethrough: 32, blink: 64, invisible: 128} as const;

/**
 * One row of cells as flat arrays, reused between reads. `text[x]` is the cell's characters ('' for the right half of a wide one),
 * `width[x]` is 0, 1 or 2. A colour is -1 (default), 0 to 255 (palette) or `0x1000000 | rgb`.
 */
export type CellRow = {
	readonly text: string[];
	readonly width: Uint8Array;
	readonly foreground: Int32Array;
	readonly background: Int32Array;
	readonly style: Uint16Array;
};

/** A composable screen: a pane's terminal or the chrome's. Rows count from the top of the visible part. */
export interface Screen {
	readonly columns: number;
	readonly rows: number;
	/** Grows with every change; a row of an unchanged version need not be read again. */
	readonly version: number;
	rowVersion(row: number): number;
	/** Copies one visible row. */
	readRow(row: number, into: CellRow): void;
	readonly cursor: {readonly x: number; readonly y: number; readonly visible: boolean};
	/** The program is drawing: keep showing the previous frame. Never set for long. */
	readonly isHalfDrawn?: boolean;
	/** The row as plain text without trailing blanks. */
	textOf(row: number): string;
}

/** Terminal modes that a program enabled. */
export type PaneModes = {
	readonly applicationCursor: boolean;
	readonly bracketedPaste: boolean;
	readonly mouse: 'none' | 'x10' | 'vt200' | 'drag' | 'any';
	readonly sgrMouse: boolean;
	readonly focusEvents: boolean;
	readonly applicationKeypad: boolean;
	/** Flags of the kitty keyboard protocol, 0 if off. */
	readonly kittyKeyboard: number;
	/** Level of xterm's modifyOtherKeys, 0 to 2. */
	readonly otherKeys: number;
	/** As in `CSI n SP q`: 0 default; 1 and 2 block, 3 and 4 underline, 5 and 6 bar; odd ones blink. */
	readonly cursorShape: 0 | 1 | 2 | 3 | 4 | 5 | 6;
};

/** A cell of a line, both from 0; lines from the oldest. */
export type Place = {readonly line: number; readonly cell: number};

/**
 * Number of rows that scrolled off a pane. Rows of two moments are comparable only within one era: clearing everything, a full-screen
 * program's start or end, and a new width start another.
 */
export type PaneAge = {readonly era: number; readonly rowsGone: number};

/** A copy of a pane's scrollback and screen at one moment. Wrapped lines are joined. A wide character takes two cells. */
export type PaneLines = PaneAge & {
	readonly count: number;
	/** Start of the screen and place of the cursor. */
	readonly screenTop: Place;
	readonly cursor: Place;
	/** Number of cells up to the last non-blank one. */
	cellsOf(line: number): number;
	/** Whether the cell is the right half of a wide character, which must not start a row. */
	isHalf(line: number, cell: number): boolean;
	/** Clean text of a line, or of its cells `from` (inclusive) to `to` (exclusive), without trailing blanks. */
	textOf(line: number, from?: number, to?: number): string;
	/** The cell of each UTF-16 unit of the line's text. */
	cellsOfText(line: number): readonly number[];
	/** Copies cells `from` to `to` (exclusive) to the start of `into`; the rest becomes blank. */
	read(line: number, from: number, to: number, into: CellRow): void;
	/** The pane's row where a line began, counted from its very first row. */
	rowOf(line: number): number;
};
