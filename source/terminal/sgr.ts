import {STYLE} from '../core/screen.ts';

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

export type Pen = {foreground: number; background: number; style: number};
export const PLAIN_PEN: Readonly<Pen> = {foreground: -1, background: -1, style: 0};

/** The shortest SGR sequence that takes a terminal from one pen to the other; '' when they are equal. */
export const sgr = (from: Readonly<Pen>, foreground: number, background: number, style: number): string => {
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
