import {agentName} from '../../core/agent/agent.ts';
import {roleLabel} from '../../core/agent/role-label.ts';
import type {Keymap} from '../keymap/keymap.ts';
import {GROUP_TITLES, isOverRoom, type KeyRow, NEED_WORDS, type Scope, titleOf} from '../keymap/row.ts';
import {ranked} from '../model/filter.ts';
import type {Context} from '../state/message.ts';
import {needsMet} from '../state/selection.ts';
import {type Dialog, type Menu, scopesOf, type ViewState} from '../state/state.ts';
import {edit, emptyEditor, insert} from '../text/editor.ts';

/** A section of the help: keys of one scope, or of one group of the room. */
export type Section = {readonly title: string; readonly rows: readonly KeyRow[]};

/** A room row without the keys that a page or panel over it redefines. */
const uncovered = (row: KeyRow, over: readonly Scope[], keymap: Keymap): KeyRow => ({
	...row,
	keys: row.keys.filter(key => !over.some(scope => keymap.find(scope, key))),
});

/** Keys that work in these scopes and the room, filtered, the context's first. Drops rows without keys. */
export const helpSections = (keymap: Keymap, scopes: readonly Scope[], filter: string): readonly Section[] => {
	const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
	const left = (rows: readonly KeyRow[], title: string): readonly KeyRow[] =>
		rows.filter(row => {
			const text = `${row.help} ${title} ${row.action} ${(row.words ?? []).join(' ')} ${row.keys.join(' ')}`.toLowerCase();
			return row.keys.length > 0 && words.every(word => text.includes(word));
		});
	const section = (title: string, rows: readonly KeyRow[]): Section => ({title: title.toUpperCase(), rows: left(rows, title)});
	const of = (scope: Scope): readonly KeyRow[] => keymap.rows.filter(row => row.scope === scope);
	const own = scopes.filter(scope => scope !== 'room');
	const over = scopes.includes('room') ? own : [];
	const room = of('room').map(row => uncovered(row, over, keymap));
	return [
		...own.map(scope => section(titleOf(scope, keymap.rows), of(scope))),
		...Object.keys(GROUP_TITLES).map(group =>
			section(
				group,
				room.filter(row => row.group === group),
			),
		),
		section(titleOf('type', keymap.rows), of('type')),
	].filter(({rows}) => rows.length > 0);
};

/** A palette line: an action or a place. `why`: why it is unavailable, '' if it is available. */
export type Entry = {
	readonly id: string;
	readonly name: string;
	readonly help: string;
	readonly why: string;
} & ({readonly row: KeyRow; readonly target?: undefined} | {readonly row?: undefined; readonly target: string});

type Look = Pick<Context, 'snapshot' | 'now'> & {readonly keymap: Keymap};

const PLACES = 6;

/** `merge queue: request-changes`; a room action by its name alone. */
const nameOf = ({scope, action}: KeyRow, rows: readonly KeyRow[]): string => {
	const name = action.replaceAll('-', ' ');
	return scope === 'room' ? name : `${titleOf(scope, rows)}: ${name}`;
};

/** Agents and tasks whose id starts with the query, the exact one first; none below two characters. */
const placesOf = (query: string, {snapshot}: Look): readonly Entry[] => {
	const text = query.trim().toLowerCase();
	if (text.length < 2 || /\s/.test(text)) return [];
	const {agents, tasks} = snapshot.team;
	const isMeant = (id: string): boolean => id.toLowerCase().startsWith(text);
	const places = [
		...[...agents.values()]
			.filter(({id}) => isMeant(agentName(id)))
			.map(({id, role}) => ({id: agentName(id), help: `select: ${roleLabel(role)}`})),
		...[...tasks.values()].filter(({id}) => isMeant(id)).map(({id, title}) => ({id, help: `open: ${title}`})),
	];
	return places
		.sort((a, b) => a.id.length - b.id.length || a.id.localeCompare(b.id, 'en', {numeric: true}))
		.slice(0, PLACES)
		.map(({id, help}): Entry => ({id: `go ${id}`, name: id, help, why: '', target: id}));
};

/** Why an action is unavailable where the palette was opened, and the key that leads to it; '' if available. */
const whyNot = ({scope, needs}: KeyRow, scopes: readonly Scope[], met: ReadonlySet<string>, {rows}: Keymap): string => {
	if (scope === 'room' || scopes.includes(scope)) return needs && !met.has(needs) ? NEED_WORDS[needs] : '';
	const [key] = rows.find(row => row.scope === 'room' && row.action === scope)?.keys ?? [];
	return `only in: ${titleOf(scope, rows)}${key ? `, ${key} opens it` : ''}`;
};

/**
 * Palette entries that pass the filter: the context's own, the room's, moves, then other pages. `below` is the state without the palette.
 * Without a filter recent ones come first.
 */
export const paletteEntries = (below: ViewState, filter: string, look: Look): readonly Entry[] => {
	const scopes = scopesOf(below);
	const met = needsMet(below, look);
	const place = ({scope, group}: KeyRow): number => {
		if (scope !== 'room') return scopes.includes(scope) ? 0 : 3;
		return group === 'MOVE' ? 2 : 1;
	};
	const entries = look.keymap.rows
		.filter(({scope, action}) => (scope === 'room' ? action !== 'palette' : scopes.includes(scope) || isOverRoom(scope, look.keymap.rows)))
		.map(
			(row): Entry => ({
				id: `${row.scope}.${row.action}`,
				name: nameOf(row, look.keymap.rows),
				help: row.help,
				why: whyNot(row, scopes, met, look.keymap),
				row,
			}),
		)
		.sort((a, b) => (a.row && b.row ? place(a.row) - place(b.row) : 0));
	if (filter.trim() !== '')
		return [
			...placesOf(filter, look),
			...ranked(filter, entries, ({name, help, row}) => ({name, words: row ? [row.action, ...(row.words ?? [])] : [], text: help})),
		];
	const recent = below.recent.flatMap(id => entries.find(entry => entry.id === id) ?? []);
	return [...recent, ...entries.filter(entry => !recent.includes(entry))];
};

export const isMenu = (dialog: Dialog | undefined): dialog is Menu => dialog?.kind === 'help' || dialog?.kind === 'palette';

const REMEMBERED = 5;

/** The state under a menu. A question there was covered, so it must be painted again before keys count. */
export const beneath = (state: ViewState): ViewState => {
	if (!isMenu(state.dialog)) return state;
	const {over} = state.dialog;
	return {...state, dialog: over && 'paintedAt' in over ? {...over, paintedAt: 0} : over};
};

/** Opens a menu, replacing an open one. */
export const openMenu = (state: ViewState, kind: Menu['kind']): ViewState => ({
	...state,
	dialog: {kind, filter: emptyEditor, index: 0, over: beneath(state).dialog},
});

export const helpRows = (state: ViewState, menu: Menu, {keymap}: Pick<Context, 'keymap'>): readonly KeyRow[] =>
	helpSections(keymap, scopesOf(beneath(state)), menu.filter.text).flatMap(({rows}) => rows);

const countOf = (state: ViewState, menu: Menu, context: Context): number =>
	menu.kind === 'help' ? helpRows(state, menu, context).length : paletteEntries(beneath(state), menu.filter.text, context).length;

/** Where a key moves the mark: one row, or to the first row of a page. Undefined for other keys. */
const movedTo = (state: ViewState, {index}: Menu, action: string, context: Context): number | undefined => {
	if (action === 'next' || action === 'previous') return index + (action === 'next' ? 1 : -1);
	if (action === 'next-page') return context.overflow(state).starts.find(start => start > index) ?? Number.MAX_SAFE_INTEGER;
	if (action === 'previous-page') return context.overflow(state).starts.findLast(start => start < index) ?? 0;
	return undefined;
};

export const chosenIn = (state: ViewState, menu: Menu, context: Context): KeyRow | Entry | undefined =>
	menu.kind === 'help' ? helpRows(state, menu, context)[menu.index] : paletteEntries(beneath(state), menu.filter.text, context)[menu.index];

/** Keys of a menu except Enter: move the mark, or edit the filter, which resets the mark. */
export const updateMenu = (state: ViewState, menu: Menu, action: string, key: string, text: string, context: Context): ViewState => {
	if (action === 'close') return beneath(state);
	const to = movedTo(state, menu, action, context);
	if (to !== undefined) {
		const last = Math.max(0, countOf(state, menu, context) - 1);
		return {...state, dialog: {...menu, index: Math.max(0, Math.min(last, to))}};
	}
	// A leading slash starts the filter, as does the key that opened the menu: neither is part of it.
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

/** Puts a command that ran first in the palette. */
export const remember = (state: ViewState, id: string): ViewState => ({
	...state,
	recent: [id, ...state.recent.filter(other => other !== id)].slice(0, REMEMBERED),
});
