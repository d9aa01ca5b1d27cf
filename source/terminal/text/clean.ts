import {visible} from '../../core/text/visible.ts';
import {cleanCell, isPlain} from './cells.ts';
import {cellWidth, clustersOf, isEmoji} from './widths.ts';

/**
 * A foreign text (title, branch, agent output) as one harmless line: escape sequences and controls are gone, what cannot be seen is named as agents get
 * it too, line ends and tabs are single spaces. With `columns` it is cut to that many cells.
 */
export const cleanText = (text: string, columns = Number.POSITIVE_INFINITY): string => {
	// Bounded before anything is looked at: a text of megabytes costs no more than what can be shown of it.
	const bounded = Number.isFinite(columns) ? text.slice(0, columns * 8 + 64) : text;
	const line = bounded
		.replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_](?:[^\u0007\u001b]|\u001b(?!\\))*(?:\u0007|\u001b\\|$)|[ -/]*[0-~])/g, '')
		.replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ');
	if (/^[\x20-\x7e]*$/.test(line)) return Number.isFinite(columns) ? line.slice(0, columns) : line;
	let clean = '';
	for (const {text: cluster} of clustersOf(visible(line)))
		clean += cluster.length === 1 && isPlain(cluster.charCodeAt(0)) ? cluster : shown(cluster.slice(0, LONGEST));
	return Number.isFinite(columns) ? cut(clean, columns) : clean;
};

/** Code units of a cluster that are looked at. */
const LONGEST = 64;
const JOINERS = /[\u200c\u200d]/g;

/** What is left of one character and its marks; nothing where nothing of it can be shown. A joiner stays where all that it joins does. */
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

/** A clean text in exactly `columns` cells: padded with spaces, or cut with `…` at its end. */
export const fit = (text: string, columns: number): string => {
	if (columns <= 0) return '';
	const clean = cleanText(text, columns + 2);
	const width = cellWidth(clean);
	if (width <= columns) return clean + ' '.repeat(columns - width);
	const short = cut(clean, columns - 1);
	return `${short}…${' '.repeat(columns - 1 - cellWidth(short))}`;
};

/** Longest text that OSC 52 carries, bytes: with its base64 and its frame that is 100,000, where terminals stop reading. */
export const CLIP_BYTES = 74_994;

/** A text as it can be copied: at most `CLIP_BYTES` of UTF-8, cut between characters. */
export type Clip = {readonly text: string; readonly isCut: boolean};

export const clipOf = (text: string): Clip => {
	const whole = text.toWellFormed();
	const bytes = Buffer.from(whole);
	if (bytes.length <= CLIP_BYTES) return {text: whole, isCut: false};
	let end = CLIP_BYTES;
	// A byte 10xxxxxx continues with a character that started before it.
	while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
	return {text: bytes.subarray(0, end).toString('utf8'), isCut: true};
};

/** Puts a text into the clipboard of the user's terminal. Base64 carries it: nothing in it can steer the terminal. */
export const osc52 = (text: string): string => `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`;
