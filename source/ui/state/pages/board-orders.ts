import {keyOf} from '../../keymap.ts';
import {SORTS} from '../../model/board.ts';
import type {BoardPage} from '../page.ts';
import {type Context, refuse, type Updated, unchanged, type ViewState} from '../state.ts';
import {turnOrders} from '../turns.ts';
import {lookAtBoard} from './board.ts';

const replaced = (state: ViewState, page: BoardPage): Updated => unchanged({...state, pages: [...state.pages.slice(0, -1), page]});

/** Changes places with its neighbour in the queue, where it stands in the queue's own order. */
const turn =
	(by: 'later' | 'sooner') =>
	(state: ViewState, page: BoardPage, context: Context): Updated => {
		const {chosen} = lookAtBoard(page, context);
		const isQueued = chosen.task !== undefined && (chosen.column === 'queued' || chosen.column === 'blocked');
		if (!isQueued || page.sort !== 'order')
			return refuse(
				state,
				`${keyOf(context.keymap, 'board.later')} and ${keyOf(context.keymap, 'board.sooner')} move what is queued, in the queue's own order: ${keyOf(context.keymap, 'board.sort')} leads back to it.`,
				context,
			);
		const selected = {...state.selected, 2: chosen.task.id};
		const moved = turnOrders[by]?.({...state, selected, filters: {...state.filters, 2: ''}}, context) ?? unchanged(state);
		return {...moved, state: {...moved.state, selected: state.selected, filters: state.filters}};
	};

/** What the board's own keys do. */
export const boardOrders = {
	sort: (state: ViewState, page: BoardPage, context: Context): Updated => {
		const {chosen} = lookAtBoard(page, context);
		const sort = SORTS[(SORTS.indexOf(page.sort) + 1) % SORTS.length] ?? 'order';
		return replaced(state, {...page, sort, selected: chosen.task?.id ?? '', column: chosen.column});
	},
	later: turn('later'),
	sooner: turn('sooner'),
	filter: (state: ViewState, page: BoardPage): Updated =>
		unchanged({...state, dialog: {kind: 'filter', list: 'page', text: {text: page.filter, cursor: page.filter.length}}}),
	back: (state: ViewState, page: BoardPage): Updated =>
		page.filter === '' ? unchanged({...state, pages: state.pages.slice(0, -1)}) : replaced(state, {...page, filter: ''}),
};
