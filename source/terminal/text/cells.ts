import type {CellRow} from '../../core/text/screen.ts';
import {isEmoji, isWidened, widthTable} from './widths.ts';

/** A row of `columns` blank cells in default colours, to be read into again and again. */
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

/** Makes the cells from `from` up to `to` (exclusive, clipped to the row) blank in default colours. */
export const blankCells = (row: CellRow, from: number, to: number): void => {
	const end = Math.min(to, row.width.length);
	row.text.fill(' ', from, end);
	row.width.fill(1, from, end);
	row.foreground.fill(-1, from, end);
	row.background.fill(-1, from, end);
	row.style.fill(0, from, end);
};

/** Code units of one cell that are kept at most: a base character and a few marks. */
const MAX_CELL_LENGTH = 12;

/**
 * Characters that draw nothing or steer how their neighbours are drawn: controls, soft hyphen, bidi and other format characters,
 * joiners, variation selectors, fillers, tags, line separators and lone surrogates.
 */
const UNSHOWN =
	/[\p{Cc}\p{Cf}\p{Cs}\u115f\u1160\u2028\u2029\u2800\u3164\uffa0\ufff0-\ufffb\ufffe\uffff\u{e0000}-\u{e0fff}]|\u034f|[\u17b4\u17b5]|[\u180b-\u180f]|\p{Variation_Selector}/gu;

/**
 * `clean` where its base character takes exactly `width` cells, else a blank. xterm may hold a wide character in one cell (a mark that
 * met its half); every terminal would draw it over two and move the rest of the row.
 */
export const fitCell = (clean: string, width: 1 | 2): string => (widthTable.wcwidth(clean.codePointAt(0) ?? 32) === width ? clean : ' ');

const JOINERS = /(?<=.)(?:\u200d|[\u{1f3fb}-\u{1f3ff}])/u;

/** A character of two cells as it may be written: an emoji whole, one that only a selector makes so wide with it. */
export const wideCell = (text: string): string => {
	const base = text.codePointAt(0) ?? 32;
	if (text.length > (base > 0xffff ? 2 : 1) && isEmoji(text)) return text;
	return isWidened(text) ? `${String.fromCodePoint(base)}\ufe0f` : fitCell(cleanCell(text), 2);
};

const cleaned = new Map<string, string>();

/**
 * What of a cell's text may be written to a human's terminal: a base character and a bounded number of marks, never a control, bidi or
 * joining character. `' '` when nothing is left.
 */
export const cleanCell = (text: string): string => {
	const known = cleaned.get(text);
	if (known !== undefined) return known;
	let kept = '';
	// Of what is joined otherwise than emoji are, the first is shown: terminals do not agree on how wide it is together.
	for (const character of (text.split(JOINERS, 1)[0] ?? '').replace(UNSHOWN, '')) {
		if (kept.length + character.length > MAX_CELL_LENGTH) break;
		kept += character;
	}
	// What takes no cell of its own (marks, the vowels of old Hangul) would join the cell before it.
	const isBare = kept === '' || /^\p{M}/u.test(kept) || widthTable.wcwidth(kept.codePointAt(0) ?? 0) === 0;
	const result = isBare ? ' ' : kept;
	if (cleaned.size >= 4096) cleaned.clear();
	if (text.length <= MAX_CELL_LENGTH * 2) cleaned.set(text, result);
	return result;
};

/** True for one code unit that every terminal draws in one cell and that needs no cleaning: ASCII, Latin, box drawing. */
export const isPlain = (code: number): boolean =>
	(code >= 0x20 && code < 0x7f) || (code > 0xa0 && code < 0x300 && code !== 0xad) || (code >= 0x2500 && code < 0x25a0);
