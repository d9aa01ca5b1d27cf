import {matchesOf, nextMatch} from '../model/pane-search.ts';
import type {Dialog} from './dialogs.ts';
import {edit, insert} from './editor.ts';
import {isReading, windowOf} from './scroll.ts';
import {searchFrom, toMatch} from './scroll-keys.ts';
import {type Context, type Updated, unchanged, type ViewState} from './state.ts';

type Search = Extract<Dialog, {kind: 'search'}>;

/** What is looked for is marked while it is typed, from where the cursor stood when `/` was pressed. */
export const updateSearch = (state: ViewState, dialog: Search, action: string, key: string, text: string, context: Context): Updated => {
	const {scroll} = state;
	if (action === 'close' || !isReading(scroll)) return unchanged({...state, dialog: undefined, scroll: scroll && dialog.before});
	if (action === 'keep') return unchanged({...state, dialog: undefined});
	const size = windowOf(context);
	if (action === 'next' || action === 'previous') {
		const matches = matchesOf(scroll.lines, scroll.search);
		const match = matches[nextMatch(matches, scroll.cursor, action === 'next' ? 'up' : 'down')];
		return unchanged({...state, scroll: toMatch(scroll, size, match)});
	}
	return unchanged(search(state, dialog, edit(dialog.text, key, text), context));
};

const search = (state: ViewState, dialog: Search, editor: Search['text'] | undefined, context: Context): ViewState =>
	editor ? {...state, dialog: {...dialog, text: editor}, scroll: searchFrom(dialog.from, windowOf(context), editor.text)} : state;

/** Pasted text is looked for like typed one. */
export const pasteSearch = (state: ViewState, dialog: Search, text: string, context: Context): ViewState =>
	search(state, dialog, insert(dialog.text, text), context);
