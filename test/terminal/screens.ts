import type {CellRow, Screen} from '../../source/core/text/screen.ts';
import {createHeadlessScreen, type HeadlessScreen} from '../../source/terminal/screen/screen.ts';
import {createCellRow} from '../../source/terminal/text/cells.ts';

/** A screen without scrollback, filled with `content`. */
export const screenOf = (columns: number, rows: number, content: string | Uint8Array = ''): HeadlessScreen => {
	const screen = createHeadlessScreen({columns, rows, scrollback: 100, convertEol: true});
	screen.write(content);
	return screen;
};

/** Every row as plain text, padded to nothing. */
export const textsOf = (screen: Screen): string[] => Array.from({length: screen.rows}, (_, row) => screen.textOf(row));

/** One row as comparable values: what a person sees of each cell. The foreground of an inkless blank shows nowhere. */
export const cellsOf = (screen: Screen, row: number): string[] => {
	const cells = createCellRow(screen.columns);
	screen.readRow(row, cells);
	return Array.from({length: screen.columns}, (_, x) => cellText(cells, x));
};

export const cellText = (row: CellRow, x: number): string => {
	const style = row.style[x] ?? 0;
	const text = row.text[x] ?? '';
	const foreground = text === ' ' && (style & (8 | 16 | 32)) === 0 ? -1 : row.foreground[x];
	return `${text}|${row.width[x]}|${foreground}|${row.background[x]}|${style}`;
};

export const gridOf = (screen: Screen): string[][] => Array.from({length: screen.rows}, (_, row) => cellsOf(screen, row));

/** Without the joiners inside of emoji: elsewhere none may reach a terminal. */
export const withoutJoiners = (bytes: string): string =>
	bytes.replace(/(?<=\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)\u200d(?=\p{Extended_Pictographic})/gu, '');
