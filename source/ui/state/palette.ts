import {agentName} from '../../core/agent.ts';
import {type KeyRow, NEED_WORDS, OVER_ROOM, SCOPE_TITLES, type Scope} from '../key-row.ts';
import type {Keymap} from '../keymap.ts';
import {ranked} from './rank.ts';
import {needsMet} from './selection.ts';
import {type Context, scopesOf, type ViewState} from './state.ts';

/** One line of the palette: an action of the table, or a place to go. `why`: what it cannot be done for now, '' where it can. */
export type Entry = {
	readonly id: string;
	readonly name: string;
	readonly help: string;
	readonly why: string;
} & ({readonly row: KeyRow; readonly target?: undefined} | {readonly row?: undefined; readonly target: string});

type Look = Pick<Context, 'snapshot' | 'now'> & {readonly keymap: Keymap};

/** So many places that an id typed so far may mean are offered. */
const PLACES = 6;

const isOverRoom = (scope: Scope): boolean => OVER_ROOM.some(over => over === scope);

/** `merge train: bounce`; an action of the room by its own name alone. */
const nameOf = ({scope, action}: KeyRow): string => {
	const name = action.replaceAll('-', ' ');
	return scope === 'room' ? name : `${SCOPE_TITLES[scope]}: ${name}`;
};

/** Agents and tasks whose id begins with what is typed, the very one first; anything shorter than two characters means none. */
const placesOf = (query: string, {snapshot}: Look): readonly Entry[] => {
	const text = query.trim().toLowerCase();
	if (text.length < 2 || /\s/.test(text)) return [];
	const {agents, tasks} = snapshot.team;
	const isMeant = (id: string): boolean => id.toLowerCase().startsWith(text);
	const places = [
		...[...agents.values()].filter(({id}) => isMeant(agentName(id))).map(({id, role}) => ({id: agentName(id), help: `select it: ${role}`})),
		...[...tasks.values()].filter(({id}) => isMeant(id)).map(({id, title}) => ({id, help: `go there: ${title}`})),
	];
	return places
		.sort((a, b) => a.id.length - b.id.length || a.id.localeCompare(b.id, 'en', {numeric: true}))
		.slice(0, PLACES)
		.map(({id, help}): Entry => ({id: `go ${id}`, name: id, help, why: '', target: id}));
};

/** Why an action of the table cannot be done where the palette was opened, and the key that leads to where it can; '' where it can be done. */
const whyNot = ({scope, needs}: KeyRow, scopes: readonly Scope[], met: ReadonlySet<string>, {rows}: Keymap): string => {
	if (scope === 'room' || scopes.includes(scope)) return needs && !met.has(needs) ? NEED_WORDS[needs] : '';
	const [key] = rows.find(row => row.scope === 'room' && row.action === scope)?.keys ?? [];
	return `only in: ${SCOPE_TITLES[scope]}${key ? `, ${key} opens it` : ''}`;
};

/**
 * Everything that can be asked for by its name, as far as the filter leaves it: what the context has of its own, then the room's, then moves, and
 * last what belongs to other pages. `below` is the state without the palette. Without a filter what was run last comes first.
 */
export const paletteEntries = (below: ViewState, filter: string, look: Look): readonly Entry[] => {
	const scopes = scopesOf(below);
	const met = needsMet(below, look);
	const place = ({scope, group}: KeyRow): number => {
		if (scope !== 'room') return scopes.includes(scope) ? 0 : 3;
		return group === 'MOVE' ? 2 : 1;
	};
	const entries = look.keymap.rows
		.filter(({scope, action}) => (scope === 'room' ? action !== 'palette' : scopes.includes(scope) || isOverRoom(scope)))
		.map(
			(row): Entry => ({
				id: `${row.scope}.${row.action}`,
				name: nameOf(row),
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
