import type {PaneLines, Place} from '../../core/text/screen.ts';

/** A row of a window: cells `from` to `to` (exclusive) of a line. */
export type PaneRow = {readonly line: number; readonly from: number; readonly to: number};

/** Cache for immutable lines: keys ask for the same repeatedly. */
const wrapped = new WeakMap<PaneLines, {readonly columns: number; readonly rows: readonly PaneRow[]}>();

/** Wraps lines to `columns` cells; wide characters stay whole, an empty line is one row. */
export const paneRows = (lines: PaneLines, columns: number): readonly PaneRow[] => {
	const before = wrapped.get(lines);
	if (before?.columns === columns) return before.rows;
	const width = Math.max(2, columns);
	const rows: PaneRow[] = [];
	for (let line = 0; line < lines.count; line++) {
		const cells = lines.cellsOf(line);
		let from = 0;
		do {
			let to = Math.min(cells, from + width);
			if (to < cells && lines.isHalf(line, to)) to--;
			rows.push({line, from, to});
			from = to;
		} while (from < cells);
	}
	wrapped.set(lines, {columns, rows});
	return rows;
};

/** The row of a place; the nearest if it is gone. */
export const rowAt = (rows: readonly PaneRow[], {line, cell}: Place): number => {
	let low = 0;
	let high = rows.length - 1;
	while (low < high) {
		const middle = Math.ceil((low + high) / 2);
		const row = rows[middle];
		if (row && (row.line < line || (row.line === line && row.from <= cell))) low = middle;
		else high = middle - 1;
	}
	return low;
};

/** Cells `from` to `to` (exclusive) of a line that match. */
export type Match = {readonly line: number; readonly from: number; readonly to: number};

const searched = new WeakMap<PaneLines, {readonly text: string; readonly matches: readonly Match[]}>();

const MOST = 10_000;

/** Cache of texts for incremental search. */
const knownTexts = new WeakMap<PaneLines, readonly string[]>();
const textsOf = (lines: PaneLines): readonly string[] => {
	const before = knownTexts.get(lines);
	if (before) return before;
	const texts = Array.from({length: lines.count}, (_, line) => lines.textOf(line));
	knownTexts.set(lines, texts);
	return texts;
};

/** Lower case, unit for unit: characters whose length would change stay. */
const small = (text: string): string => {
	const lower = text.toLowerCase();
	if (lower.length === text.length) return lower;
	return [...text].map(character => (character.toLowerCase().length === character.length ? character.toLowerCase() : character)).join('');
};

/** All matches, top to bottom. Case only matters if the query has capitals (smart case). */
export const matchesOf = (lines: PaneLines, text: string): readonly Match[] => {
	if (text === '') return [];
	const before = searched.get(lines);
	if (before?.text === text) return before.matches;
	const fold = small(text) === text ? small : (line: string): string => line;
	const matches: Match[] = [];
	const texts = textsOf(lines);
	for (let line = 0; line < lines.count && matches.length < MOST; line++) {
		const whole = fold(texts[line] ?? '');
		let at = whole.indexOf(text);
		if (at === -1) continue;
		const cells = lines.cellsOfText(line);
		for (; at !== -1 && matches.length < MOST; at = whole.indexOf(text, at + text.length)) {
			const last = cells[at + text.length - 1] ?? 0;
			matches.push({line, from: cells[at] ?? 0, to: lines.isHalf(line, last + 1) ? last + 2 : last + 1});
		}
	}
	searched.set(lines, {text, matches});
	return matches;
};

const isBefore = (a: Place, b: Place): boolean => a.line < b.line || (a.line === b.line && a.cell < b.cell);
const placeOf = ({line, from}: Match): Place => ({line, cell: from});

export const matchAt = (matches: readonly Match[], {line, cell}: Place): number =>
	matches.findIndex(match => match.line === line && match.from <= cell && cell < match.to);

/** The next match up or down, wrapping around; -1 for none. */
export const nextMatch = (matches: readonly Match[], place: Place, way: 'up' | 'down', isHereToo = false): number => {
	if (matches.length === 0) return -1;
	if (isHereToo && matchAt(matches, place) >= 0) return matchAt(matches, place);
	if (way === 'down')
		return Math.max(
			0,
			matches.findIndex(match => isBefore(place, placeOf(match))),
		);
	const index = matches.findLastIndex(match => isBefore(placeOf(match), place));
	return index === -1 ? matches.length - 1 : index;
};

/** A selection: whole lines, or a block of cells in the window. */
type Selecting = {
	readonly lines: PaneLines;
	readonly cursor: Place;
	readonly mark: {readonly kind: 'lines' | 'block'; readonly at: Place} | undefined;
};

/** Selected cells of one window row; undefined for none. */
export const selectedCells = (
	{lines, cursor, mark}: Selecting,
	columns: number,
	index: number,
): {readonly from: number; readonly to: number} | undefined => {
	if (!mark) return undefined;
	const rows = paneRows(lines, columns);
	const row = rows[index];
	if (!row) return undefined;
	if (mark.kind === 'lines') {
		const [first, last] = [Math.min(mark.at.line, cursor.line), Math.max(mark.at.line, cursor.line)];
		return row.line >= first && row.line <= last ? {from: 0, to: Math.max(1, row.to - row.from)} : undefined;
	}
	const [a, b] = [rowAt(rows, mark.at), rowAt(rows, cursor)];
	if (index < Math.min(a, b) || index > Math.max(a, b)) return undefined;
	const x = (place: Place, at: number): number => place.cell - (rows[at]?.from ?? 0);
	let [from, to] = [Math.min(x(mark.at, a), x(cursor, b)), Math.max(x(mark.at, a), x(cursor, b)) + 1];
	// A touched wide character is selected whole.
	if (lines.isHalf(row.line, row.from + from)) from--;
	if (lines.isHalf(row.line, row.from + to)) to++;
	return {from, to};
};

/** The selected text, or else the cursor's line: without trailing blanks, wrapped lines joined. */
export const selectedText = (
	selecting: Selecting,
	{columns}: {readonly columns: number},
): {readonly text: string; readonly rows: number} => {
	const {lines, cursor, mark} = selecting;
	if (mark?.kind !== 'block') {
		const from = Math.min(mark?.at.line ?? cursor.line, cursor.line);
		const to = Math.max(mark?.at.line ?? cursor.line, cursor.line);
		const texts = Array.from({length: to - from + 1}, (_, index) => lines.textOf(from + index));
		return {text: texts.join('\n'), rows: texts.length};
	}
	const rows = paneRows(lines, columns);
	const texts = rows.flatMap((row, index) => {
		const cells = selectedCells(selecting, columns, index);
		return cells ? [lines.textOf(row.line, row.from + cells.from, Math.min(row.to, row.from + cells.to))] : [];
	});
	return {text: texts.join('\n'), rows: texts.length};
};
