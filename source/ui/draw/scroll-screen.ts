import {type CellRow, type Screen, STYLE} from '../../core/screen.ts';
import {matchAt, matchesOf} from '../model/pane-search.ts';
import {selectedCells} from '../model/pane-selection.ts';
import {isReading, type Reading, type Scroll, shownOf, type WindowSize} from '../state/scroll.ts';

const MATCH = {foreground: 0, background: 6, style: STYLE.underline};
const HERE = {foreground: -1, background: -1, style: STYLE.underline | STYLE.bold | STYLE.inverse};
const SELECTED = {foreground: -1, background: -1, style: STYLE.inverse};

type Look = {readonly foreground: number; readonly background: number; readonly style: number};

const mark = (row: CellRow, from: number, to: number, look: Look): void => {
	const end = Math.min(to, row.width.length);
	for (let x = Math.max(0, from); x < end; x++) {
		row.foreground[x] = look.foreground;
		row.background[x] = look.background;
		row.style[x] = look.style;
	}
};

/** What is read as a screen for the compositor: matches are underlined, the one at the cursor and what is selected are inverse. */
export const scrollScreen = (reading: Reading, size: WindowSize): Screen => {
	const {lines} = reading;
	const {rows, top, cursor} = shownOf(reading, size);
	const matches = matchesOf(lines, reading.search);
	const here = matches[matchAt(matches, reading.cursor)];
	const at = (row: number) => rows[top + row];
	return {
		columns: size.columns,
		rows: size.rows,
		version: 1,
		rowVersion: () => 1,
		readRow: (index, into) => {
			const row = at(index);
			if (!row) {
				lines.read(-1, 0, 0, into);
				return;
			}
			// After the text a background may go on to the edge.
			const isLast = rows[top + index + 1]?.line !== row.line;
			lines.read(row.line, row.from, isLast ? row.from + size.columns : row.to, into);
			for (const match of matches)
				if (match.line === row.line)
					mark(into, match.from - row.from, Math.min(match.to, row.to) - row.from, match === here ? HERE : MATCH);
			const selected = selectedCells(reading, size.columns, top + index);
			if (selected) mark(into, selected.from, selected.to, SELECTED);
		},
		cursor: {x: Math.max(0, reading.cursor.cell - (rows[cursor]?.from ?? 0)), y: cursor - top, visible: true},
		textOf: index => {
			const row = at(index);
			return row ? lines.textOf(row.line, row.from, row.to) : '';
		},
	};
};

/** The screen of what is read, the same one as long as nothing of it changes, so that nothing is painted again; undefined where the live one is. */
export const createReadingScreen = () => {
	let last: {readonly scroll: Scroll; readonly size: WindowSize; readonly screen: Screen} | undefined;
	return {
		of: (scroll: Scroll | undefined, size: WindowSize | undefined): Screen | undefined => {
			if (!isReading(scroll) || !size) return undefined;
			const isSame = last?.scroll === scroll && last.size.columns === size.columns && last.size.rows === size.rows;
			if (!isSame) last = {scroll, size, screen: scrollScreen(scroll, size)};
			return last?.screen;
		},
	};
};
