import type {CellRow} from '../../source/core/text/screen.ts';
import {type Frame, firstRow} from '../../source/terminal/paint/canvas.ts';
import {cleanCell, createCellRow, fitCell, wideCell} from '../../source/terminal/text/cells.ts';
import {cellText} from './screens.ts';

/**
 * What a terminal must show of a frame, said as plainly as possible: cell by cell the topmost pane, else the chrome; a wide
 * character only where both of its halves come from neighbouring cells of one source, else blanks.
 */
export const wantedGrid = (frame: Frame, columns: number, rows: number): string[][] =>
	Array.from({length: rows}, (_, y) => {
		const sources = [frame.chrome, ...frame.panes];
		const read = sources.map((_, index): CellRow => {
			const row = createCellRow(Math.max(200, columns));
			const pane = frame.panes[index - 1];
			if (index === 0 && y < frame.chrome.rows) frame.chrome.readRow(y, row);
			const line = pane ? firstRow(pane) + y - pane.y : -1;
			if (pane && line >= 0 && line < pane.screen.rows) pane.screen.readRow(line, row);
			return row;
		});
		const owner = (x: number): number => {
			for (let index = frame.panes.length; index > 0; index--) {
				const pane = frame.panes[index - 1];
				const isInside = pane && x >= pane.x && x < pane.x + pane.columns && y >= pane.y && y < pane.y + pane.rows;
				const isHole = pane?.holes.some(hole => x >= hole.x && x < hole.x + hole.columns && y >= hole.y && y < hole.y + hole.rows);
				if (isInside && !isHole) return index;
			}
			return 0;
		};
		const cell = (x: number, part: 'width' | 'text') => read[owner(x)]?.[part][x - (frame.panes[owner(x) - 1]?.x ?? 0)];
		return Array.from({length: columns}, (_, x) => {
			const source = read[owner(x)] ?? createCellRow(1);
			const at = x - (frame.panes[owner(x) - 1]?.x ?? 0);
			const one = createCellRow(1);
			const [width, before, after] = [source.width[at], x > 0 ? cell(x - 1, 'width') : 1, x + 1 < columns ? cell(x + 1, 'width') : 1];
			const isLeft = width === 2 && after === 0 && owner(x) === owner(x + 1);
			const isRight = width === 0 && before === 2 && owner(x) === owner(x - 1);
			const clean = width === 2 ? wideCell(source.text[at] ?? ' ') : fitCell(cleanCell(source.text[at] ?? ' '), 1);
			const isWide = (isLeft && clean !== ' ') || (isRight && wideCell(String(cell(x - 1, 'text'))) !== ' ');
			one.text[0] = isWide ? (isLeft ? clean : '') : width === 1 ? clean : ' ';
			one.width[0] = isWide ? (isLeft ? 2 : 0) : 1;
			one.foreground[0] = source.foreground[at] ?? -1;
			one.background[0] = source.background[at] ?? -1;
			one.style[0] = source.style[at] ?? 0;
			return cellText(one, 0);
		});
	});
