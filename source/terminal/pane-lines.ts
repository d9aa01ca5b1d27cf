import type {PaneAge, PaneLines, Place} from '../core/pane-lines.ts';
import type {CellRow} from '../core/screen.ts';
import {cleanCell, isPlain, wideCell} from './cells.ts';
import {readLine} from './read-line.ts';
import type {XtermBuffer, XtermLine} from './xterm-core.ts';

/** One line: what the terminal wrapped is together again, without the cells that a wide character left free at the edge. */
type Line = {readonly data: Uint32Array; readonly combined: Record<number, string>; readonly row: number; cells: number};

const HAS_MARKS = 0x200000;
const isEmpty = (content: number): boolean => (content & 0x3fffff) === 0;

/** Cells up to the last one with text, and up to the last one of which anything is seen (a background too). */
const lengthsOf = (data: Uint32Array): {readonly cells: number; readonly seen: number} => {
	let cells = data.length / 3;
	const isBlank = (at: number): boolean => {
		const content = data[at * 3] ?? 0;
		// The right half of a wide character is part of it.
		return content >> 22 !== 0 && (isEmpty(content) || (content & 0x3fffff) === 32);
	};
	while (cells > 0 && isBlank(cells - 1)) cells--;
	let seen = data.length / 3;
	while (seen > cells && ((data[seen * 3 - 2] ?? 0) | (data[seen * 3 - 1] ?? 0)) === 0) seen--;
	return {cells, seen};
};

type Rows = {readonly at: (row: number) => XtermLine | undefined; readonly count: number};

/** Scrollback and screen; over the lines above a full-screen program stand those that were above before it came. */
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

/** Puts the rows from `first` up to `end` (exclusive) together. */
const joined = ({at}: Rows, first: number, end: number, columns: number, row: number): Line => {
	const parts: Uint32Array[] = [];
	const combined: Record<number, string> = {};
	let length = 0;
	for (let index = first; index < end; index++) {
		const line = at(index);
		if (!line) continue;
		const next = index + 1 < end ? at(index + 1) : undefined;
		let cells = Math.min(columns, line.length);
		// A wide character that did not fit went to the next row whole.
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

/** Copies what stands in a pane now. Lines below the cursor that are blank are left out. */
export const copyLines = (normal: XtermBuffer, active: XtermBuffer, columns: number, age: PaneAge): PaneLines => {
	const rows = rowsOf(normal, active);
	const firstRow = age.rowsGone - rows.screenTop;
	const cursorRow = rows.screenTop + active.y;
	const lines: Line[] = [];
	let screenTop: Place = {line: 0, cell: 0};
	let cursor: Place = {line: 0, cell: 0};
	for (let first = 0, end = 1; first < rows.count; first = end++) {
		// A full-screen program's first row goes on from nothing, whatever stands above.
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
	/** Text of a cell, clean; '' for the right half of a wide one. */
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
