import {keyOf} from '../../keymap.ts';
import {SORTS} from '../../model/board.ts';
import type {BoardPage} from '../page.ts';
import {needsMet} from '../selection.ts';
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

/** Of the marked cards, else of the chosen one, in the queue. */
const prioritise =
	(by: 'raise' | 'lower') =>
	(state: ViewState, page: BoardPage, context: Context): Updated => {
		const {task} = lookAtBoard(page, context).chosen;
		// Of what does not wait the queue has no row, and would take its first one.
		if (page.marks.length === 0 && !(task && needsMet(state, context).has('queued-task')))
			return refuse(state, `${task?.id ?? 'Nothing here'} does not wait in the queue: it has no turn that could be another one.`, context);
		const selected = {...state.selected, 2: task?.id ?? ''};
		const done = turnOrders[by]?.({...state, selected}, context) ?? unchanged(state);
		return {...done, state: {...done.state, selected: state.selected}};
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
	raise: prioritise('raise'),
	lower: prioritise('lower'),
	mark: (state: ViewState, page: BoardPage, context: Context): Updated => {
		const {chosen} = lookAtBoard(page, context);
		const id = chosen.task?.id;
		if (id === undefined) return refuse(state, 'There is no card to mark.', context);
		const marks = page.marks.includes(id) ? page.marks.filter(other => other !== id) : [...page.marks, id];
		return replaced(state, {...page, marks, selected: id, column: chosen.column});
	},
	'mark-all': (state: ViewState, page: BoardPage, context: Context): Updated => {
		const {columns, chosen} = lookAtBoard(page, context);
		const shown = columns.find(({name}) => name === chosen.column)?.tasks.map(({id}) => id) ?? [];
		if (shown.length === 0) return refuse(state, 'There is no card to mark.', context);
		const rest = shown.filter(id => !page.marks.includes(id));
		return replaced(state, {...page, marks: rest.length === 0 ? page.marks.filter(id => !shown.includes(id)) : [...page.marks, ...rest]});
	},
	filter: (state: ViewState, page: BoardPage): Updated =>
		unchanged({...state, dialog: {kind: 'filter', list: 'page', text: {text: page.filter, cursor: page.filter.length}}}),
	/** Marks go before the filter, and that before the page. */
	back: (state: ViewState, page: BoardPage): Updated =>
		page.marks.length > 0
			? replaced(state, {...page, marks: []})
			: page.filter === ''
				? unchanged({...state, pages: state.pages.slice(0, -1)})
				: replaced(state, {...page, filter: ''}),
};
