import {clusterTable} from '../text/widths.ts';
import type {XtermCore} from './xterm.ts';

/** Of fewer characters xterm's own way costs no more. So many are looked at before a cell is written, the rest as they are written. */
const LEAST = 4;
/** xterm's flag in a pen's background: it has a style of underline or a link, which its line keeps besides. */
const HAS_EXTENDED = 0x10000000;
const ONE_WIDE = 1 << 22;
/** What a character of ASCII leaves for the next one to join. It never joins itself, but for a digit after a joiner. */
const STATES = Uint32Array.from({length: 0x7f}, (_, code) => clusterTable.charProperties(code, 0));
const AFTER_PLAIN = Math.max(...STATES);
const joinsNothing = (code: number): boolean => (STATES[code] ?? 0) >> 3 === 0;

/** How many printable characters of ASCII begin at `from`. */
const plainFrom = (data: Uint32Array, from: number, end: number): number => {
	let at = from;
	while (at < end && (data[at] ?? 0) < 0x7f && (data[at] ?? 0) >= 0x20) at++;
	return at - from;
};

/**
 * How many characters are left to xterm: those before the next run of plain ones, and of it the first that joins nothing. So what xterm does only
 * where a piece begins (it halves a wide character there) is not done within one: a cell of width one is before each of ours.
 */
const othersFrom = (data: Uint32Array, from: number, end: number): number => {
	let at = from;
	while (at < end) {
		const plain = plainFrom(data, at, Math.min(end, at + LEAST));
		if (plain < LEAST) at += Math.max(1, plain);
		else if (joinsNothing(data[at] ?? 0)) return at + 1 - from;
		else at++;
	}
	return end - from;
};

/**
 * Writes runs of printable ASCII into a row's cells at once: that is most of what agents print, and xterm looks up for each character how wide it
 * is, whether it joins and whether it wraps. Guarantee: every cell, the cursor and what follows are as xterm leaves them
 * (test/terminal/screen/plain-print.test.ts); all else, and the character that wraps, is left to xterm.
 */
export const printPlainFast = (core: XtermCore): void => {
	const input = core._inputHandler;
	const {_parser: parser} = input;
	const {_bufferService: service, _charsetService: charsets, coreService} = core;
	const print = input.print.bind(input);

	/** Prints what stands plainly on the cursor's row; how many characters that were. */
	const printRow = (data: Uint32Array, from: number, end: number): number => {
		const {buffer, cols} = service;
		const {x} = buffer;
		const last = Math.min(end, from + cols - x);
		const isPlain = plainFrom(data, from, Math.min(last, from + LEAST)) === LEAST && parser.precedingJoinState <= AFTER_PLAIN;
		const line = isPlain ? buffer.lines.get(buffer.ybase + buffer.y) : undefined;
		if (!line) return 0;
		input._dirtyRowTracker.markDirty(buffer.y);
		const pen = input._curAttrData;
		const {fg, bg} = pen;
		const cells = line._data;
		// A wide character loses its half.
		if (x > 0 && (cells[x * 3 - 3] ?? 0) >> 22 === 2) line.setCellFromCodepoint(x - 1, 0, 1, pen);
		let index = from;
		for (let at = x * 3; index < last; index++, at += 3) {
			const code = data[index] ?? 0;
			if (code < 0x20 || code >= 0x7f) break;
			cells[at] = code | ONE_WIDE;
			cells[at + 1] = fg;
			cells[at + 2] = bg;
		}
		buffer.x = x + index - from;
		if (buffer.x < cols && cells[buffer.x * 3] === 0) line.setCellFromCodepoint(buffer.x, 0, 1, pen);
		parser.precedingJoinState = STATES[data[index - 1] ?? 0] ?? 0;
		return index - from;
	};

	/** What changes how plain text is printed. Without wrapping even a piece by itself differs: xterm halves a wide character only where a piece begins. */
	const isSpecial = (): boolean =>
		charsets.charset !== undefined ||
		coreService.modes.insertMode ||
		!coreService.decPrivateModes.wraparound ||
		(input._curAttrData.bg & HAS_EXTENDED) !== 0;

	input.print = (data, start, end) => {
		if (isSpecial()) {
			print(data, start, end);
			return;
		}
		for (let at = start; at < end; ) {
			const plain = printRow(data, at, end);
			at += plain;
			if (at >= end) return;
			const next = at + othersFrom(data, at, end);
			print(data, at, next);
			at = next;
		}
	};
};
