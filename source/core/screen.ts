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
