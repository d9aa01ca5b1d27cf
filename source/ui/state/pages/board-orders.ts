import {SORTS} from '../../model/board.ts';
import type {BoardPage} from '../page.ts';
import {type Context, type Updated, unchanged, type ViewState} from '../state.ts';
import {lookAtBoard} from './board.ts';

const replaced = (state: ViewState, page: BoardPage): Updated => unchanged({...state, pages: [...state.pages.slice(0, -1), page]});

/** What the board's own keys do. */
export const boardOrders = {
	sort: (state: ViewState, page: BoardPage, context: Context): Updated => {
		const {chosen} = lookAtBoard(page, context);
		const sort = SORTS[(SORTS.indexOf(page.sort) + 1) % SORTS.length] ?? 'order';
		return replaced(state, {...page, sort, selected: chosen.task?.id ?? '', column: chosen.column});
	},
	filter: (state: ViewState, page: BoardPage): Updated =>
		unchanged({...state, dialog: {kind: 'filter', list: 'page', text: {text: page.filter, cursor: page.filter.length}}}),
	back: (state: ViewState, page: BoardPage): Updated =>
		page.filter === '' ? unchanged({...state, pages: state.pages.slice(0, -1)}) : replaced(state, {...page, filter: ''}),
};
