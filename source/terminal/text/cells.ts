import type {CellRow} from '../../core/text/screen.ts';
import {isEmoji, isWidened, widthTable} from './widths.ts';

/** A reusable row of `columns` blank cells in default colours. */
export const createCellRow = (columns: number): CellRow => {
	const row: CellRow = {
		text: new Array<string>(columns).fill(' '),
		width: new Uint8Array(columns).fill(1),
		foreground: new Int32Array(columns).fill(-1),
		background: new Int32Array(columns).fill(-1),
		style: new Uint16Array(columns),
	};
	return row;
};

/** Blanks cells `from` to `to` (exclusive, clipped) in default colours. */
export const blankCells = (row: CellRow, from: number, to: number): void => {
	const end = Math.min(to, row.width.length);
	row.text.fill(' ', from, end);
	row.width.fill(1, from, end);
	row.foreground.fill(-1, from, end);
	row.background.fill(-1, from, end);
	row.style.fill(0, from, end);
};

/** Limit of code units in a cell: a base character and a few marks. */
const MAX_CELL_LENGTH = 12;

/**
 * Characters that draw nothing or change how neighbours are drawn: controls, soft hyphen, bidi and other format characters, joiners,
 * variation selectors, fillers, tags, line separators and lone surrogates.
 */
const UNSHOWN =
	/[\p{Cc}\p{Cf}\p{Cs}\u115f\u1160\u2028\u2029\u2800\u3164\uffa0\ufff0-\ufffb\ufffe\uffff\u{e0000}-\u{e0fff}]|\u034f|[\u17b4\u17b5]|[\u180b-\u180f]|\p{Variation_Selector}/gu;

/**
 * Returns `clean` if its base character is exactly `width` cells wide, else a blank. xterm may put a wide character into one cell, which
 * would shift the rest of the row on a real terminal.
 */
export const fitCell = (clean: string, width: 1 | 2): string => (widthTable.wcwidth(clean.codePointAt(0) ?? 32) === width ? clean : ' ');

const JOINERS = /(?<=.)(?:\u200d|[\u{1f3fb}-\u{1f3ff}])/u;

/** A two-cell character, safe to write: a whole emoji, or a character with the selector that widens it. */
export const wideCell = (text: string): string => {
	const base = text.codePointAt(0) ?? 32;
	if (text.length > (base > 0xffff ? 2 : 1) && isEmoji(text)) return text;
	return isWidened(text) ? `${String.fromCodePoint(base)}\ufe0f` : fitCell(cleanCell(text), 2);
};

const cleaned = new Map<string, string>();

/**
 * The part of a cell's text that is safe to write: a base character and a few marks, never a control, bidi or joining character. `' '` if
 * nothing is left.
 */
export const cleanCell = (text: string): string => {
	const known = cleaned.get(text);
	if (known !== undefined) return known;
	let kept = '';
	// Of joined characters that are no emoji only the first is shown: terminals disagree on their width.
	for (const character of (text.split(JOINERS, 1)[0] ?? '').replace(UNSHOWN, '')) {
		if (kept.length + character.length > MAX_CELL_LENGTH) break;
		kept += character;
	}
	// A zero-width character (marks, vowels of old Hangul) would join the cell before it.
	const isBare = kept === '' || /^\p{M}/u.test(kept) || widthTable.wcwidth(kept.codePointAt(0) ?? 0) === 0;
	const result = isBare ? ' ' : kept;
	if (cleaned.size >= 4096) cleaned.clear();
	if (text.length <= MAX_CELL_LENGTH * 2) cleaned.set(text, result);
	return result;
};

/** True for a code unit that every terminal draws in one cell without cleaning: ASCII, Latin, box drawing. */
export const isPlain = (code: number): boolean =>
	(code >= 0x20 && code < 0x7f) || (code > 0xa0 && code < 0x300 && code !== 0xad) || (code >= 0x2500 && code < 0x25a0);
