import {type CellRow, STYLE} from '../../core/text/screen.ts';
import {isPlain} from '../text/cells.ts';
import {mostCells} from '../text/widths.ts';
import {type Canvas, INKED, UNKNOWN} from './canvas.ts';

/** What a terminal can show. `none` (NO_COLOR) keeps bold, dim, inverse and the other attributes. */
export type Colors = 'truecolor' | '256' | '16' | 'none';

const CUBE = [0, 95, 135, 175, 215, 255];
const SYSTEM = [
	0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff,
	0xff00ff, 0x00ffff, 0xffffff,
];

/** RGB of the colours 16 to 255, which terminals do not let a theme change, and xterm's own for the first 16. */
const rgbOf = (index: number): number => {
	if (index < 16) return SYSTEM[index] ?? 0;
	if (index >= 232) return (8 + (index - 232) * 10) * 0x010101;
	const cell = index - 16;
	return ((CUBE[Math.floor(cell / 36)] ?? 0) << 16) | ((CUBE[Math.floor(cell / 6) % 6] ?? 0) << 8) | (CUBE[cell % 6] ?? 0);
};

const distance = (a: number, b: number): number => {
	const failingBase = ((a >> 16) & 255) - ((b >> 16) & 255);
	const green = ((a >> 8) & 255) - ((b >> 8) & 255);
	const blue = (a & 255) - (b & 255);
	return 2 * failingBase * failingBase + 4 * green * green + 3 * blue * blue;
};

const nearest = (rgb: number, from: number, to: number): number => {
	let best = from;
	for (let index = from; index < to; index++) if (distance(rgb, rgbOf(index)) < distance(rgb, rgbOf(best))) best = index;
	return best;
};

/** A function that turns a colour of a cell (-1, palette, `0x1000000 | rgb`) into the nearest one that `colors` has. */
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

/** The shortest SGR sequence that takes a terminal from one pen to the other; '' when they are equal. */
const sgr = (from: Readonly<Pen>, foreground: number, background: number, style: number): string => {
	if (from.foreground === foreground && from.background === background && from.style === style) return '';
	if (foreground === -1 && background === -1 && style === 0) return '\x1b[m';
	const codes: string[] = [];
	// Attributes are only ever added: taking one away starts from nothing, which is never longer by much and never wrong.
	const isReset = (from.style & ~style) !== 0;
	if (isReset) codes.push('0');
	for (const [bit, code] of ATTRIBUTES) if (style & bit && (isReset || !(from.style & bit))) codes.push(String(code));
	if (foreground !== (isReset ? -1 : from.foreground)) codes.push(colorCode(foreground, 30));
	if (background !== (isReset ? -1 : from.background)) codes.push(colorCode(background, 40));
	return `\x1b[${codes.join(';')}m`;
};

/** Blanks from which erasing (`CSI n X`) is shorter than spaces. */
const ERASE_FROM = 6;
/** Unchanged cells that are cheaper to write again than to jump over. */
const JUMP_FROM = 7;

export type Writer = {
	/** Writes the cells of row `y` from `from` up to `to` where `back` differs from `front`, and makes `front` equal to it. */
	paintRow(front: Canvas, back: CellRow, y: number, from: number, to: number): void;
	moveTo(x: number, y: number): void;
	/** What was written since the last call, ending in the plain pen. */
	take(): string;
	/** Forgets where cursor and pen are. */
	forget(): void;
};

/**
 * Writes cells as bytes. These are the only bytes that a terminal gets to see of anybody's output: cells' own cleaned text, CUP, ECH,
 * the SGR written here, and autowrap off and on around an emoji at the edge.
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

	/** Takes up the pen of a cell; a blank is written in whatever foreground there is. */
	const takePen = (row: CellRow, x: number): void => {
		const style = row.style[x] ?? 0;
		const isBlank = row.text[x] === ' ' && !(style & INKED);
		setPen(isBlank ? pen.foreground : (row.foreground[x] ?? -1), row.background[x] ?? -1, style);
	};
	const isPen = (row: CellRow, x: number): boolean =>
		row.style[x] === pen.style &&
		row.background[x] === pen.background &&
		(row.foreground[x] === pen.foreground || (row.text[x] === ' ' && !(pen.style & INKED)));

	/** Cells from `x` that are blank in default colours. */
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
		/** Cells before this one may have been drawn over by an emoji that the terminal takes for several characters. */
		let spilt = 0;
		const write = (x: number, row: CellRow = back, at = x): void => {
			const text = row.text[at] ?? ' ';
			const width = row.width[at] ?? 1;
			takePen(row, at);
			const most = width === 2 && text.length > 2 ? mostCells(text) : width;
			spilt = Math.max(spilt, Math.min(front.columns, most > width ? x + most : 0));
			// An emoji to which a terminal gives one cell must not leave in the other what stood there.
			if (width === 2 && text.length > 1) out += '\x1b[2X';
			// Nor may one that it draws too wide continue in the next row.
			out += x + most > front.columns ? `\x1b[?7l${text}\x1b[?7h` : text;
			// After the last column, and after anything of which terminals may disagree how wide it is, the next cell is addressed again.
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
				// Only what needs no other pen and is one cell wide for sure.
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
