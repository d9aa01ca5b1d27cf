import {type KeyOverrides, type KeyProblem, nameOfRow, override} from './overrides.ts';
import type {KeyRow, Need, Scope} from './row.ts';

/** The keys that count in this view: the table with a human's overrides. */
export type Keymap = {
	readonly rows: readonly KeyRow[];
	/** The row of a key in a scope. */
	find(scope: Scope, key: string): KeyRow | undefined;
	/** Its row in the first of these scopes that has the key. */
	findIn(scopes: readonly Scope[], key: string): KeyRow | undefined;
	/** The leader, which alone leaves a pane: `ctrl+]` unless configured. The first where there are several. */
	readonly leader: string;
	readonly leaders: readonly string[];
	/** Overrides that were refused and changed nothing, as sentences naming both actions. */
	readonly refusals: readonly KeyProblem[];
	/** What overrides do not do everywhere. */
	readonly warnings: readonly KeyProblem[];
};

/** The table with overrides; see `override` for what is refused. */
export const createKeymap = (table: readonly KeyRow[], overrides: KeyOverrides = {}): Keymap => {
	const {rows, leaders, refusals, warnings} = override(table, overrides);
	const byKey = new Map(rows.flatMap(row => row.keys.map(key => [`${row.scope} ${key}`, row] as const)));
	const find = (scope: Scope, key: string): KeyRow | undefined => byKey.get(`${scope} ${key}`);
	const findIn = (scopes: readonly Scope[], key: string): KeyRow | undefined =>
		scopes.map(scope => find(scope, key)).find(row => row !== undefined);
	return {rows, find, findIn, leader: leaders[0], leaders, refusals, warnings};
};

const LABELS: Readonly<Record<string, string>> = {
	enter: '↵',
	space: 'space',
	up: '↑',
	down: '↓',
	left: '←',
	right: '→',
	'shift+tab': 'S-tab',
	'shift+up': 'S-↑',
	'shift+down': 'S-↓',
	'shift+left': 'S-←',
	'shift+right': 'S-→',
};

/** A key as the footer and the help write it: `↵`, `^D`, `S-tab`; in words where only ASCII can be shown. */
export const keyLabel = (key: string, isAscii: boolean): string => {
	if (isAscii && /[^\x20-\x7e]/.test(LABELS[key] ?? '')) return key;
	return LABELS[key] ?? key.replace(/^ctrl\+(.)$/, (_, character: string) => `^${character.toUpperCase()}`);
};

/** Rows of a scope that have a hint now, in the footer's order. */
export const hintRows = (keymap: Keymap, scope: Scope, has: ReadonlySet<Need>): readonly KeyRow[] =>
	keymap.rows
		.filter(row => row.scope === scope && row.order !== undefined && row.keys.length > 0 && (!row.needs || has.has(row.needs)))
		.sort((a, b) => (a.order ?? 0) - (b.order ?? 0));

/**
 * The key of an action as a sentence names it: of the room by its own name, of any other scope as `plan.edit`; `:drain` where it has none, as
 * it is typed into the palette.
 */
export const keyOf = ({rows}: Keymap, name: string, isAscii = false): string => {
	const [key] = rows.find(row => nameOfRow(row) === name)?.keys ?? [];
	return key === undefined ? `:${name}` : keyLabel(key, isAscii);
};

/** Rows that stand next to each other and are called the same are one hint with all their keys: `J/K order`. */
export const joinHints = (rows: readonly KeyRow[]): readonly (readonly KeyRow[])[] => {
	const joined: KeyRow[][] = [];
	for (const row of rows) {
		const last = joined.at(-1);
		if (last?.[0]?.label === row.label && last[0].scope === row.scope) last.push(row);
		else joined.push([row]);
	}
	return joined;
};

/** On the board the room's orders count as much as its own: both stand by their places. */
export const inOneOrder = (rows: readonly KeyRow[]): readonly KeyRow[] => rows.toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
