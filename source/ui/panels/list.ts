import type {RoomSnapshot} from '../../store/room.ts';
import type {Drawing} from '../draw/context.ts';
import {keyOf} from '../keymap/keymap.ts';
import type {ViewState} from '../state/state.ts';
import {cut, type Line, said, span, widthOf} from '../text/text.ts';

/** Lines made when shown: a queue of a hundred thousand costs what its window costs. Also an array. */
export type Lines = {readonly length: number; slice(from: number, to: number): readonly Line[]};

/**
 * Lines of a list before windowing; `total` counts rows, not lines. `ids`: the row of each line, '' for a heading; without them each line
 * is a row.
 */
export type ListContent = {
	readonly lines: Lines;
	readonly ids?: readonly string[];
	readonly selected: number;
	/** Lines of the selected row, one if missing. */
	readonly band?: number;
	readonly total: number;
	readonly first: number;
};

/** A list of the room. Adding one takes its file and a row in the panel table. */
export type ListKind = {
	readonly name: string;
	readonly short?: string;
	/** Its lines; `hasGroups`: with headings; `height`: folds what does not fit. */
	content(drawing: Drawing, columns: number, hasGroups?: boolean, height?: number): ListContent;
	/** Ids of selectable rows, unless `state/rows` has them. */
	rows?(state: ViewState, snapshot: RoomSnapshot, now: number): readonly string[];
	/** Count after its name; none if missing. */
	total?(drawing: Drawing, content: () => ListContent): number;
	/** After the count in its tab. */
	alarm?(drawing: Drawing): string;
	/** Right of its title, unless something more urgent is there. */
	note?(drawing: Drawing): Line;
	/** Hint to its page, if that has more. */
	more?(drawing: Drawing): string;
	/** Shows its end and follows. */
	readonly isLive?: boolean;
	/** Local data: not outdated while Redis is disconnected. */
	readonly isOwn?: boolean;
};

/** Start of a row: selection, and a mark column if any row is marked. */
export const leadOf = (isSelected: boolean, marks: readonly string[], id: string): string =>
	`${isSelected ? '▸' : ' '}${marks.length === 0 ? '' : marks.includes(id) ? '*' : ' '}`;

export const lazily = <Row>(rows: readonly Row[], line: (row: Row) => Line): Lines => ({
	length: rows.length,
	slice: (from, to) => rows.slice(from, to).map(line),
});

/** A column's width, from the first and last rows: numbered ids grow towards the end. */
export const widest = <Row>(rows: readonly Row[], text: (row: Row) => string, most: number): number =>
	[...rows.slice(0, 300), ...rows.slice(-300)].reduce((width, row) => Math.min(most, Math.max(width, widthOf(said(text(row))))), 1);

export const nothing = (...lines: readonly string[]): ListContent => ({
	lines: lines.map(line => [span(` ${line}`, 'dim')]),
	selected: -1,
	total: 0,
	first: 0,
});

export const keyFor = ({keymap, isAscii}: Drawing, action: string): string => keyOf(keymap, action, isAscii);

export const noMatch = (filter: string, drawing: Drawing): ListContent =>
	nothing(`No matches for \`${cut(filter, 20)}\`. ${keyFor(drawing, 'back')} shows all.`);
