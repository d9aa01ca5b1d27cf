import {trainRows} from '../model/train.ts';
import {type Context, type Overflow, type Page, pageOf, type ViewState} from './state.ts';

/** Covers the room with a page; one that lies below already comes to the top. */
const openPage = (state: ViewState, page: Page): ViewState => {
	const name = (one: Page): string => (one.kind === 'task' ? one.task : one.kind);
	const below = state.pages.filter(one => one.kind !== page.kind || name(one) !== name(page));
	return {...state, pages: [...below, page].slice(-MOST), isZoomed: false, scroll: 0};
};

/** Pages that esc leads back through. */
const MOST = 8;

export const openTask = (state: ViewState, task: string): ViewState => openPage(state, {kind: 'task', task, column: 1, scroll: [0, 0]});

export const openTrain = (state: ViewState): ViewState => openPage(state, {kind: 'train', selected: ''});

const replaceTop = (state: ViewState, page: Page): ViewState => ({...state, pages: [...state.pages.slice(0, -1), page]});

const HALF = 10;

/** Moves what the top page shows: the rows of a task, or the chosen car of the train. */
export const movePage = (state: ViewState, action: string, context: Context): ViewState => {
	const page = pageOf(state);
	if (page?.kind === 'task') return moveTask(state, page, action, context.overflow(state));
	if (page?.kind !== 'train') return state;
	const ids = trainRows(context.snapshot).map(row => row.task.id);
	const at = Math.max(0, ids.indexOf(page.selected));
	const to = {up: at - 1, down: at + 1, 'half-up': at - HALF, 'half-down': at + HALF, first: 0, last: ids.length - 1}[action] ?? at;
	return replaceTop(state, {...page, selected: ids[Math.min(ids.length - 1, Math.max(0, to))] ?? ''});
};

const moveTask = (state: ViewState, page: Extract<Page, {kind: 'task'}>, action: string, {page: most}: Overflow): ViewState => {
	if (['left', 'right', 'next-panel', 'previous-panel'].includes(action)) {
		const column = action === 'left' ? 0 : action === 'right' ? 1 : page.column === 0 ? 1 : 0;
		return replaceTop(state, {...page, column});
	}
	const {column} = page;
	const end = most[column];
	const at = Math.min(end, page.scroll[column]);
	const to = {up: at - 1, down: at + 1, 'half-up': at - HALF, 'half-down': at + HALF, first: 0, last: end}[action] ?? at;
	const row = Math.min(end, Math.max(0, to));
	return replaceTop(state, {...page, scroll: column === 0 ? [row, page.scroll[1]] : [page.scroll[0], row]});
};
