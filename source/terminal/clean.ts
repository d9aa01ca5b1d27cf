import {cleanCell, isPlain} from './cells.ts';
import {cellWidth, widthTable} from './widths.ts';

/**
 * A foreign text (title, branch, agent output) as one harmless line: escape sequences, controls, bidi and zero-width characters are
 * gone, line ends and tabs are single spaces. With `columns` it is cut to that many cells.
 */
export const cleanText = (text: string, columns = Number.POSITIVE_INFINITY): string => {
	// Bounded before anything is looked at: a text of megabytes costs no more than what can be shown of it.
	const bounded = Number.isFinite(columns) ? text.slice(0, columns * 8 + 64) : text;
	const line = bounded
		.replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_](?:[^\u0007\u001b]|\u001b(?!\\))*(?:\u0007|\u001b\\|$)|[ -/]*[0-~])/g, '')
		.replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ');
	let clean = '';
	let pending = '';
	const flush = (): void => {
		if (pending !== '') clean += pending.length === 1 && isPlain(pending.charCodeAt(0)) ? pending : shown(pending);
		pending = '';
	};
	for (const character of line) {
		if (widthTable.wcwidth(character.codePointAt(0) ?? 0) > 0) flush();
		pending += pending.length > 64 ? '' : character;
	}
	flush();
	return Number.isFinite(columns) ? cut(clean, columns) : clean;
};

/** What is left of one character and its marks; nothing where nothing of it can be shown. */
const shown = (cluster: string): string => {
	const kept = cleanCell(cluster);
	return kept === ' ' && !cluster.startsWith(' ') && !cluster.startsWith('\u00a0') ? '' : kept;
};

const cut = (text: string, columns: number): string => {
	let width = 0;
	let kept = '';
	for (const character of text) {
		width += widthTable.wcwidth(character.codePointAt(0) ?? 0);
		if (width > columns) break;
		kept += character;
	}
	return kept;
};

/** A clean text in exactly `columns` cells: padded with spaces, or cut with `…` at its end. */
export const fit = (text: string, columns: number): string => {
	if (columns <= 0) return '';
	const clean = cleanText(text, columns + 2);
	const width = cellWidth(clean);
	if (width <= columns) return clean + ' '.repeat(columns - width);
	const short = cut(clean, columns - 1);
	return `${short}…${' '.repeat(columns - 1 - cellWidth(short))}`;
};
