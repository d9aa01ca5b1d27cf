import type {CellRow} from '../core/screen.ts';
import {type Canvas, INKED, UNKNOWN} from './canvas.ts';
import {isPlain} from './cells.ts';
import {mostCells} from './clusters.ts';
import {type Pen, PLAIN_PEN, sgr} from './sgr.ts';

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
 * the SGR of `sgr.ts`, and autowrap off and on around an emoji at the edge.
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
			// Nor may one that it draws too wide go on in the next row.
			out += x + most > front.columns ? `\x1b[?7l${text}\x1b[?7h` : text;
			// After the last column, and after anything of which terminals may disagree how wide it is, the next cell is addressed anew.
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
