import type {KeyRow} from '../key-row.ts';
import type {Dialog, Menu} from './dialogs.ts';
import {edit, emptyEditor, insert} from './editor.ts';
import {helpSections} from './help.ts';
import {type Entry, paletteEntries} from './palette.ts';
import {type Context, scopesOf, type ViewState} from './state.ts';

export const isMenu = (dialog: Dialog | undefined): dialog is Menu => dialog?.kind === 'help' || dialog?.kind === 'palette';

/** So many commands that were run last come first in the palette. */
const REMEMBERED = 5;

/** The state that a menu lies over. What is answered or decided there must be painted anew before a key counts: it was covered. */
export const beneath = (state: ViewState): ViewState => {
	if (!isMenu(state.dialog)) return state;
	const {over} = state.dialog;
	return {...state, dialog: over && 'paintedAt' in over ? {...over, paintedAt: 0} : over};
};

/** Opens a menu over what is there; one that is open gives way to the other. */
export const openMenu = (state: ViewState, kind: Menu['kind']): ViewState => ({
	...state,
	dialog: {kind, filter: emptyEditor, index: 0, over: beneath(state).dialog},
});

/** The rows of the help, in the order on the screen. */
export const helpRows = (state: ViewState, menu: Menu, {keymap}: Pick<Context, 'keymap'>): readonly KeyRow[] =>
	helpSections(keymap, scopesOf(beneath(state)), menu.filter.text).flatMap(({rows}) => rows);

const countOf = (state: ViewState, menu: Menu, context: Context): number =>
	menu.kind === 'help' ? helpRows(state, menu, context).length : paletteEntries(beneath(state), menu.filter.text, context).length;

/** Where a key moves the mark: a row on, or to the first row of a page. Undefined for keys that move nothing. */
const movedTo = (state: ViewState, {index}: Menu, action: string, context: Context): number | undefined => {
	if (action === 'next' || action === 'previous') return index + (action === 'next' ? 1 : -1);
	if (action === 'next-page') return context.overflow(state).starts.find(start => start > index) ?? Number.MAX_SAFE_INTEGER;
	if (action === 'previous-page') return context.overflow(state).starts.findLast(start => start < index) ?? 0;
	return undefined;
};

/** What enter runs in a menu. */
export const chosenIn = (state: ViewState, menu: Menu, context: Context): KeyRow | Entry | undefined =>
	menu.kind === 'help' ? helpRows(state, menu, context)[menu.index] : paletteEntries(beneath(state), menu.filter.text, context)[menu.index];

/** Keys of a menu but the one that runs its row: the mark moves, or the filter is written and the mark begins anew. */
export const updateMenu = (state: ViewState, menu: Menu, action: string, key: string, text: string, context: Context): ViewState => {
	if (action === 'close') return beneath(state);
	const to = movedTo(state, menu, action, context);
	if (to !== undefined) {
		const last = Math.max(0, countOf(state, menu, context) - 1);
		return {...state, dialog: {...menu, index: Math.max(0, Math.min(last, to))}};
	}
	// A leading slash is what a person types to filter, and the key that opened the menu: no part of the words.
	const opens = context.keymap.find('room', key)?.action ?? '';
	const isEmpty = menu.filter.text === '';
	if ((isEmpty || text === '') && (opens === 'help' || opens === 'palette') && opens !== menu.kind) return openMenu(state, opens);
	if (isEmpty && (key === '/' || opens === menu.kind)) return state;
	const filter = edit(menu.filter, key, text);
	return filter ? {...state, dialog: {...menu, filter, index: 0}} : state;
};

export const pasteIntoMenu = (state: ViewState, menu: Menu, text: string): ViewState => ({
	...state,
	dialog: {...menu, filter: insert(menu.filter, text), index: 0},
});

/** A command that was run from the palette is offered first the next time. */
export const remember = (state: ViewState, id: string): ViewState => ({
	...state,
	recent: [id, ...state.recent.filter(other => other !== id)].slice(0, REMEMBERED),
});
