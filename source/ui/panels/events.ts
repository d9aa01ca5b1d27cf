import {type Drawing, teamNow} from '../draw/context.ts';
import {beats} from '../model/events.ts';
import {clock} from '../model/time.ts';
import {eventRows, selectedId} from '../state/rows.ts';
import {cell, type Line, span} from '../text/text.ts';
import {keyFor, type ListContent, type ListKind, lazily, noMatch, nothing} from './list.ts';

/** A count at the end is never cut. */
const textSpans = (text: string, columns: number): Line => {
	const count = / ×\d+$/.exec(text)?.[0] ?? '';
	return [span(` ${cell(text.slice(0, text.length - count.length), columns - count.length)}${count}`)];
};

export const eventsList = (drawing: Drawing, columns: number): ListContent => {
	const {state, snapshot, now} = drawing;
	const rows = eventRows(state, snapshot);
	if (rows.length === 0)
		return state.filters[4]
			? noMatch(state.filters[4], drawing)
			: nothing('No events yet.', 'Claims, reviews and merges.', `${keyFor(drawing, 'events')}  event log`);
	const selected = selectedId(4, state, snapshot, now);
	const lines = lazily(rows, ({event, glyph, tone, text}) => [
		span(`${clock(event.at - snapshot.clockOffset)} `, 'dim'),
		span(glyph, tone),
		...textSpans(text, columns - 8),
	]);
	return {lines, selected: rows.findIndex(row => row.event.id === selected), total: rows.length, first: 0};
};

const pulse = (drawing: Drawing): Line => {
	const {state, snapshot} = drawing;
	const {text, isLate} = beats(snapshot, teamNow(drawing));
	const isLive = state.selected[4] === '' || eventRows(state, snapshot).at(-1)?.event.id === state.selected[4];
	if (isLate) return [span(text, 'warning')];
	return [...(text ? [span(text, 'dim'), span(' · ', 'dim')] : []), span(isLive ? 'live' : 'G live', 'dim')];
};

export const EVENTS: ListKind = {
	name: 'Events',
	content: eventsList,
	note: pulse,
	more: drawing => `${keyFor(drawing, 'events')} all`,
	isLive: true,
};
