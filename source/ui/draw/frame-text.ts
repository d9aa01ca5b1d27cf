import {cellWidth} from '../../terminal/widths.ts';
import type {Frame} from './frame.ts';

const SGR = /\u001b\[[\d;]*m/g;

/** A frame as rows of plain text, one character a cell: `?` for what takes more of either. The pane's cells are blank. */
export const frameText = ({pieces}: Frame, columns: number, rows: number): readonly string[] => {
	const grid = Array.from({length: rows}, () => new Array<string>(columns).fill(' '));
	for (const {rect, rows: painted} of pieces) {
		for (const [index, row] of painted.entries()) {
			const cells = grid[rect.y + index];
			let {x} = rect;
			for (const character of row.replaceAll(SGR, '')) {
				const width = cellWidth(character);
				for (let at = x; cells && at < Math.min(columns, x + width); at++)
					cells[at] = width === 1 && character.length === 1 ? character : '?';
				x += width;
			}
		}
	}
	return grid.map(cells => cells.join(''));
};
