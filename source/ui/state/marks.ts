import {serverNow} from '../model/ages.ts';
import {roster} from '../model/roster.ts';
import type {Page} from './page.ts';
import {idsOf, queueRows, selectedId} from './rows.ts';
import {type Context, pageOf, refuse, say, type Updated, unchanged, type ViewState} from './state.ts';

/** Lists whose rows can be marked: agents and queue. */
export type Marked = 1 | 2;

/** The list that a mark is of now: the pane stands for the agents. */
export const markedList = (state: ViewState): Marked | undefined => {
	if (pageOf(state)) return undefined;
	return state.focus === 2 ? 2 : state.focus < 2 ? 1 : undefined;
};

/** Ids of the rows that an order is about, where some are marked in the list that has the focus or on the board; [] where none are. */
export const markedRows = (state: ViewState): readonly string[] => {
	const page = pageOf(state);
	if (page) return page.kind === 'board' ? page.marks : [];
	const list = markedList(state);
	return list ? state.marks[list] : [];
};

const withMarks = (state: ViewState, list: Marked, ids: readonly string[]): ViewState => ({...state, marks: {...state.marks, [list]: ids}});

export const withoutMarks = (state: ViewState): ViewState => {
	if (pageOf(state)?.kind === 'board') return onBoards(state, () => []);
	const list = markedList(state);
	return list ? withMarks(state, list, []) : state;
};

/** The same of what is marked on the board, which lies below the pages that it opened. */
const onBoards = (state: ViewState, keep: (marks: readonly string[]) => readonly string[]): ViewState => {
	const isKept = (page: Page): boolean => page.kind !== 'board' || keep(page.marks).length === page.marks.length;
	if (state.pages.every(isKept)) return state;
	return {...state, pages: state.pages.map(page => (page.kind === 'board' ? {...page, marks: keep(page.marks)} : page))};
};

/** Marks stick to ids and vanish with their rows, whatever a filter hides. */
export const keepMarks = (before: ViewState, {snapshot, now}: Pick<Context, 'snapshot' | 'now'>): ViewState => {
	const state = onBoards(before, ids => ids.filter(id => snapshot.team.tasks.has(id)));
	const {marks} = state;
	if (marks[1].length + marks[2].length === 0) return state;
	const agents = new Set(roster(snapshot, serverNow(snapshot, now)).map(({id}) => id));
	const waiting = new Set(queueRows({...state, filters: {...state.filters, 2: ''}}, snapshot, now).map(({task}) => task.id));
	const kept = {1: marks[1].filter(id => agents.has(id)), 2: marks[2].filter(id => waiting.has(id))};
	return kept[1].length === marks[1].length && kept[2].length === marks[2].length ? state : {...state, marks: kept};
};

const NO_LIST = 'Rows of 1 Agents and 2 Queue, and cards of the board, can be marked.';

/** Orders of the room's scope about marks. */
export const markOrders: Readonly<Record<string, (state: ViewState, context: Context) => Updated>> = {
	mark: (state, context) => {
		const list = markedList(state);
		if (!list) return refuse(state, NO_LIST, context);
		const id = selectedId(list, state, context.snapshot, context.now);
		if (!id) return refuse(state, 'There is no row to mark.', context);
		const marks = state.marks[list];
		return unchanged(withMarks(state, list, marks.includes(id) ? marks.filter(other => other !== id) : [...marks, id]));
	},
	'mark-all': (state, context) => {
		const list = markedList(state);
		if (!list) return refuse(state, NO_LIST, context);
		const shown = idsOf(list, state, context.snapshot, context.now);
		if (shown.length === 0) return refuse(state, 'There is no row to mark.', context);
		const marks = state.marks[list];
		const rest = shown.filter(id => !marks.includes(id));
		if (rest.length === 0) return unchanged(say(withMarks(state, list, []), 'nothing is marked any more', context.now));
		return unchanged(withMarks(state, list, [...marks, ...rest]));
	},
};
