import {visible} from '../../core/text/visible.ts';
import {cleanCell, isPlain} from './cells.ts';
import {cellWidth, clustersOf, isEmoji} from './widths.ts';

/**
 * Makes a foreign text (title, branch, agent output) one safe line: no escape sequences or controls, invisible characters by name, line
 * ends and tabs as single spaces. Cuts it to `columns` cells, if given.
 */
export const cleanText = (text: string, columns = Number.POSITIVE_INFINITY): string => {
	// Bounded first: a huge text costs no more than its visible part.
	const bounded = Number.isFinite(columns) ? text.slice(0, columns * 8 + 64) : text;
	if (isAscii(bounded)) return bounded.length > columns ? bounded.slice(0, columns) : bounded;
	const line = bounded
		.replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_](?:[^\u0007\u001b]|\u001b(?!\\))*(?:\u0007|\u001b\\|$)|[ -/]*[0-~])/g, '')
		.replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ');
	if (isAscii(line)) return line.length > columns ? line.slice(0, columns) : line;
	let clean = '';
	for (const {text: cluster} of clustersOf(visible(line)))
		clean += cluster.length === 1 && isPlain(cluster.charCodeAt(0)) ? cluster : shown(cluster.slice(0, LONGEST));
	return Number.isFinite(columns) ? cut(clean, columns) : clean;
};

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

const LONGEST = 64;
const JOINERS = /[\u200c\u200d]/g;

/** The visible part of a character with its marks, '' if none. Keeps a joiner only if all it joins remains. */
const shown = (cluster: string): string => {
	if (isEmoji(cluster)) return cluster;
	const bare = cluster.replace(JOINERS, '');
	const kept = cleanCell(bare);
	if (kept === bare) return cluster;
	return kept === ' ' && !cluster.startsWith(' ') && !cluster.startsWith('\u00a0') ? '' : kept;
};

const cut = (text: string, columns: number): string => {
	let width = 0;
	let kept = '';
	for (const cluster of clustersOf(text)) {
		width += cluster.width;
		if (width > columns) break;
		kept += cluster.text;
	}
	return kept;
};

/** Pads or cuts a clean text to exactly `columns` cells; a cut ends in `…`. */
export const fit = (text: string, columns: number): string => {
	if (columns <= 0) return '';
	const clean = cleanText(text, columns + 2);
	const width = cellWidth(clean);
	if (width <= columns) return clean + ' '.repeat(columns - width);
	const short = cut(clean, columns - 1);
	return `${short}…${' '.repeat(columns - 1 - cellWidth(short))}`;
};

/** Longest text for OSC 52, bytes: with base64 and frame 100,000, where terminals stop reading. */
export const CLIP_BYTES = 74_994;

/** A text for the clipboard: at most `CLIP_BYTES` of UTF-8, cut between characters. */
export type Clip = {readonly text: string; readonly isCut: boolean};

export const clipOf = (text: string): Clip => {
	const whole = text.toWellFormed();
	const bytes = Buffer.from(whole);
	if (bytes.length <= CLIP_BYTES) return {text: whole, isCut: false};
	let end = CLIP_BYTES;
	// A byte 10xxxxxx continues an earlier character.
	while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
	return {text: bytes.subarray(0, end).toString('utf8'), isCut: true};
};

/** Copies a text to the user's clipboard. As base64, nothing in it can control the terminal. */
export const osc52 = (text: string): string => `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`;
