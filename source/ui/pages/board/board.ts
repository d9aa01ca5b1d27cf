import {keyOf} from '../../keymap/keymap.ts';
import type {KeyRow} from '../../keymap/row.ts';
import {COLUMNS, type Column, SORTS} from '../../model/board.ts';
import {type Behaviour, moved} from '../../state/descriptor.ts';
import {turnOrders} from '../../state/marks.ts';
import {type Context, refuse, type Updated, unchanged} from '../../state/message.ts';
import {checkBoard} from '../../state/page-task.ts';
import type {BoardPage} from '../../state/pages.ts';
import {needsMet} from '../../state/selection.ts';
import type {ViewState} from '../../state/state.ts';

export const BOARD_KEYS: readonly KeyRow[] = [
	{scope: 'board', keys: ['h', 'left'], action: 'left', label: 'column', help: 'column left', group: '', order: 1},
	{scope: 'board', keys: ['l', 'right'], action: 'right', label: 'column', help: 'column right', group: '', order: 1},
	{
		scope: 'board',
		keys: ['J', 'shift+down'],
		action: 'later',
		label: 'order',
		help: 'move task down',
		group: '',
		order: 9,
		needs: 'queued-task',
	},
	{
		scope: 'board',
		keys: ['K', 'shift+up'],
		action: 'sooner',
		label: 'order',
		help: 'move task up',
		group: '',
		order: 9,
		needs: 'queued-task',
	},
	{
		scope: 'board',
		keys: ['+', '='],
		action: 'raise',
		label: 'priority',
		help: 'raise priority',
		group: '',
		order: 10,
		needs: 'queued-task',
	},
	{scope: 'board', keys: ['-'], action: 'lower', label: 'priority', help: 'lower priority', group: '', order: 10, needs: 'queued-task'},
	{scope: 'board', keys: ['v'], action: 'mark', label: 'mark', help: 'mark / unmark', group: '', order: 9, needs: 'list-row'},
	{scope: 'board', keys: ['*'], action: 'mark-all', label: 'mark', help: 'mark column', group: '', order: 9, needs: 'list-row'},
	{scope: 'board', keys: ['/'], action: 'filter', label: 'filter', help: 'filter board', group: '', order: 8},
	{scope: 'board', keys: ['s'], action: 'sort', label: 'sort', help: 'change sort order', group: '', order: 8},
];

const ACROSS: Readonly<Record<string, -1 | 1>> = {left: -1, 'previous-panel': -1, right: 1, 'next-panel': 1};

/** The next column; with a filter, the next that is not empty. */
const besides = (columns: readonly Column[], at: number, by: -1 | 1, isFiltered: boolean): number => {
	const last = Math.min(columns.length - 1, Math.max(0, at + by));
	if (!isFiltered) return last;
	for (let to = at + by; columns[to]; to += by) if ((columns[to]?.tasks.length ?? 0) > 0) return to;
	return at;
};

/** Moves between cards and columns. The selection follows its task to other columns. */
export const boardBehaviour: Behaviour<BoardPage> = {
	choose: (page, {column, id}) => {
		const name = COLUMNS.find(known => known === column);
		return name ? {...page, column: name, index: 0, selected: id} : page;
	},
	move: (page, move, context) => {
		const {columns, chosen} = checkBoard(page, context);
		const at = columns.findIndex(({name}) => name === chosen.column);
		const across = ACROSS[move];
		const to = across === undefined ? at : besides(columns, at, across, page.filter !== '');
		const {name, tasks} = columns[to] ?? {name: chosen.column, tasks: []};
		const index =
			across === undefined ? moved(move, chosen.index, tasks.length - 1) : Math.max(0, Math.min(tasks.length - 1, chosen.index));
		return {...page, column: name, index, selected: tasks[index]?.id ?? ''};
	},
};

const replaced = (state: ViewState, page: BoardPage): Updated => unchanged({...state, pages: [...state.pages.slice(0, -1), page]});

/** Swaps with a neighbour in the queue, if sorted by queue order. */
const turn =
	(by: 'later' | 'sooner') =>
	(state: ViewState, page: BoardPage, context: Context): Updated => {
		const {chosen} = checkBoard(page, context);
		const isQueued = chosen.task !== undefined && (chosen.column === 'queued' || chosen.column === 'blocked');
		if (!isQueued || page.sort !== 'order')
			return refuse(
				state,
				`${keyOf(context.keymap, 'board.later')} and ${keyOf(context.keymap, 'board.sooner')} move queued tasks in queue order only: ${keyOf(context.keymap, 'board.sort')} changes the sort order.`,
				context,
			);
		const selected = {...state.selected, 2: chosen.task.id};
		const moved = turnOrders[by]?.({...state, selected, filters: {...state.filters, 2: ''}}, context) ?? unchanged(state);
		return {...moved, state: {...moved.state, selected: state.selected, filters: state.filters}};
	};

/** Sets the priority of the marked queued cards, else of the chosen one. */
const setPriority =
	(by: 'raise' | 'lower') =>
	(state: ViewState, page: BoardPage, context: Context): Updated => {
		const {task} = checkBoard(page, context).chosen;
		// A task that does not wait has no queue row; the order would apply to the first one.
		if (page.marks.length === 0 && !(task && needsMet(state, context).has('queued-task')))
			return refuse(state, `${task?.id ?? 'This'} is not in the task queue and cannot be moved.`, context);
		const selected = {...state.selected, 2: task?.id ?? ''};
		const done = turnOrders[by]?.({...state, selected}, context) ?? unchanged(state);
		return {...done, state: {...done.state, selected: state.selected}};
	};

export const boardOrders = {
	sort: (state: ViewState, page: BoardPage, context: Context): Updated => {
		const {chosen} = checkBoard(page, context);
		const sort = SORTS[(SORTS.indexOf(page.sort) + 1) % SORTS.length] ?? 'order';
		return replaced(state, {...page, sort, selected: chosen.task?.id ?? '', column: chosen.column});
	},
	later: turn('later'),
	sooner: turn('sooner'),
	raise: setPriority('raise'),
	lower: setPriority('lower'),
	mark: (state: ViewState, page: BoardPage, context: Context): Updated => {
		const {chosen} = checkBoard(page, context);
		const id = chosen.task?.id;
		if (id === undefined) return refuse(state, 'No task to mark.', context);
		const marks = page.marks.includes(id) ? page.marks.filter(other => other !== id) : [...page.marks, id];
		return replaced(state, {...page, marks, selected: id, column: chosen.column});
	},
	'mark-all': (state: ViewState, page: BoardPage, context: Context): Updated => {
		const {columns, chosen} = checkBoard(page, context);
		const shown = columns.find(({name}) => name === chosen.column)?.tasks.map(({id}) => id) ?? [];
		if (shown.length === 0) return refuse(state, 'No task to mark.', context);
		const rest = shown.filter(id => !page.marks.includes(id));
		return replaced(state, {...page, marks: rest.length === 0 ? page.marks.filter(id => !shown.includes(id)) : [...page.marks, ...rest]});
	},
	filter: (state: ViewState, page: BoardPage): Updated =>
		unchanged({...state, dialog: {kind: 'filter', list: 'page', text: {text: page.filter, cursor: page.filter.length}}}),
	/** Clears marks, then the filter, then closes the page. */
	back: (state: ViewState, page: BoardPage): Updated =>
		page.marks.length > 0
			? replaced(state, {...page, marks: []})
			: page.filter === ''
				? unchanged({...state, pages: state.pages.slice(0, -1)})
				: replaced(state, {...page, filter: ''}),
};
