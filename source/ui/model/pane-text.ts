import type {PaneLines, Place} from '../../core/text/screen.ts';

/** A row of a window: the cells of a line from `from` to `to` (exclusive). */
export type PaneRow = {readonly line: number; readonly from: number; readonly to: number};

/** What was worked out last for lines that do not change: a key asks for the same again and again. */
const wrapped = new WeakMap<PaneLines, {readonly columns: number; readonly rows: readonly PaneRow[]}>();

/** The lines wrapped to a window of `columns` cells; no wide character is cut, and an empty line is a row too. */
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

/** Index of the row in which a place stands; of one that is gone, the nearest. */
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

/** Cells of a line from `from` to `to` (exclusive) that hold what is looked for. */
export type Match = {readonly line: number; readonly from: number; readonly to: number};

const searched = new WeakMap<PaneLines, {readonly text: string; readonly matches: readonly Match[]}>();

/** More places than this are not marked: nobody goes through them. */
const MOST = 10_000;

/** The texts of lines that are searched letter by letter while somebody types. */
const knownTexts = new WeakMap<PaneLines, readonly string[]>();
const textsOf = (lines: PaneLines): readonly string[] => {
	const before = knownTexts.get(lines);
	if (before) return before;
	const texts = Array.from({length: lines.count}, (_, line) => lines.textOf(line));
	knownTexts.set(lines, texts);
	return texts;
};

/** In small letters, unit for unit: what changes its length stays as it is. */
const small = (text: string): string => {
	const lower = text.toLowerCase();
	if (lower.length === text.length) return lower;
	return [...text].map(character => (character.toLowerCase().length === character.length ? character.toLowerCase() : character)).join('');
};

/** Every place of a text, top to bottom. Capital letters count only where the text has some (smart case). */
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

/** Index of the match in which the place stands, -1 for none. */
export const matchAt = (matches: readonly Match[], {line, cell}: Place): number =>
	matches.findIndex(match => match.line === line && match.from <= cell && cell < match.to);

/** Index of the next match up or down from a place, over the end to the other one; -1 if there is none. */
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

/** What is selected: lines as a whole, or a block of cells of the window's rows. */
type Selecting = {
	readonly lines: PaneLines;
	readonly cursor: Place;
	readonly mark: {readonly kind: 'lines' | 'block'; readonly at: Place} | undefined;
};

/** Cells of one row of the window that are selected, as they count in the row; undefined if none is. */
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
	// A wide character that is touched is taken whole.
	if (lines.isHalf(row.line, row.from + from)) from--;
	if (lines.isHalf(row.line, row.from + to)) to++;
	return {from, to};
};

/** The selected text, or the cursor's line where nothing is selected: without blanks at line ends, wrapped lines as one. */
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
