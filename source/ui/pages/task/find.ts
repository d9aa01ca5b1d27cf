import type {Drawing} from '../../draw/context.ts';
import type {DialogKind} from '../../hooks/kinds.ts';
import type {KeyRow} from '../../keymap/row.ts';
import {matchesIn, nextOf} from '../../model/found.ts';
import {type Context, refuse, type Updated, unchanged} from '../../state/message.ts';
import {replaceTop} from '../../state/open.ts';
import {DIFF, type TaskPage} from '../../state/pages.ts';
import {type Dialog, pageOf, type ViewState} from '../../state/state.ts';
import {type Editor, edit, emptyEditor, insert} from '../../text/editor.ts';
import {rowsToSearch} from './draw.tsx';
import {onTop} from './task.ts';

declare module '../../keymap/row.ts' {
	interface OwnDialogs {
		/** Words that are looked for in the shown panel of a task's page, from where it was. */
		'find-on-page': {readonly text: Editor; readonly before: TaskPage};
	}
}
type Find = Extract<Dialog, {kind: 'find-on-page'}>;

/** While words are looked for: their matches, and the way out. */
export const FOUND_KEYS: readonly KeyRow[] = [
	{scope: 'found', keys: ['n'], action: 'next-found', label: '', help: 'next match', group: ''},
	{scope: 'found', keys: ['N'], action: 'previous-found', label: '', help: 'previous match', group: ''},
	{scope: 'found', keys: ['esc'], action: 'end-search', label: '', help: 'end search', group: ''},
];

/** Rows above a match that was out of sight. */
const ABOVE = 5;

const drawingFor = (state: ViewState, context: Context): Drawing => ({
	...context,
	state,
	isAscii: false,
	paneAge: undefined,
	tail: () => [],
});

/** The page at the next match from `from` on, or as it is without one. */
const atMatch = (state: ViewState, page: TaskPage, from: number, step: 1 | -1, context: Context): TaskPage => {
	const found = matchesIn(rowsToSearch(page, drawingFor(state, context)), page.search);
	const hit = nextOf(found, from, step);
	if (hit === undefined) return {...page, hit: -1};
	if (page.panel === DIFF) return {...page, hit: -1, cursor: hit};
	return {...page, hit, scroll: {...page.scroll, [page.panel]: Math.max(0, hit - ABOVE)}};
};

const here = (page: TaskPage): number => (page.panel === DIFF ? page.cursor : page.hit);

const step =
	(by: 1 | -1) =>
	(state: ViewState, page: TaskPage, context: Context): Updated => {
		const next = atMatch(state, page, here(page), by, context);
		if (here(next) < 0) return refuse(state, `\`${page.search}\` is not in this panel.`, context);
		return onTop(state, next);
	};

export const findOrders = {
	find: (state: ViewState, page: TaskPage): Updated =>
		unchanged({...state, dialog: {kind: 'find-on-page', text: emptyEditor, before: page}}),
	'next-found': step(1),
	'previous-found': step(-1),
	'end-search': (state: ViewState, page: TaskPage): Updated => onTop(state, {...page, search: '', hit: -1}),
} as const;

/** Searches while typing: the first match from where the panel stood. */
const typed = (state: ViewState, dialog: Find, text: Editor, context: Context): ViewState => {
	const {before} = dialog;
	const from = before.panel === DIFF ? before.cursor - 1 : Math.min(before.scroll[before.panel], Number.MAX_SAFE_INTEGER - 1) - 1;
	const page = {...before, search: text.text, hit: -1};
	return replaceTop({...state, dialog: {...dialog, text}}, text.text === '' ? page : atMatch(state, page, from, 1, context));
};

export const FIND_ON_PAGE: DialogKind<Find> = {
	mode: 'SEARCH',
	title: 'search on a task page',
	keys: [
		{scope: 'find-on-page', keys: ['enter'], action: 'keep', label: 'then n and N', help: 'keep match', group: '', order: 1},
		{scope: 'find-on-page', keys: ['down'], action: 'next', label: 'down', help: 'next match', group: '', order: 2},
		{scope: 'find-on-page', keys: ['up'], action: 'previous', label: 'up', help: 'previous match', group: '', order: 3},
		{scope: 'find-on-page', keys: ['esc'], action: 'close', label: 'cancel', help: 'cancel search', group: '', order: 4},
	],
	update: (state, dialog, {action, key, text}, context) => {
		const page = pageOf(state);
		const closed = {...state, dialog: undefined};
		if (page?.kind !== 'task' || action === 'keep') return unchanged(closed);
		if (action === 'close') return unchanged(replaceTop(closed, dialog.before));
		if (action !== '') return unchanged(replaceTop(state, atMatch(state, page, here(page), action === 'next' ? 1 : -1, context)));
		const editor = edit(dialog.text, key, text);
		return unchanged(editor ? typed(state, dialog, editor, context) : state);
	},
	paste: (state, dialog, text, context) => typed(state, dialog, insert(dialog.text, text), context),
	prompt: '/',
	typed: () => 'a text',
};
