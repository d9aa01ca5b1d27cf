import stringWidth from 'string-width';
import type {Palette} from '../../core/config/themes.ts';
import {cleanText, fit as fitCells} from '../../terminal/text/clean.ts';
import {cellWidth} from '../../terminal/text/widths.ts';
import {graphemes} from './graphemes.ts';

/** The meaning of a text; the theme decides its look, with or without colour. */
export type Tone = keyof Palette;
export type Span = {readonly text: string; readonly tone: Tone};
/** A row of styled text. Its builder sets the width: `fill` and `spread` return exactly as many cells as asked. */
export type Line = readonly Span[];

export const span = (text: string, tone: Tone = 'plain'): Span => ({text, tone});
export const widthOf = (text: string): number => (/^[\x20-\x7e]*$/.test(text) ? text.length : cellWidth(text));
export const lineWidth = (line: Line): number => line.reduce((sum, {text}) => sum + widthOf(text), 0);

/** Limit of a text's characters in a row, which bounds the cost of huge titles. */
const SHOWN = 2000;

/** Foreign text as one safe line: no control characters or line breaks, bounded. */
export const said = (text: string, most = SHOWN): string => agreed(cleanText(text.slice(0, most).toWellFormed()));

/**
 * Ink and our screens use different width tables. Where they differ, an emoji is reduced to its first character (a hand without its tone),
 * others become `?`: borders never shift.
 */
const agreed = (text: string): string => {
	if (/^[\x20-\x7e]*$/.test(text)) return text;
	let out = '';
	for (const {segment} of graphemes.segment(text)) out += agreedOn(segment);
	return out;
};

/** A virama before a letter, maybe with a joiner. */
const CONJUNCT = /([\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d])\u200d?(?=\p{L})/gu;

/** Cache: asking both tables is slow, and few characters recur. */
const agreements = new Map<string, string>();
const isAgreed = (segment: string): boolean => stringWidth(segment) === cellWidth(segment);
const agreedOn = (segment: string): string => {
	const known = agreements.get(segment);
	if (known !== undefined) return known;
	if (agreements.size > 5000) agreements.clear();
	const first = String.fromCodePoint(segment.codePointAt(0) ?? 0x3f);
	// Indic conjuncts are drawn cell by cell: with a non-joiner between the letters both tables agree.
	const apart = segment.replace(CONJUNCT, '$1\u200c');
	const shown = [segment, apart].find(isAgreed) ?? (/\p{Emoji}/u.test(first) && isAgreed(first) ? first : '?');
	agreements.set(segment, shown);
	return shown;
};

/** Only the part of a text that can be visible in `columns` cells is processed. */
const bounded = (text: string, columns: number): string => said(text.slice(0, columns * 8 + 64));

/** Cache: most cells repeat from frame to frame, and cleaning is slow; skips long texts to bound memory. */
const cells = new Map<string, string>();
const KEPT_CELLS = 5000;
const KEPT_LENGTH = 300;

/** Exactly `columns` cells: padded, or cut with an ellipsis. Cleans hostile text. */
export const cell = (text: string, columns: number): string => {
	if (columns <= 0) return '';
	if (text.length > KEPT_LENGTH) return fitCells(bounded(text, columns), columns);
	const key = `${columns} ${text}`;
	let fitted = cells.get(key);
	if (fitted === undefined) {
		fitted = fitCells(bounded(text, columns), columns);
		if (cells.size >= KEPT_CELLS) cells.clear();
		cells.set(key, fitted);
	}
	return fitted;
};

/** At most `columns` cells, cut with an ellipsis. */
export const cut = (text: string, columns: number): string => {
	const clean = bounded(text, Math.max(0, columns));
	return cell(clean, Math.min(columns, widthOf(clean)));
};

/** Exactly `columns` cells of spans: cut with an ellipsis, or padded. */
export const fill = (line: Line, columns: number): Line => {
	const out: Span[] = [];
	let left = columns;
	for (const [index, part] of line.entries()) {
		const width = widthOf(part.text);
		const hasMore = line.slice(index + 1).some(({text}) => text.trim() !== '');
		if (width < left || (width === left && !hasMore)) {
			out.push(part);
			left -= width;
			continue;
		}
		if (left > 0) out.push({...part, text: width === left ? fitCells(`${part.text} `, left) : fitCells(part.text, left)});
		left = 0;
		break;
	}
	if (left > 0) out.push(span(' '.repeat(left)));
	return out;
};

/** Exactly `columns` cells: `right` in full at the right edge, `left` in the rest. */
export const spread = (left: Line, right: Line, columns: number): Line => {
	const rightWidth = lineWidth(right);
	if (rightWidth === 0) return fill(left, columns);
	return rightWidth >= columns ? fill(right, columns) : [...fill(left, columns - rightWidth), ...right];
};

/** As many whole parts as fit in `columns`, from the left, separated by `gap`. */
export const dropRight = (parts: readonly Line[], columns: number, gap: string): Line => {
	const out: Span[] = [];
	let used = 0;
	for (const part of parts) {
		const width = lineWidth(part) + (used > 0 ? gap.length : 0);
		if (used + width > columns) break;
		if (used > 0) out.push(span(gap));
		out.push(...part);
		used += width;
	}
	return out;
};

/** Wraps to at most `columns` cells and `most` rows, the last cut with an ellipsis. */
export const wrap = (text: string, columns: number, most: number): readonly string[] => {
	const rows: string[] = [];
	const seen = Math.max(SHOWN, (most + 2) * columns * 4);
	for (const paragraph of text.slice(0, seen).split(/\r?\n/)) {
		// One row too many is enough to know that text is left.
		if (rows.length > most + 1) break;
		let row = '';
		for (const word of said(paragraph, seen).split(/\s+/).filter(Boolean)) {
			let rest = word;
			while (widthOf(rest) > columns) {
				if (row) rows.push(row);
				row = '';
				const whole = headOf(rest, columns);
				// A path breaks between its names.
				const slash = whole.lastIndexOf('/') + 1;
				const head = slash > whole.length / 2 ? whole.slice(0, slash) : whole;
				rows.push(head);
				rest = rest.slice(head.length);
			}
			if (row && widthOf(row) + 1 + widthOf(rest) > columns) {
				rows.push(row);
				row = rest;
			} else row = row ? `${row} ${rest}` : rest;
		}
		rows.push(row);
	}
	while (rows.at(-1) === '') rows.pop();
	if (rows.length <= most) return rows;
	return [...rows.slice(0, most - 1), cell(`${rows[most - 1] ?? ''} ${rows[most] ?? ''} …`, columns)];
};

/** The longest start that fits `columns` cells, whole characters only; never empty. */
const headOf = (text: string, columns: number): string => {
	let head = '';
	let used = 0;
	for (const {segment} of graphemes.segment(text.slice(0, columns * 8))) {
		used += widthOf(segment);
		if (used > columns && head) break;
		head += segment;
		if (used >= columns) break;
	}
	return head;
};

export const labelled = (label: string, text: string, labelColumns: number, columns: number): Line => [
	span(`  ${cell(label, labelColumns)} `, 'dim'),
	span(cut(text, Math.max(1, columns - labelColumns - 5))),
];
