/** Eighths of a cell, and what stands for them in ASCII. */
const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const ASCII = [' ', '.', '.', ':', ':', '|', '|', '#', '#'] as const;
/** In one row heights must differ without block characters. */
const ASCII_HEIGHTS = [' ', '.', ':', '-', '=', '+', '*', '%', '#'] as const;

const heightOf = (value: number, most: number, steps: number): number =>
	value <= 0 || most <= 0 ? 0 : Math.max(1, Math.round((Math.min(value, most) / most) * steps));

/** One cell a value; the highest fills it, or `most` does. A value above 0 is always seen. */
export const sparkline = (values: readonly number[], isAscii: boolean, most = Math.max(0, ...values)): string =>
	values.map(value => (isAscii ? ASCII_HEIGHTS : EIGHTHS)[heightOf(value, most, 8)] ?? ' ').join('');

/** Columns of `width` cells, one a value, in `rows` rows from the top; the highest value fills them. */
export const columnChart = (values: readonly number[], rows: number, width: number, isAscii: boolean): readonly string[] => {
	const most = Math.max(0, ...values);
	const heights = values.map(value => heightOf(value, most, rows * 8));
	return Array.from({length: rows}, (_, row) => {
		const below = (rows - 1 - row) * 8;
		return heights
			.map(height => {
				const mark = (isAscii ? ASCII : EIGHTHS)[Math.max(0, Math.min(8, height - below))] ?? ' ';
				return mark.repeat(Math.max(1, width - 1)) + ' '.repeat(width > 1 ? 1 : 0);
			})
			.join('');
	});
};

/** `████░░░░` of so many cells; a share between 0 and 1. */
export const bar = (share: number, cells: number): string => {
	const filled = Math.round(Math.max(0, Math.min(1, share)) * cells);
	return `${'█'.repeat(filled)}${'░'.repeat(Math.max(0, cells - filled))}`;
};
