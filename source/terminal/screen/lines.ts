import {type CellRow, type PaneAge, type PaneLines, type Place, STYLE} from '../../core/text/screen.ts';
import {blankCells, cleanCell, isPlain, wideCell} from '../text/cells.ts';
import type {XtermBuffer, XtermCore, XtermLine} from './xterm.ts';

export type Age = {
	now(): PaneAge;
	/** Starts a new era: earlier row numbers become invalid. */
	next(): void;
};

/** Counts rows that scroll into the scrollback. */
export const createAge = (core: XtermCore): Age => {
	const service = core._bufferService;
	let era = 0;
	let rowsGone = 0;
	let {buffer} = service;
	service.onScroll(() => {
		// xterm reports a buffer change and a full reset as a scroll.
		if (service.buffer !== buffer) {
			({buffer} = service);
			era++;
		} else if (buffer === service.buffers.normal && buffer.scrollTop === 0) rowsGone++;
	});
	return {now: () => ({era, rowsGone}), next: () => void era++};
};

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

/** Converts xterm's colour (mode in bits 24 and 25): -1, palette index or `0x1000000 | rgb`. */
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
 * Copies `shown` cells of a line, from `from`, into `into`, and blanks the rest; all blank without a line. A line may be longer than its
 * screen: xterm keeps the cells when the alternate buffer narrows.
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

/** A logical line: wrapped rows joined, without the cell that a wide character left free at the edge. */
type Line = {readonly data: Uint32Array; readonly combined: Record<number, string>; readonly row: number; cells: number};

const HAS_MARKS = 0x200000;
const isEmpty = (content: number): boolean => (content & 0x3fffff) === 0;

/** Cells up to the last one with text, and up to the last visible one (a background counts). */
const lengthsOf = (data: Uint32Array): {readonly cells: number; readonly seen: number} => {
	let cells = data.length / 3;
	const isBlank = (at: number): boolean => {
		const content = data[at * 3] ?? 0;
		// The right half of a wide character belongs to it.
		return content >> 22 !== 0 && (isEmpty(content) || (content & 0x3fffff) === 32);
	};
	while (cells > 0 && isBlank(cells - 1)) cells--;
	let seen = data.length / 3;
	while (seen > cells && ((data[seen * 3 - 2] ?? 0) | (data[seen * 3 - 1] ?? 0)) === 0) seen--;
	return {cells, seen};
};

type Rows = {readonly at: (row: number) => XtermLine | undefined; readonly count: number};

/** Scrollback and screen. Above a full-screen program are the lines from before it started. */
const rowsOf = (normal: XtermBuffer, active: XtermBuffer): Rows & {readonly screenTop: number} => {
	const above = normal.ybase;
	return active === normal
		? {at: row => normal.lines.get(row), count: normal.lines.length, screenTop: above}
		: {
				at: row => (row < above ? normal.lines.get(row) : active.lines.get(row - above)),
				count: above + active.lines.length,
				screenTop: above,
			};
};

const joined = ({at}: Rows, first: number, end: number, columns: number, row: number): Line => {
	const parts: Uint32Array[] = [];
	const combined: Record<number, string> = {};
	let length = 0;
	for (let index = first; index < end; index++) {
		const line = at(index);
		if (!line) continue;
		const next = index + 1 < end ? at(index + 1) : undefined;
		let cells = Math.min(columns, line.length);
		// A wide character that did not fit went whole to the next row.
		if (next && (next._data[0] ?? 0) >> 22 === 2 && isEmpty(line._data[cells * 3 - 3] ?? 0)) cells--;
		for (const [x, text] of Object.entries(line._combined)) if (Number(x) < cells) combined[length + Number(x)] = text;
		parts.push(line._data.subarray(0, cells * 3));
		length += cells;
	}
	const data = new Uint32Array(length * 3);
	let to = 0;
	for (const part of parts) {
		data.set(part, to);
		to += part.length;
	}
	const {cells, seen} = lengthsOf(data);
	return {data: seen * 3 < data.length ? data.slice(0, seen * 3) : data, combined, row, cells};
};

const NOTHING: Line = {data: new Uint32Array(0), combined: {}, row: 0, cells: 0};

/** Copies a pane's current lines, without blank ones below the cursor. */
export const copyLines = (normal: XtermBuffer, active: XtermBuffer, columns: number, age: PaneAge): PaneLines => {
	const rows = rowsOf(normal, active);
	const firstRow = age.rowsGone - rows.screenTop;
	const cursorRow = rows.screenTop + active.y;
	const lines: Line[] = [];
	let screenTop: Place = {line: 0, cell: 0};
	let cursor: Place = {line: 0, cell: 0};
	for (let first = 0, end = 1; first < rows.count; first = end++) {
		// A full-screen program's first row never continues the row above.
		while (end < rows.count && end !== (active === normal ? -1 : rows.screenTop) && rows.at(end)?.isWrapped) end++;
		if (rows.screenTop >= first && rows.screenTop < end) screenTop = {line: lines.length, cell: (rows.screenTop - first) * columns};
		if (cursorRow >= first && cursorRow < end) cursor = {line: lines.length, cell: (cursorRow - first) * columns + active.x};
		lines.push(joined(rows, first, end, columns, firstRow + first));
	}
	while (lines.length > cursor.line + 1 && lines.at(-1)?.cells === 0) lines.pop();
	const lineAt = (line: number): Line => lines[line] ?? NOTHING;
	const read = (line: number, from: number, to: number, into: CellRow): void => {
		const {data, combined} = lineAt(line);
		readLine({_data: data, _combined: combined, length: data.length / 3}, into, to - from, from);
	};
	/** Clean text of a cell; '' for the right half of a wide one. */
	const textAt = ({data, combined}: Line, cell: number): string => {
		const content = data[cell * 3] ?? 0;
		const code = content & 0x1fffff;
		if (content & HAS_MARKS) return content >> 22 === 2 ? wideCell(combined[cell] ?? ' ') : cleanCell(combined[cell] ?? ' ');
		if (isPlain(code)) return String.fromCharCode(code);
		return code === 0 ? (content >> 22 === 0 ? '' : ' ') : cleanCell(String.fromCodePoint(code));
	};
	const textsOf = (line: Line, from: number, to: number): readonly string[] => {
		const texts: string[] = [];
		for (let cell = from; cell < to; cell++) texts.push(textAt(line, cell));
		return texts;
	};

	return {
		...age,
		count: lines.length,
		screenTop,
		cursor,
		cellsOf: line => lineAt(line).cells,
		isHalf: (line, cell) => {
			const {data} = lineAt(line);
			return cell * 3 < data.length && (data[cell * 3] ?? 0) >> 22 === 0 && ((data[cell * 3] ?? 0) & HAS_MARKS) === 0;
		},
		textOf: (line, from = 0, to = Number.POSITIVE_INFINITY) =>
			textsOf(lineAt(line), from, Math.min(to, lineAt(line).cells))
				.join('')
				.trimEnd(),
		cellsOfText: line => textsOf(lineAt(line), 0, lineAt(line).cells).flatMap((text, cell) => new Array<number>(text.length).fill(cell)),
		read,
		rowOf: line => lineAt(line).row,
	};
};

export type RowVersions = {
	readonly version: number;
	rowVersion(row: number): number;
	/** Starts a change: rows marked from now on get the new version. */
	next(): void;
	markAll(): void;
	resize(rows: number): void;
};

/**
 * Versions each row by hooking into the parser. xterm's own tracker keeps one range a write, so a spinner at the top and a cursor at the
 * bottom mark the whole screen. Guarantee: a row of the same version has the same cells (test/terminal/screen/screen.test.ts).
 */
export const createRowVersions = (core: XtermCore, rows: number): RowVersions => {
	let version = 1;
	let allVersion = 1;
	let stamps = new Float64Array(rows);
	const service = core._bufferService;
	const markAll = (): void => {
		allVersion = version;
	};
	const mark = (from: number, to: number): void => {
		// Once a write has scrolled, all its rows are new already: most of what is printed comes after that.
		if (allVersion === version) return;
		for (let row = Math.max(0, from); row <= to && row < stamps.length; row++) stamps[row] = version;
	};
	core._inputHandler._dirtyRowTracker = {
		start: 0,
		end: 0,
		clearRange: () => {},
		markDirty: row => {
			if (allVersion === version) return;
			mark(row, row);
			// xterm marks the first and last row of wrapped text; the rows between are found by their wrap flag.
			const {lines, ybase} = service.buffer;
			for (let above = row; above > 0 && lines.get(ybase + above)?.isWrapped; above--) mark(above - 1, above - 1);
		},
		markRangeDirty: (from, to) => mark(Math.min(from, to), Math.max(from, to)),
		markAllDirty: markAll,
	};
	// Scrolling moves every row, also within a region; a buffer change is reported as a scroll.
	service.onScroll(markAll);
	// xterm marks both ends of an erased range.
	for (const id of [{final: 'J'}, {prefix: '?', final: 'J'}]) {
		core.registerCsiHandler(id, () => {
			markAll();
			return false;
		});
	}
	core._inputHandler.onRequestRefreshRows(range => {
		if (!range) markAll();
	});
	return {
		get version() {
			return version;
		},
		rowVersion: row => Math.max(allVersion, stamps[row] ?? 0),
		next: () => void version++,
		markAll,
		resize: count => {
			stamps = new Float64Array(count);
			markAll();
		},
	};
};
