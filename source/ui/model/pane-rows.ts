import type {PaneLines, Place} from '../../core/pane-lines.ts';

/** A row of a window: the cells of a line from `from` to `to` (exclusive). */
export type PaneRow = {readonly line: number; readonly from: number; readonly to: number};

/** What was worked out last for lines that do not change: a key asks for the same again and again. */
const known = new WeakMap<PaneLines, {readonly columns: number; readonly rows: readonly PaneRow[]}>();

/** The lines wrapped to a window of `columns` cells; no wide character is cut, and an empty line is a row too. */
export const paneRows = (lines: PaneLines, columns: number): readonly PaneRow[] => {
	const before = known.get(lines);
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
	known.set(lines, {columns, rows});
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
