import {unseenCard} from '../dialogs/card.ts';
import {keyLabel, keyOf} from '../keymap/keymap.ts';
import {NEED_WORDS} from '../keymap/row.ts';
import {LISTS, OWN_LISTS, rowIds} from '../panels/panels.ts';
import {MOVES, type Move} from '../state/descriptor.ts';
import {focusOn} from '../state/focus.ts';
import type {Context, Updated} from '../state/message.ts';
import {selectedOf} from '../state/rows.ts';
import {needsMet} from '../state/selection.ts';
import {isTextScope, pageOf, scopesOf, type ViewState} from '../state/state.ts';
import {inside, type Panel} from '../text/layout.ts';
import {kindOf, movePage} from './registry.ts';

export const isMove = (action: string): action is Move => MOVES.some(move => move === action);

/** Neighbours of a panel on a wide screen; panels that share the locks' place have the locks' neighbours. */
const BESIDE: Readonly<Record<'left' | 'right', Readonly<Record<0 | 1 | 2 | 3 | 4 | 5, Panel> & Partial<Record<Panel, Panel>>>>> = {
	left: {0: 1, 1: 1, 2: 5, 3: 2, 4: 3, 5: 5},
	right: {0: 0, 1: 0, 2: 3, 3: 4, 4: 4, 5: 2},
};

/** Moves the selection or focus, or the page's content. The selection stays in its list and follows a row's id. */
export const move = (state: ViewState, action: Move, context: Context): ViewState => {
	if (pageOf(state)) return movePage(state, action, context);
	const {kind, tabs} = context.layout;
	if (action === 'next-panel' || action === 'previous-panel')
		return step(state, kind === 'wide' ? [1, 5, 0, 2, 3, ...OWN_LISTS, 4] : [1, 0, ...LISTS.slice(1)], action === 'next-panel' ? 1 : -1);
	if (action === 'left' || action === 'right') {
		if (kind === 'wide') return focusOn(state, BESIDE[action][state.focus] ?? BESIDE[action][3]);
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
	const ids = rowIds(list, state, context);
	if (ids.length === 0) return state;
	const at = Math.max(0, ids.indexOf(selectedOf(list, ids, state)));
	const half = halfOf(context, list);
	const to =
		{up: at - 1, down: at + 1, 'half-up': at - half, 'half-down': at + half, first: 0, last: ids.length - 1}[action as string] ?? at;
	const index = Math.min(ids.length - 1, Math.max(0, to));
	// The newest event is live: the selection follows new events instead of one id.
	const id = list === 4 && index === ids.length - 1 ? '' : (ids[index] ?? '');
	return {...state, selected: {...state.selected, [list]: id}};
};

/** Keys that may silently change nothing: the end of a list, or the place already reached, is visible. */
const isQuiet = (action: string): boolean =>
	/^(next|previous|up|down|first|last|left|right|half-|scroll-|panel-|task-panel-|follow|back|close)/.test(action) ||
	/-(panel|page)$/.test(action);

/** Equal for the user: ignores the time of the last key and the last answer. */
const isSame = (a: ViewState, b: ViewState): boolean =>
	(Object.keys(b) as (keyof ViewState)[]).every(name => name === 'toast' || name === 'lastKeyAt' || a[name] === b[name]);

/**
 * Why a key had no effect: what it needs, or that it is unknown here. '' if it had one, explained itself, is text, or was dropped on an
 * unseen dialog.
 */
export const noEffectReason = (before: ViewState, {state, commands}: Updated, key: string, context: Context): string => {
	if (commands.length > 0 || state.toast !== before.toast || !isSame(before, state)) return '';
	if (context.layout.kind === 'refused' || unseenCard(before) !== '') return '';
	const row = context.keymap.findIn(scopesOf(before), key);
	if (row && isQuiet(row.action)) return '';
	if (row?.needs && !needsMet(before, context).has(row.needs))
		return `${row.help.replace(/…$/, '')} is not possible now: ${NEED_WORDS[row.needs]}.`;
	if (row || isTextScope(before)) return '';
	return `${keyLabel(key, false)} does nothing here: ${keyOf(context.keymap, 'help')} shows the keys.`;
};

/** Closes a dialog whose subject is gone and says so; leaves a pane that is gone. */
export const closeWhatIsOver = (state: ViewState, context: Context): ViewState => {
	const {dialog} = state;
	return (dialog && kindOf(dialog).over?.(state, dialog, context)) ?? state;
};
