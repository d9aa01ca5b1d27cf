import {inside, type Panel} from '../layout.ts';
import {focusOn} from './focus.ts';
import {MOVES, type Move} from './pages/behaviour.ts';
import {movePage} from './pages/pages.ts';
import {idsOf, selectedId} from './rows.ts';
import {type Context, LISTS, pageOf, type ViewState} from './state.ts';

export const isMove = (action: string): action is Move => MOVES.some(move => move === action);

const BESIDE: Readonly<Record<'left' | 'right', Readonly<Record<Panel, Panel>>>> = {
	left: {0: 1, 1: 1, 2: 5, 3: 2, 4: 3, 5: 5, 6: 2},
	right: {0: 0, 1: 0, 2: 3, 3: 4, 4: 4, 5: 2, 6: 4},
};

/** Moves the selection or the focus; on a page what it shows. The selection stays within its list and sticks to a row's id. */
export const move = (state: ViewState, action: Move, context: Context): ViewState => {
	if (pageOf(state)) return movePage(state, action, context);
	const {kind, tabs} = context.layout;
	if (action === 'next-panel' || action === 'previous-panel')
		return step(state, kind === 'wide' ? [1, 5, 0, 2, 3, 6, 4] : [1, 0, 2, 3, 4, 5, 6], action === 'next-panel' ? 1 : -1);
	if (action === 'left' || action === 'right') {
		if (kind === 'wide') return focusOn(state, BESIDE[action][state.focus]);
		return step(state, kind === 'medium' ? [1, 0, ...tabs] : tabs, action === 'right' ? 1 : -1);
	}
	return select(state, action, context);
};

const step = (state: ViewState, order: readonly Panel[], by: 1 | -1): ViewState => {
	const index = order.indexOf(state.focus);
	return focusOn(state, order[(index + by + order.length) % order.length] ?? 1);
};

const halfOf = ({layout}: Context, panel: Panel): number => {
	const rect = layout.panels.get(panel) ?? layout.tabbed;
	return Math.max(1, Math.floor((rect ? inside(rect).rows : 10) / 2));
};

const select = (state: ViewState, action: Move, context: Context): ViewState => {
	const list = LISTS.find(candidate => candidate === state.focus) ?? 1;
	const ids = idsOf(list, state, context.snapshot, context.now);
	if (ids.length === 0) return state;
	const at = Math.max(0, ids.indexOf(selectedId(list, state, context.snapshot, context.now)));
	const half = halfOf(context, list);
	const to =
		{up: at - 1, down: at + 1, 'half-up': at - half, 'half-down': at + half, first: 0, last: ids.length - 1}[action as string] ?? at;
	const index = Math.min(ids.length - 1, Math.max(0, to));
	// The newest event is live: its selection follows what comes instead of sticking to one entry.
	const id = list === 4 && index === ids.length - 1 ? '' : (ids[index] ?? '');
	return {...state, selected: {...state.selected, [list]: id}};
};
