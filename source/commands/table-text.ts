import {plainLine} from './plain-text.ts';

/** Rows as columns of equal width, two blanks apart; the last column is not padded. Cells are cleaned and cut to `widest`. */
export const tableText = (rows: readonly (readonly string[])[], widest = 60): readonly string[] => {
	const clean = rows.map(row =>
		row.map(cell => plainLine(cell)).map(cell => (cell.length > widest ? `${cell.slice(0, widest - 1)}…` : cell)),
	);
	const columns = Math.max(0, ...clean.map(row => row.length));
	const widths = Array.from({length: columns}, (_, column) => Math.max(0, ...clean.map(row => row[column]?.length ?? 0)));
	return clean.map(row =>
		row
			.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
			.join('  ')
			.trimEnd(),
	);
};
