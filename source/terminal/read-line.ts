import {type CellRow, STYLE} from '../core/screen.ts';
import {blankCells} from './cells.ts';
import type {XtermLine} from './xterm-core.ts';

const ASCII = Array.from({length: 256}, (_, code) => String.fromCharCode(code));
const others = new Map<number, string>();

const textOfCode = (code: number): string => {
	if (code < 256) return ASCII[code] ?? ' ';
	let text = others.get(code);
	if (text === undefined) {
		text = String.fromCodePoint(code);
		if (others.size < 20_000) others.set(code, text);
	}
	return text;
};

/** xterm's colour (mode in bits 24 and 25) as ours: -1, a palette index or `0x1000000 | rgb`. */
const colour = (bits: number): number => {
	const mode = bits & 0x3000000;
	return mode === 0 ? -1 : mode === 0x3000000 ? 0x1000000 | (bits & 0xffffff) : bits & 0xff;
};

const styleOf = (foreground: number, background: number): number =>
	(foreground & 0x8000000 ? STYLE.bold : 0) |
	(background & 0x8000000 ? STYLE.dim : 0) |
	(background & 0x4000000 ? STYLE.italic : 0) |
	(foreground & 0x10000000 ? STYLE.underline : 0) |
	(foreground & 0x4000000 ? STYLE.inverse : 0) |
	(foreground & 0x80000000 ? STYLE.strikethrough : 0) |
	(foreground & 0x20000000 ? STYLE.blink : 0) |
	(foreground & 0x40000000 ? STYLE.invisible : 0);

/**
 * Copies `shown` cells of a line, from `from` on, into `into`, as many as both hold; the rest of `into` becomes blank. No line: all blank.
 * A line may be longer than its screen: where the alternate buffer became narrower, xterm keeps the cells beyond.
 */
export const readLine = (
	line: Pick<XtermLine, '_data' | '_combined' | 'length'> | undefined,
	into: CellRow,
	shown: number,
	from = 0,
): void => {
	const columns = into.width.length;
	const length = line ? Math.max(0, Math.min(columns, line.length - from, shown)) : 0;
	if (line) {
		const data = line._data;
		for (let x = 0, at = from * 3; x < length; x++, at += 3) {
			const content = data[at] ?? 0;
			const foreground = data[at + 1] ?? 0;
			const background = data[at + 2] ?? 0;
			const width = content >> 22;
			const code = content & 0x1fffff;
			into.text[x] = content & 0x200000 ? (line._combined[from + x] ?? ' ') : code ? textOfCode(code) : width === 0 ? '' : ' ';
			into.width[x] = width;
			into.foreground[x] = colour(foreground);
			into.background[x] = colour(background);
			into.style[x] = (foreground | background) & 0xfc000000 ? styleOf(foreground, background) : 0;
		}
	}
	blankCells(into, length, columns);
};
