import type {PaneLines, Place} from '../../core/pane-lines.ts';
import {paneRows, rowAt} from './pane-rows.ts';

/** What is selected: lines as a whole, or a block of cells of the window's rows. */
type Selecting = {
	readonly lines: PaneLines;
	readonly cursor: Place;
	readonly mark: {readonly kind: 'lines' | 'block'; readonly at: Place} | undefined;
};

/** Cells of one row of the window that are selected, as they count in the row; undefined where none is. */
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
