import {GROUP_TITLES, type KeyRow, SCOPE_TITLES, type Scope} from '../key-row.ts';
import type {Keymap} from '../keymap.ts';

/** One part of the help: the keys of one scope, or of one group of the room's. */
export type Section = {readonly title: string; readonly rows: readonly KeyRow[]};

/** A row of the room without the keys that mean something else where a page or a panel lies over it. */
const uncovered = (row: KeyRow, over: readonly Scope[], keymap: Keymap): KeyRow => ({
	...row,
	keys: row.keys.filter(key => !over.some(scope => keymap.find(scope, key))),
});

/**
 * Every key that counts in these scopes and then in the room, as far as the filter leaves them: the context's own first. What has lost all its
 * keys, or has none, is left out.
 */
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
		...own.map(scope => section(SCOPE_TITLES[scope], of(scope))),
		...Object.keys(GROUP_TITLES).map(group =>
			section(
				group,
				room.filter(row => row.group === group),
			),
		),
		section(SCOPE_TITLES.type, of('type')),
	].filter(({rows}) => rows.length > 0);
};
