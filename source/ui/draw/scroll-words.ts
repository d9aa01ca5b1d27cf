import {agentName} from '../../core/agent.ts';
import {belowOf, isReading, type Reading, type Scroll, shownOf, type WindowSize} from '../state/scroll.ts';
import {matchCount} from '../state/scroll-keys.ts';
import type {Drawing} from './context.ts';
import {cut, type Line, said, span} from './text.ts';

/** `412 lines up · 57 new · f follow`: where the window stands, and what came below it meanwhile. */
export const scrollTitle = (scroll: Scroll, size: WindowSize, {paneAge}: Drawing): {readonly left: Line; readonly right: Line} => {
	const left: Line = [span(`SCROLL ${said(agentName(scroll.agent))}`, 'strong')];
	if (!isReading(scroll)) return {left, right: [span('live · k up · / search', 'dim')]};
	const {below, since} = belowOf(scroll, size, paneAge ?? scroll.lines);
	const lines = size.columns >= 44 ? ` line${below === 1 ? '' : 's'}` : '';
	const fresh = since === undefined ? ' · screen changed' : since > 0 ? ` · ${since} new` : '';
	return {left, right: [span(`${below}${lines} up${size.columns >= 44 ? fresh : ''}`, 'strong'), span(' · f follow')]};
};

/** What is looked for and how often it is there, or how much is selected, else where in all the lines the cursor is. */
export const scrollFooter = (scroll: Scroll, size: WindowSize): Line => {
	if (!isReading(scroll)) return [span('follows what comes · q leave', 'dim')];
	const found = foundLine(scroll, size);
	if (scroll.mark) return [span(selectedWords(scroll, size), 'strong'), span(' · y copy'), ...found];
	if (found.length > 0) return found.slice(1);
	const {rows, cursor} = shownOf(scroll, size);
	return [span(`row ${cursor + 1} of ${rows.length}`, 'dim')];
};

const foundLine = (reading: Reading, size: WindowSize): Line => {
	if (reading.search === '') return [];
	const {at, all} = matchCount(reading);
	const text = cut(reading.search, Math.max(6, Math.floor(size.columns / 3)));
	return [span(' · '), span(`/${text} `), all === 0 ? span('not found', 'warning') : span(`${at}/${all}`, 'strong')];
};

const selectedWords = (reading: Reading, size: WindowSize): string => {
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
