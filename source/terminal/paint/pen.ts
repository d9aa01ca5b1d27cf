import {type CellRow, STYLE} from '../../core/text/screen.ts';
import {isPlain} from '../text/cells.ts';
import {mostCells} from '../text/widths.ts';
import {type Canvas, INKED, UNKNOWN} from './canvas.ts';

/** Colour depth of a terminal. `none` (NO_COLOR) keeps bold, dim, inverse and other attributes. */
export type Colors = 'truecolor' | '256' | '16' | 'none';

const CUBE = [0, 95, 135, 175, 215, 255];
const SYSTEM = [
	0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff,
	0xff00ff, 0x00ffff, 0xffffff,
];

/** RGB of palette colours: 16 to 255 are fixed, the first 16 are xterm's defaults. */
const rgbOf = (index: number): number => {
	if (index < 16) return SYSTEM[index] ?? 0;
	if (index >= 232) return (8 + (index - 232) * 10) * 0x010101;
	const cell = index - 16;
	return ((CUBE[Math.floor(cell / 36)] ?? 0) << 16) | ((CUBE[Math.floor(cell / 6) % 6] ?? 0) << 8) | (CUBE[cell % 6] ?? 0);
};

const distance = (a: number, b: number): number => {
	const red = ((a >> 16) & 255) - ((b >> 16) & 255);
	const green = ((a >> 8) & 255) - ((b >> 8) & 255);
	const blue = (a & 255) - (b & 255);
	return 2 * red * red + 4 * green * green + 3 * blue * blue;
};

const nearest = (rgb: number, from: number, to: number): number => {
	let best = from;
	for (let index = from; index < to; index++) if (distance(rgb, rgbOf(index)) < distance(rgb, rgbOf(best))) best = index;
	return best;
};

/** Returns a function that maps a cell colour (-1, palette, `0x1000000 | rgb`) to the nearest one of `colors`. */
export const createColorMap = (colors: Colors): ((color: number) => number) => {
	if (colors === 'truecolor') return color => color;
	if (colors === 'none') return () => -1;
	const known = new Map<number, number>();
	return color => {
		if (color < 16) return color;
		let mapped = known.get(color);
		if (mapped === undefined) {
			if (colors === '256') mapped = color < 256 ? color : nearest(color & 0xffffff, 16, 256);
			else mapped = nearest(color < 256 ? rgbOf(color) : color & 0xffffff, 0, 16);
			if (known.size >= 4096) known.clear();
			known.set(color, mapped);
		}
		return mapped;
	};
};

const ATTRIBUTES: readonly (readonly [bit: number, code: number])[] = [
	[STYLE.bold, 1],
	[STYLE.dim, 2],
	[STYLE.italic, 3],
	[STYLE.underline, 4],
	[STYLE.blink, 5],
	[STYLE.inverse, 7],
	[STYLE.invisible, 8],
	[STYLE.strikethrough, 9],
];

const colorCode = (color: number, base: 30 | 40): string => {
	if (color < 0) return String(base + 9);
	if (color < 8) return String(base + color);
	if (color < 16) return String(base + 52 + color);
	if (color < 256) return `${base + 8};5;${color}`;
	return `${base + 8};2;${(color >> 16) & 255};${(color >> 8) & 255};${color & 255}`;
};

type Pen = {foreground: number; background: number; style: number};
const PLAIN_PEN: Readonly<Pen> = {foreground: -1, background: -1, style: 0};

/** The shortest SGR sequence between two pens; '' if equal. */
const sgr = (from: Readonly<Pen>, foreground: number, background: number, style: number): string => {
	if (from.foreground === foreground && from.background === background && from.style === style) return '';
	if (foreground === -1 && background === -1 && style === 0) return '\x1b[m';
	const codes: string[] = [];
	// Attributes are only added; to remove one, resets first, which is always right and hardly longer.
	const isReset = (from.style & ~style) !== 0;
	if (isReset) codes.push('0');
	for (const [bit, code] of ATTRIBUTES) if (style & bit && (isReset || !(from.style & bit))) codes.push(String(code));
	if (foreground !== (isReset ? -1 : from.foreground)) codes.push(colorCode(foreground, 30));
	if (background !== (isReset ? -1 : from.background)) codes.push(colorCode(background, 40));
	return `\x1b[${codes.join(';')}m`;
};

/** From so many blanks, erasing (`CSI n X`) is shorter than spaces. */
const ERASE_FROM = 6;
/** Fewer unchanged cells are cheaper to rewrite than to skip. */
const JUMP_FROM = 7;

export type Writer = {
	/** Writes the cells of row `y`, `from` to `to`, where `back` differs from `front`, and updates `front`. */
	paintRow(front: Canvas, back: CellRow, y: number, from: number, to: number): void;
	moveTo(x: number, y: number): void;
	/** Output since the last call, ending in the default pen. */
	take(): string;
	forget(): void;
};

/**
 * Writes cells as bytes. Guarantee: of any output a terminal only gets the cells' cleaned text, CUP, ECH, the SGR written here, and
 * autowrap off and on around an emoji at the edge.
 */
export const createWriter = (): Writer => {
	let out = '';
	let cursorX = -1;
	let cursorY = -1;
	const pen: Pen = {...PLAIN_PEN};

	const moveTo = (x: number, y: number): void => {
		if (x === cursorX && y === cursorY) return;
		out += x === 0 ? (y === 0 ? '\x1b[H' : `\x1b[${y + 1}H`) : `\x1b[${y + 1};${x + 1}H`;
		cursorX = x;
		cursorY = y;
	};
	const setPen = (foreground: number, background: number, style: number): void => {
		out += sgr(pen, foreground, background, style);
		pen.foreground = foreground;
		pen.background = background;
		pen.style = style;
	};

	/** Switches to a cell's pen; a blank keeps the current foreground. */
	const takePen = (row: CellRow, x: number): void => {
		const style = row.style[x] ?? 0;
		const isBlank = row.text[x] === ' ' && !(style & INKED);
		setPen(isBlank ? pen.foreground : (row.foreground[x] ?? -1), row.background[x] ?? -1, style);
	};
	const isPen = (row: CellRow, x: number): boolean =>
		row.style[x] === pen.style &&
		row.background[x] === pen.background &&
		(row.foreground[x] === pen.foreground || (row.text[x] === ' ' && !(pen.style & INKED)));

	/** Blank default-colour cells from `x`. */
	const blanksFrom = (row: CellRow, x: number, to: number): number => {
		let end = x;
		while (end < to && row.text[end] === ' ' && row.background[end] === -1 && row.style[end] === 0) end++;
		return end - x;
	};

	const paintRow = (front: Canvas, back: CellRow, y: number, from: number, to: number): void => {
		const base = y * front.columns;
		const isChanged = (x: number): boolean =>
			front.text[base + x] !== back.text[x] ||
			front.width[base + x] !== back.width[x] ||
			front.style[base + x] !== back.style[x] ||
			front.background[base + x] !== back.background[x] ||
			front.foreground[base + x] !== back.foreground[x];
		/** An emoji that the terminal draws as several characters may have covered cells up to here. */
		let spilt = 0;
		const write = (x: number, row: CellRow = back, at = x): void => {
			const text = row.text[at] ?? ' ';
			const width = row.width[at] ?? 1;
			takePen(row, at);
			const most = width === 2 && text.length > 2 ? mostCells(text) : width;
			spilt = Math.max(spilt, Math.min(front.columns, most > width ? x + most : 0));
			// If the terminal draws the emoji in one cell, the other must not keep its old content.
			if (width === 2 && text.length > 1) out += '\x1b[2X';
			// If it draws it too wide, it must not wrap to the next row.
			out += x + most > front.columns ? `\x1b[?7l${text}\x1b[?7h` : text;
			// After the last column, and after characters of disputed width, the next cell is addressed again.
			const isSure = text.length === 1 && isPlain(text.charCodeAt(0));
			cursorX = isSure && x + width < front.columns ? x + width : -1;
		};
		const keep = (x: number, count: number): void => {
			for (let at = x; at < x + count; at++) {
				front.text[base + at] = back.text[at] ?? ' ';
				front.width[base + at] = back.width[at] ?? 1;
				front.foreground[base + at] = back.foreground[at] ?? -1;
				front.background[base + at] = back.background[at] ?? -1;
				front.style[base + at] = back.style[at] ?? 0;
			}
		};
		for (let x = from; x < to; x++) {
			if (!isChanged(x) && (x >= spilt || back.width[x] === 0)) continue;
			if (cursorY === y && cursorX >= 0 && x > cursorX && x - cursorX < JUMP_FROM) {
				let at = cursorX;
				// Only cells of the same pen that are surely one cell wide.
				while (at < x && isPen(back, at)) {
					const text = back.text[at] ?? '';
					if (text.length !== 1 || !isPlain(text.charCodeAt(0))) break;
					at++;
				}
				if (at === x) for (let again = cursorX; again < x; again++) write(again);
			}
			const blanks = blanksFrom(back, x, to);
			if (blanks >= ERASE_FROM) {
				moveTo(x, y);
				setPen(pen.foreground, -1, 0);
				out += `\x1b[${blanks}X`;
				keep(x, blanks);
				x += blanks - 1;
				continue;
			}
			moveTo(x, y);
			write(x);
			const count = back.width[x] === 2 ? 2 : 1;
			keep(x, count);
			x += count - 1;
		}
		for (let x = to; x < spilt; x++) {
			if (front.width[base + x] === 0 || front.text[base + x] === UNKNOWN) continue;
			moveTo(x, y);
			write(x, front, base + x);
		}
	};

	return {
		paintRow,
		moveTo,
		take: () => {
			setPen(-1, -1, 0);
			const bytes = out;
			out = '';
			return bytes;
		},
		forget: () => {
			cursorX = -1;
			cursorY = -1;
			out += '\x1b[m';
			Object.assign(pen, PLAIN_PEN);
		},
	};
};
