import type {KeyRow, Need, Scope} from './key-row.ts';
import {KEYS} from './keys.ts';

/** The keys that count in this view: the table with a person's overrides. */
export type Keymap = {
	readonly rows: readonly KeyRow[];
	/** The row of a key in a scope. */
	find(scope: Scope, key: string): KeyRow | undefined;
	/** Its row in the first of these scopes that has the key. */
	findIn(scopes: readonly Scope[], key: string): KeyRow | undefined;
	/** The leader, which alone leaves a pane: `ctrl+]` unless configured. */
	readonly leader: string;
	/** Overrides that were refused, as sentences naming both actions. */
	readonly refusals: readonly string[];
};

/** `action` -> key(s), or null to unbind; `leader` sets the way out of a pane. Names of actions are those of the room's scope. */
export type KeyOverrides = Readonly<Record<string, string | readonly string[] | null>>;

const listOf = (value: string | readonly string[] | null): readonly string[] =>
	value === null ? [] : typeof value === 'string' ? [value] : value;

/**
 * Applies overrides to the rows of the room's scope. An override that would take another action's key, or that names no action,
 * is refused and changes nothing; each is judged after all that came before.
 */
export const createKeymap = (overrides: KeyOverrides = {}): Keymap => {
	const refusals: string[] = [];
	const {leader: asked = 'ctrl+]', ...rest} = overrides;
	const [wanted] = listOf(asked);
	const isLeader = wanted !== undefined && /^ctrl\+[a-z\]\\^_]$/.test(wanted);
	if (!isLeader) refusals.push(`keys: \`leader\` must be ctrl+ and one key, such as \`ctrl+]\`, not \`${wanted ?? 'null'}\``);
	const leader = isLeader ? wanted : 'ctrl+]';
	let rows: readonly KeyRow[] = KEYS.map((row: KeyRow) => ({...row, keys: row.keys.map(key => (key === 'ctrl+]' ? leader : key))}));
	for (const [action, value] of Object.entries(rest)) {
		const row = rows.find(candidate => candidate.scope === 'room' && candidate.action === action);
		if (!row) {
			refusals.push(`keys: there is no action \`${action}\``);
			continue;
		}
		const keys = listOf(value);
		const taken = rows.find(other => other.scope === 'room' && other !== row && other.keys.some(key => keys.includes(key)));
		if (taken) {
			refusals.push(
				`keys: \`${keys.find(key => taken.keys.includes(key)) ?? ''}\` of \`${action}\` belongs to \`${taken.action}\` already`,
			);
			continue;
		}
		rows = rows.map(candidate => (candidate === row ? {...row, keys} : candidate));
	}
	const byKey = new Map(rows.flatMap(row => row.keys.map(key => [`${row.scope} ${key}`, row] as const)));
	const find = (scope: Scope, key: string): KeyRow | undefined => byKey.get(`${scope} ${key}`);
	const findIn = (scopes: readonly Scope[], key: string): KeyRow | undefined =>
		scopes.map(scope => find(scope, key)).find(row => row !== undefined);
	return {rows, find, findIn, leader, refusals};
};

const LABELS: Readonly<Record<string, string>> = {
	enter: '↵',
	space: 'space',
	up: '↑',
	down: '↓',
	left: '←',
	right: '→',
	'shift+tab': 'S-tab',
};

/** A key as the footer and the help write it: `↵`, `^D`, `S-tab`; in words where only ASCII can be shown. */
export const keyLabel = (key: string, isAscii: boolean): string => {
	if (isAscii && (LABELS[key]?.length ?? 0) === 1) return key;
	return LABELS[key] ?? key.replace(/^ctrl\+(.)$/, (_, character: string) => `^${character.toUpperCase()}`);
};

/** Rows of a scope that have a hint now, in the footer's order. */
export const hintRows = (keymap: Keymap, scope: Scope, has: ReadonlySet<Need>): readonly KeyRow[] =>
	keymap.rows
		.filter(row => row.scope === scope && row.order !== undefined && row.keys.length > 0 && (!row.needs || has.has(row.needs)))
		.sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
