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

/** What stands beside a panel on a wide screen; beside those that share a place with the locks, what stands beside these. */
const BESIDE: Readonly<Record<'left' | 'right', Readonly<Record<0 | 1 | 2 | 3 | 4 | 5, Panel> & Partial<Record<Panel, Panel>>>>> = {
	left: {0: 1, 1: 1, 2: 5, 3: 2, 4: 3, 5: 5},
	right: {0: 0, 1: 0, 2: 3, 3: 4, 4: 4, 5: 2},
};

/** Moves the selection or the focus; on a page what it shows. The selection stays within its list and sticks to a row's id. */
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
	// The newest event is live: its selection follows what comes instead of sticking to one entry.
	const id = list === 4 && index === ids.length - 1 ? '' : (ids[index] ?? '');
	return {...state, selected: {...state.selected, [list]: id}};
};

/** What a key may leave as it is without a word: who looks sees that it is the end of a list, or the place where they are already. */
const isQuiet = (action: string): boolean =>
	/^(next|previous|up|down|first|last|left|right|half-|scroll-|panel-|task-panel-|follow|back|close)/.test(action) ||
	/-(panel|page)$/.test(action);

/** All that a person sees of a state: neither when their last key came nor what was said before it. */
const isSame = (a: ViewState, b: ViewState): boolean =>
	(Object.keys(b) as (keyof ViewState)[]).every(name => name === 'toast' || name === 'lastKeyAt' || a[name] === b[name]);

/**
 * Why a key did nothing, as a sentence: what it needs and does not find, or that it means nothing here. '' where it did something or has said
 * why itself, where it is text, and on a card that has not been seen yet, whose keys are dropped.
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

/** A dialog about something that is gone closes and says so; a pane that is gone gives the keys back. */
export const closeWhatIsOver = (state: ViewState, context: Context): ViewState => {
	const {dialog} = state;
	return (dialog && kindOf(dialog).over?.(state, dialog, context)) ?? state;
};
