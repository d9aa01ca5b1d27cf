import type {RoomSnapshot} from '../../store/room.ts';
import type {Drawing} from '../draw/context.ts';
import {keyOf} from '../keymap/keymap.ts';
import type {ViewState} from '../state/state.ts';
import {cut, type Line, said, span, widthOf} from '../text/text.ts';

/** Lines that are made when they are shown: a queue of a hundred thousand costs what its window costs. An array is one too. */
export type Lines = {readonly length: number; slice(from: number, to: number): readonly Line[]};

/**
 * Lines of a list before they are windowed; `total` counts rows of the list, not lines. `ids`: the row that each line is of, '' for a heading;
 * without them every line is a row.
 */
export type ListContent = {
	readonly lines: Lines;
	readonly ids?: readonly string[];
	readonly selected: number;
	readonly total: number;
	readonly first: number;
};

/** All that a list of the room is: adding one is its file and its row in the table of panels. */
export type ListKind = {
	readonly name: string;
	/** Where its name has no place. */
	readonly short?: string;
	/** Its rows in lines; `hasGroups`: with headings; `height`: where it can fold what does not fit. */
	content(drawing: Drawing, columns: number, hasGroups?: boolean, height?: number): ListContent;
	/** Ids of the rows that can be selected, where `state/rows` does not know them. */
	rows?(state: ViewState, snapshot: RoomSnapshot, now: number): readonly string[];
	/** How many there are, behind its name; without it none are counted. */
	total?(drawing: Drawing, content: () => ListContent): number;
	/** Behind that in its tab. */
	alarm?(drawing: Drawing): string;
	/** At the right of its title, where nothing more urgent stands there. */
	note?(drawing: Drawing): Line;
	/** The way to its page, where there is more about it than it has place for. */
	more?(drawing: Drawing): string;
	/** It shows its end, and what comes. */
	readonly isLive?: boolean;
	/** It says what this room decides itself: nothing of it gets old when Redis is away. */
	readonly isOwn?: boolean;
};

/** The first cells of a row: the selection, and a mark where some rows are marked. */
export const leadOf = (isSelected: boolean, marks: readonly string[], id: string): string =>
	`${isSelected ? '▸' : ' '}${marks.length === 0 ? '' : marks.includes(id) ? '*' : ' '}`;

export const lazily = <Row>(rows: readonly Row[], line: (row: Row) => Line): Lines => ({
	length: rows.length,
	slice: (from, to) => rows.slice(from, to).map(line),
});

/** Cells that a column needs, judged by the first and the last rows: ids that count grow towards the end. */
export const widest = <Row>(rows: readonly Row[], text: (row: Row) => string, most: number): number =>
	[...rows.slice(0, 300), ...rows.slice(-300)].reduce((width, row) => Math.min(most, Math.max(width, widthOf(said(text(row))))), 1);

export const nothing = (...lines: readonly string[]): ListContent => ({
	lines: lines.map(line => [span(` ${line}`, 'dim')]),
	selected: -1,
	total: 0,
	first: 0,
});

/** The first key of an action of the room, as this person has it. */
export const keyFor = ({keymap, isAscii}: Drawing, action: string): string => keyOf(keymap, action, isAscii);

export const noMatch = (filter: string, drawing: Drawing): ListContent =>
	nothing(`No matches for \`${cut(filter, 20)}\`. ${keyFor(drawing, 'back')} shows all.`);
