import {counted} from '../../core/text/format.ts';
import type {PaneLines, Place} from '../../core/text/screen.ts';
import {type Match, matchAt, matchesOf, nextMatch, rowAt, selectedText} from '../model/pane-text.ts';
import {edit, emptyEditor, insert} from '../text/editor.ts';
import {focusOn} from './focus.ts';
import {and, type Context, refuse, type Updated, unchanged} from './message.ts';
import {isReading, lastTop, type OpenScroll, type PaneText, type Scroll, START, shownOf, type WindowSize, windowOf} from './scroll.ts';
import {shownAgent} from './selection.ts';
import type {Dialog, ViewState} from './state.ts';

const following = (agent: string, search = ''): Scroll => ({
	...{agent, search, lines: undefined, mark: undefined},
	...{top: START, cursor: START, column: 0},
});

/** Opens the shown pane's scrollback at its live end; fills the screen if the layout has no room. */
export const startScroll = (state: ViewState, context: Context): Updated => {
	const agent = shownAgent(state, context);
	if (!agent || !context.paneOf(agent)) return refuse(state, 'No pane to scroll.', context);
	if (state.scroll?.agent === agent) return unchanged(state);
	const {selected, filters} = state;
	return unchanged({
		...focusOn({...state, filters: {...filters, 1: ''}, selected: {...selected, 1: agent}}, 0),
		scroll: following(agent),
	});
};

/** Copies the lines, at the end: the screen as it is. */
const take = (scroll: Scroll, pane: PaneText): OpenScroll => {
	const lines = pane.lines();
	return {...scroll, lines, top: lines.screenTop, cursor: {line: lines.cursor.line, cell: 0}, column: 0, mark: undefined};
};

const put = (state: ViewState, scroll: Scroll): ViewState => ({...state, scroll});

const leave = (state: ViewState): ViewState => ({...state, scroll: undefined});

/** Moves the cursor to a row, and the window by `by` rows. */
const toRow = (reading: OpenScroll, size: WindowSize, index: number, by = 0): OpenScroll => {
	const shown = shownOf(reading, size);
	const row = shown.rows[Math.max(0, Math.min(shown.rows.length - 1, index))];
	const top = shown.rows[Math.max(0, Math.min(lastTop(reading, shown.rows, shown.height), shown.top + by))];
	if (!row || !top) return reading;
	const cell = Math.min(row.from + reading.column, Math.max(row.from, row.to - 1));
	const moved = {...reading, cursor: {line: row.line, cell}, top: {line: top.line, cell: top.from}};
	// The window follows the cursor.
	const now = shownOf(moved, size);
	const first = now.rows[now.top];
	return first ? {...moved, top: {line: first.line, cell: first.from}} : moved;
};

const atColumn = (reading: OpenScroll, size: WindowSize, by: 1 | -1): OpenScroll => {
	const {rows, cursor} = shownOf(reading, size);
	const row = rows[cursor];
	if (!row) return reading;
	const step = (cell: number): number => {
		const next = cell + by;
		return reading.lines.isHalf(row.line, next) ? next + by : next;
	};
	const cell = Math.max(
		row.from,
		Math.min(reading.mark?.kind === 'block' ? row.from + size.columns - 1 : row.to - 1, step(reading.cursor.cell)),
	);
	return {...reading, cursor: {line: row.line, cell: Math.max(row.from, cell)}, column: Math.max(0, cell - row.from)};
};

/** Continues with lines printed since the copy; the live screen if their rows are unknown. */
const goOn = (reading: OpenScroll, pane: PaneText, size: WindowSize): Scroll => {
	const {age} = pane;
	const isSame = age.era === reading.lines.era && age.rowsGone > reading.lines.rowsGone;
	if (!isSame || reading.mark) return following(reading.agent, reading.search);
	const lines = pane.lines();
	const find = ({line, cell}: Place): Place => ({line: lineOfRow(lines, reading.lines.rowOf(line)), cell});
	const moved = {...reading, lines, top: find(reading.top), cursor: find(reading.cursor)};
	const {cursor} = shownOf(moved, size);
	return toRow(moved, size, cursor + 1);
};

/** The line of a pane row; the first if it is gone. */
const lineOfRow = (lines: PaneLines, row: number): number => {
	let line = lines.count - 1;
	while (line > 0 && lines.rowOf(line) > row) line--;
	return line;
};

const toMatch = (reading: OpenScroll, size: WindowSize, match: Match | undefined): OpenScroll => {
	if (!match) return reading;
	const place = {line: match.line, cell: match.from};
	const {rows, top, height} = shownOf(reading, size);
	const row = rowAt(rows, place);
	const column = match.from - (rows[row]?.from ?? 0);
	// A match out of sight is centred, to show its context.
	const isSeen = row >= top && row < top + height;
	const first = rows[isSeen ? top : Math.max(0, Math.min(lastTop(reading, rows, height), row - Math.floor(height / 2)))];
	return {...reading, cursor: place, column, top: first ? {line: first.line, cell: first.from} : reading.top};
};

/** Searches upwards from a place: the latest output first. */
const searchFrom = (reading: OpenScroll, size: WindowSize, text: string): OpenScroll => {
	const matches = matchesOf(reading.lines, text);
	return {...toMatch(reading, size, matches[nextMatch(matches, reading.cursor, 'up', true)]), search: text};
};

const next = (state: ViewState, reading: OpenScroll, size: WindowSize, way: 'up' | 'down', context: Context): Updated => {
	if (reading.search === '') return refuse(state, 'Search with / first.', context);
	const matches = matchesOf(reading.lines, reading.search);
	const match = matches[nextMatch(matches, reading.cursor, way)];
	if (!match) return refuse(state, `\`${reading.search}\` is not in this pane.`, context);
	return unchanged(put(state, toMatch(reading, size, match)));
};

const copy = (state: ViewState, reading: OpenScroll, size: WindowSize): Updated => {
	const {text, rows} = selectedText(reading, size);
	const what = reading.mark?.kind === 'block' ? `a block of ${counted(rows, 'row')}` : counted(rows, 'line');
	return and(put(state, {...reading, mark: undefined}), {type: 'copy', text, what});
};

const mark = (reading: OpenScroll, kind: 'lines' | 'block'): OpenScroll => ({
	...reading,
	mark: reading.mark?.kind === kind ? undefined : {kind, at: reading.mark?.at ?? reading.cursor},
});

const wholeText = (lines: PaneLines): string => `${Array.from({length: lines.count}, (_, line) => lines.textOf(line)).join('\n')}\n`;

type Order = (state: ViewState, reading: OpenScroll, size: WindowSize, context: Context, pane: PaneText) => Updated;

const moves = (run: (reading: OpenScroll, size: WindowSize, at: number, half: number) => OpenScroll): Order => {
	return (state, reading, size) => {
		const {cursor} = shownOf(reading, size);
		return unchanged(put(state, run(reading, size, cursor, Math.max(1, Math.floor(size.rows / 2)))));
	};
};

/** Down from the last row continues with newer output, then to the live screen. */
const down =
	(by: 'row' | 'half'): Order =>
	(state, reading, size, _context, pane) => {
		const {rows, cursor} = shownOf(reading, size);
		if (cursor >= rows.length - 1) return unchanged(put(state, reading.mark ? reading : goOn(reading, pane, size)));
		const half = by === 'half' ? Math.max(1, Math.floor(size.rows / 2)) : 0;
		return unchanged(put(state, toRow(reading, size, cursor + (half || 1), half)));
	};

/** Scrolls under the cursor; at the end like `down`. */
const viewDown: Order = (state, reading, size, _context, pane) => {
	const {rows, top, cursor, height} = shownOf(reading, size);
	if (top < lastTop(reading, rows, height)) return unchanged(put(state, toRow(reading, size, Math.max(cursor, top + 1), 1)));
	return unchanged(put(state, reading.mark ? reading : goOn(reading, pane, size)));
};

/** Orders that need lines; from the live screen they copy them first. */
const READ: Readonly<Record<string, Order>> = {
	up: moves((reading, size, at) => toRow(reading, size, at - 1)),
	down: down('row'),
	'half-up': moves((reading, size, at, half) => toRow(reading, size, at - half, -half)),
	'half-down': down('half'),
	'view-up': moves((reading, size, at) => toRow(reading, size, Math.min(at, shownOf(reading, size).top - 1 + size.rows - 1), -1)),
	'view-down': viewDown,
	first: moves((reading, size) => toRow({...reading, column: 0}, size, 0)),
	left: moves((reading, size) => atColumn(reading, size, -1)),
	right: moves((reading, size) => atColumn(reading, size, 1)),
	search: (state, reading) =>
		unchanged({...put(state, reading), dialog: {kind: 'search', text: emptyEditor, from: reading, before: state.scroll ?? reading}}),
	'next-match': (state, reading, size, context) => next(state, reading, size, 'up', context),
	'previous-match': (state, reading, size, context) => next(state, reading, size, 'down', context),
	'select-lines': (state, reading) => unchanged(put(state, mark(reading, 'lines'))),
	'select-block': (state, reading) => unchanged(put(state, mark(reading, 'block'))),
	copy: (state, reading, size) => copy(state, reading, size),
	'open-lines': (state, reading) =>
		and(put(state, reading), {
			type: 'open-text',
			name: `${reading.agent.replace(/[^a-z0-9]+/gi, '-')}.txt`,
			text: wholeText(reading.lines),
		}),
};

/** Actions without effect on the live screen. */
const AT_END = ['down', 'half-down', 'view-down'];

/** Runs an action in scrollback; undefined for room actions. */
export const runScroll = (state: ViewState, scroll: Scroll, action: string, context: Context): Updated | undefined => {
	const size = windowOf(context);
	const pane = context.paneOf(scroll.agent);
	if (action === 'leave' || !pane) return unchanged(leave(state));
	if (action === 'back') return unchanged(scroll.mark ? put(state, {...scroll, mark: undefined}) : leave(state));
	if (action === 'follow' || (action === 'last' && !scroll.mark)) return unchanged(put(state, following(scroll.agent, scroll.search)));
	if (action === 'last' && isReading(scroll)) return unchanged(put(state, toRow(scroll, size, Number.MAX_SAFE_INTEGER)));
	const order = READ[action];
	if (!order) return undefined;
	if (!isReading(scroll) && AT_END.includes(action)) return unchanged(state);
	return order(state, isReading(scroll) ? scroll : take(scroll, pane), size, context, pane);
};

/** `3/17`: the match under the cursor; 0 for none. */
export const matchCount = ({lines, search, cursor}: OpenScroll): {readonly at: number; readonly all: number} => {
	const matches = matchesOf(lines, search);
	return {at: matchAt(matches, cursor) + 1, all: matches.length};
};

type Search = Extract<Dialog, {kind: 'search'}>;

/** Marks matches while typing, from where `/` was pressed. */
export const updateSearch = (state: ViewState, dialog: Search, action: string, key: string, text: string, context: Context): Updated => {
	const {scroll} = state;
	if (action === 'close' || !isReading(scroll)) return unchanged({...state, dialog: undefined, scroll: scroll && dialog.before});
	if (action === 'keep') return unchanged({...state, dialog: undefined});
	const size = windowOf(context);
	if (action === 'next' || action === 'previous') {
		const matches = matchesOf(scroll.lines, scroll.search);
		const match = matches[nextMatch(matches, scroll.cursor, action === 'next' ? 'up' : 'down')];
		return unchanged({...state, scroll: toMatch(scroll, size, match)});
	}
	return unchanged(search(state, dialog, edit(dialog.text, key, text), context));
};

const search = (state: ViewState, dialog: Search, editor: Search['text'] | undefined, context: Context): ViewState =>
	editor ? {...state, dialog: {...dialog, text: editor}, scroll: searchFrom(dialog.from, windowOf(context), editor.text)} : state;

export const pasteSearch = (state: ViewState, dialog: Search, text: string, context: Context): ViewState =>
	search(state, dialog, insert(dialog.text, text), context);
