import {type CellRow, STYLE} from '../../core/text/screen.ts';
import {createCellRow} from '../../terminal/text/cells.ts';
import type {Shown} from './surfaces.tsx';

const rowsIn = ({screen, rect}: Shown): readonly {readonly y: number; readonly cells: CellRow}[] =>
	Array.from({length: rect.rows}, (_, row) => {
		const cells = createCellRow(screen.columns);
		screen.readRow(row, cells);
		return {y: rect.y + row, cells};
	});

/** The surfaces as rows of plain text, one character a cell: `?` for what is wider or longer. The pane's cells are blank. */
export const textOfSurfaces = (shown: readonly Shown[], columns: number, rows: number): readonly string[] => {
	const grid = Array.from({length: rows}, () => new Array<string>(columns).fill(' '));
	for (const surface of shown)
		for (const {y, cells} of rowsIn(surface)) {
			const {x} = surface.rect;
			for (let at = 0; at < surface.rect.columns && x + at < columns; at++) {
				const text = cells.text[at] ?? ' ';
				const row = grid[y];
				if (row) row[x + at] = cells.width[at] === 1 && text.length === 1 ? text : '?';
			}
		}
	return grid.map(cells => cells.join(''));
};

type Cell = {readonly x: number; readonly y: number};

/** An input's cursor: a single inverse cell in default colours. */
const fieldIn = (surface: Shown): Cell | undefined => {
	for (const {y, cells} of rowsIn(surface)) {
		const isField = (x: number): boolean => cells.style[x] === STYLE.inverse && cells.foreground[x] === -1 && cells.background[x] === -1;
		const isInverse = (x: number): boolean => ((cells.style[x] ?? 0) & STYLE.inverse) !== 0;
		for (let x = 0; x < cells.width.length; x++) {
			const width = cells.width[x] ?? 1;
			if (width > 0 && isField(x) && !isInverse(x - 1) && !isInverse(x + width)) return {x: surface.rect.x + x, y};
		}
	}
	return undefined;
};

/** The marked row of a list; a heavy frame has the focus. */
const MARKS = [/^┃▸/, /^│?▸/];

const markIn = ({screen, rect}: Shown, mark: RegExp): Cell | undefined => {
	for (let row = 0; row < rect.rows; row++) {
		const [found] = mark.exec(screen.textOf(row)) ?? [];
		if (found) return {x: rect.x + found.length - 1, y: rect.y + row};
	}
	return undefined;
};

/** The cell that needs the user's attention: the current input, else the marked row; in a dialog first. */
export const attentionCell = (shown: readonly Shown[]): Cell | undefined => {
	const top = [...shown].reverse();
	const looked = shown.some(({id}) => id === 'dialog') ? top.filter(({id}) => id === 'dialog' || id === 'hints') : top;
	for (const surface of looked) {
		const field = fieldIn(surface);
		if (field) return field;
	}
	for (const mark of MARKS)
		for (const surface of looked) {
			const marked = markIn(surface, mark);
			if (marked) return marked;
		}
	return undefined;
};
