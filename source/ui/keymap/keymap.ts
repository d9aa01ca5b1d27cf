import {type KeyOverrides, type KeyProblem, nameOfRow, override} from './overrides.ts';
import type {KeyRow, Need, Scope} from './row.ts';

/** The keys of this view: the table with the user's overrides. */
export type Keymap = {
	readonly rows: readonly KeyRow[];
	find(scope: Scope, key: string): KeyRow | undefined;
	/** Its row in the first of these scopes that has it. */
	findIn(scopes: readonly Scope[], key: string): KeyRow | undefined;
	/** The first leader, the only way out of a pane: `ctrl+]` by default. */
	readonly leader: string;
	readonly leaders: readonly string[];
	/** Refused overrides, as sentences that name both actions. */
	readonly refusals: readonly KeyProblem[];
	readonly warnings: readonly KeyProblem[];
};

/** The table with overrides; `override` says what is refused. */
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

/** A key as written in footer and help: `↵`, `^D`, `S-tab`; words in ASCII. */
export const keyLabel = (key: string, isAscii: boolean): string => {
	if (isAscii && /[^\x20-\x7e]/.test(LABELS[key] ?? '')) return key;
	return LABELS[key] ?? key.replace(/^ctrl\+(.)$/, (_, character: string) => `^${character.toUpperCase()}`);
};

/** Rows with a hint now, in footer order. */
export const hintRows = (keymap: Keymap, scope: Scope, has: ReadonlySet<Need>): readonly KeyRow[] =>
	keymap.rows
		.filter(row => row.scope === scope && row.order !== undefined && row.keys.length > 0 && (!row.needs || has.has(row.needs)))
		.sort((a, b) => (a.order ?? 0) - (b.order ?? 0));

/** An action's key for a sentence: room actions by name, others as `plan.edit`; `:drain` for the palette if it has no key. */
export const keyOf = ({rows}: Keymap, name: string, isAscii = false): string => {
	const [key] = rows.find(row => nameOfRow(row) === name)?.keys ?? [];
	return key === undefined ? `:${name}` : keyLabel(key, isAscii);
};

/** Joins adjacent rows of the same label into one hint: `J/K order`. */
export const joinHints = (rows: readonly KeyRow[]): readonly (readonly KeyRow[])[] => {
	const joined: KeyRow[][] = [];
	for (const row of rows) {
		const last = joined.at(-1);
		if (last?.[0]?.label === row.label && last[0].scope === row.scope) last.push(row);
		else joined.push([row]);
	}
	return joined;
};

/** On the board the room's orders rank with its own: both by order. */
export const inOneOrder = (rows: readonly KeyRow[]): readonly KeyRow[] => rows.toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
