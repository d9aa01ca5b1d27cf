import {agentName} from '../../core/agent/agent.ts';
import {type CellRow, type Screen, STYLE} from '../../core/text/screen.ts';
import type {Drawing} from '../draw/context.ts';
import {matchAt, matchesOf, selectedCells} from '../model/pane-text.ts';
import {belowOf, isReading, type OpenScroll, type Scroll, shownOf, type WindowSize} from '../state/scroll.ts';
import {matchCount} from '../state/scroll-keys.ts';
import {cut, type Line, said, span} from '../text/text.ts';

/** `412 lines up · 57 new · f follow`: the window's position, and new lines below. */
export const scrollTitle = (scroll: Scroll, size: WindowSize, {paneAge}: Drawing): {readonly left: Line; readonly right: Line} => {
	const left: Line = [span(`SCROLL ${said(agentName(scroll.agent))}`, 'strong')];
	if (!isReading(scroll)) return {left, right: [span('live · k up · / search', 'dim')]};
	const {below, since} = belowOf(scroll, size, paneAge ?? scroll.lines);
	const lines = size.columns >= 44 ? ` line${below === 1 ? '' : 's'}` : '';
	const fresh = since === undefined ? ' · screen changed' : since > 0 ? ` · ${since} new` : '';
	return {left, right: [span(`${below}${lines} up${size.columns >= 44 ? fresh : ''}`, 'strong'), span(' · f follow')]};
};

export const scrollFooter = (scroll: Scroll, size: WindowSize): Line => {
	if (!isReading(scroll)) return [span('following output · q leave', 'dim')];
	const found = foundLine(scroll, size);
	if (scroll.mark) return [span(selectedWords(scroll, size), 'strong'), span(' · y copy'), ...found];
	if (found.length > 0) return found.slice(1);
	const {rows, cursor} = shownOf(scroll, size);
	return [span(`row ${cursor + 1} of ${rows.length}`, 'dim')];
};

const foundLine = (reading: OpenScroll, size: WindowSize): Line => {
	if (reading.search === '') return [];
	const {at, all} = matchCount(reading);
	const text = cut(reading.search, Math.max(6, Math.floor(size.columns / 3)));
	return [span(' · '), span(`/${text} `), all === 0 ? span('not found', 'warning') : span(`${at}/${all}`, 'strong')];
};

const selectedWords = (reading: OpenScroll, size: WindowSize): string => {
	const {mark, cursor, lines} = reading;
	if (mark?.kind !== 'block') {
		const count = Math.abs((mark?.at.line ?? cursor.line) - cursor.line) + 1;
		return `${count} line${count === 1 ? '' : 's'} of ${lines.count}`;
	}
	const {rows} = shownOf(reading, size);
	const rowOf = ({line, cell}: typeof cursor): number =>
		rows.findLastIndex(row => row.line < line || (row.line === line && row.from <= cell));
	const [a, b] = [rowOf(mark.at), rowOf(cursor)];
	const width = Math.abs(mark.at.cell - (rows[a]?.from ?? 0) - (cursor.cell - (rows[b]?.from ?? 0))) + 1;
	return `block of ${width}x${Math.abs(a - b) + 1}`;
};

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

/** The scrollback as a screen for the compositor: matches underlined, the current one and the selection inverse. */
export const scrollScreen = (reading: OpenScroll, size: WindowSize): Screen => {
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
			// A background may extend to the edge after the text.
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

/** Caches the scrollback screen while unchanged, so that nothing is repainted; undefined for the live screen. */
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
