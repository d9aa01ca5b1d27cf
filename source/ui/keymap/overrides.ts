import {nearest} from '../../core/text/refusal.ts';
import {parseLeader} from '../../terminal/input/bytes.ts';
import {isText, readKey} from './names.ts';
import {isOverRoom, type KeyRow, type Scope, TEXT_SCOPES, titleOf} from './row.ts';

/** Keys by action, null for none. Room actions by name (`zoom`), others with their scope (`queue.later`); `leader` leaves a pane. */
export type KeyOverrides = Readonly<Record<string, string | readonly string[] | null>>;

/** A refused override, or its limits. `name` is from the config. */
export type KeyProblem = {readonly name: string; readonly text: string};

export type Overridden = {
	readonly rows: readonly KeyRow[];
	readonly leaders: readonly [string, ...string[]];
	readonly refusals: readonly KeyProblem[];
	readonly warnings: readonly KeyProblem[];
};

const LEADER = 'ctrl+]';

export const nameOfRow = ({scope, action}: KeyRow): string => (scope === 'room' ? action : `${scope}.${action}`);
/** A terminal's leader, from its environment, overrides the config's; several are separated by commas. */
export const withLeader = (overrides: KeyOverrides = {}, leader = ''): KeyOverrides =>
	leader === '' ? overrides : {...overrides, leader: leader.split(/[\s,]+/).filter(Boolean)};
const nameIn = (scope: Scope, rows: readonly KeyRow[]): string => `in \`${titleOf(scope, rows)}\``;
const listOf = (value: string | readonly string[] | null): readonly string[] =>
	value === null ? [] : typeof value === 'string' ? [value] : value;
const isLeader = (row: KeyRow, table: readonly KeyRow[]): boolean =>
	table.some(own => nameOfRow(own) === nameOfRow(row) && own.keys.includes(LEADER));

const unknown = (name: string, table: readonly KeyRow[]): string => {
	const known = table.map(nameOfRow);
	const near = known.find(other => other.endsWith(`.${name}`)) ?? nearest(name, known);
	return `unknown action \`${name}\`${near ? `; did you mean \`${near}\`?` : ''}`;
};

const readKeys = (name: string, value: KeyOverrides[string]): {keys: readonly string[]; problem: string; doubts: readonly string[]} => {
	const read = listOf(value).map(written => ({written, result: readKey(written)}));
	const bad = read.find(({result}) => !result.ok);
	return {
		keys: [...new Set(read.flatMap(({result}) => (result.ok ? [result.key] : [])))],
		problem: bad && !bad.result.ok ? `\`${bad.written}\` of \`${name}\` cannot be bound: ${bad.result.why}` : '',
		doubts: read.flatMap(({written, result}) => (result.ok && result.doubt ? [`\`${written}\` of \`${name}\`: ${result.doubt}`] : [])),
	};
};

/** Why a row cannot have these keys, regardless of others; '' if it can. */
const misfit = (row: KeyRow, keys: readonly string[], table: readonly KeyRow[]): string => {
	const name = nameOfRow(row);
	if (isLeader(row, table) && row.scope !== 'room') return `\`${name}\` follows \`leader\`: set \`leader\` instead`;
	const text = TEXT_SCOPES.includes(row.scope) ? keys.find(isText) : undefined;
	if (text) return `\`${text}\` of \`${name}\` types text there and cannot be a key`;
	const safe = row.isDanger ? keys.find(key => ['enter', 'esc', 'space'].includes(key)) : undefined;
	if (safe) return `\`${safe}\` of \`${name}\` is too easy to press: choose another key for what cannot be undone`;
	if (keys.length > 0 || row.scope === 'room' || isOverRoom(row.scope, table) || row.action !== 'close') return '';
	return `\`${name}\` needs a key: it leads out`;
};

const readLeaders = (
	value: KeyOverrides[string] | undefined,
): {leaders: Overridden['leaders']; problem: string; doubts: readonly string[]} => {
	const {keys, problem, doubts} = readKeys('leader', value === undefined ? LEADER : value);
	const [first, ...others] = keys.filter(key => parseLeader(key));
	const isRight = problem === '' && first !== undefined && keys.length === others.length + 1;
	if (isRight) return {leaders: [first, ...others], problem: '', doubts};
	const written = value === undefined || value === null ? 'null' : listOf(value).join(', ');
	return {
		leaders: [LEADER],
		problem: problem || `\`leader\` must be ctrl+ and one key, such as \`ctrl+]\`, or a list of them, not \`${written}\``,
		doubts: [],
	};
};

/** The first key shared by two actions of one scope because of an override. */
const clash = (
	rows: readonly KeyRow[],
	changed: ReadonlyMap<string, unknown>,
	table: readonly KeyRow[],
): {key: string; one: KeyRow; other: KeyRow} | undefined => {
	const seen = new Map<string, KeyRow>();
	for (const row of rows) {
		for (const key of row.keys) {
			const one = seen.get(`${row.scope} ${key}`);
			if (one && (changed.has(nameOfRow(one)) || changed.has(nameOfRow(row)) || isLeader(one, table) || isLeader(row, table)))
				return {key, one, other: row};
			seen.set(`${row.scope} ${key}`, row);
		}
	}
	return undefined;
};

/** Changed room keys that a page or panel redefines, or the reverse. */
const shadows = (rows: readonly KeyRow[], changed: ReadonlyMap<string, unknown>): readonly KeyProblem[] =>
	(changed.size === 0 ? [] : rows)
		.filter(({scope}) => isOverRoom(scope, rows))
		.flatMap(own =>
			own.keys.flatMap(key => {
				const hidden = rows.find(({scope, keys}) => scope === 'room' && keys.includes(key));
				if (!hidden || !(changed.has(nameOfRow(own)) || changed.has(nameOfRow(hidden)))) return [];
				const name = changed.has(nameOfRow(hidden)) ? nameOfRow(hidden) : nameOfRow(own);
				return [{name, text: `\`${key}\` is \`${own.action}\` ${nameIn(own.scope, rows)}, not \`${hidden.action}\``}];
			}),
		);

/**
 * Applies overrides to the table, all at once, so that two actions may swap keys. Refuses, without effect: unknown actions, keys no
 * terminal sends, and a key with two meanings in one scope (the later override).
 */
export const override = (table: readonly KeyRow[], overrides: KeyOverrides): Overridden => {
	const refusals: KeyProblem[] = [];
	const doubts: KeyProblem[] = [];
	const {leader: asked, ...rest} = overrides;
	const {leaders: wanted, problem, doubts: doubted} = readLeaders(asked);
	let leaders = wanted;
	if (problem) refusals.push({name: 'leader', text: problem});
	for (const text of doubted) doubts.push({name: 'leader', text});
	/** By row name: its config name and keys. */
	const changed = new Map<string, {readonly name: string; readonly keys: readonly string[]}>();
	for (const [name, value] of Object.entries(rest)) {
		const row = table.find(candidate => nameOfRow(candidate) === name.replace(/^room\./, ''));
		const read = readKeys(name, value);
		const text = row ? read.problem || misfit(row, read.keys, table) : unknown(name, table);
		if (text || !row) refusals.push({name, text});
		else changed.set(nameOfRow(row), {name, keys: read.keys});
		if (!text) for (const doubt of read.doubts) doubts.push({name, text: doubt});
	}
	const apply = (): readonly KeyRow[] =>
		table.map(row => {
			const keys = changed.get(nameOfRow(row))?.keys;
			return {...row, keys: keys ?? row.keys.flatMap(key => (key === LEADER ? leaders : [key]))};
		});
	let rows = apply();
	// Each pass reverts one override, so this ends.
	for (let found = clash(rows, changed, table); found; found = clash(rows, changed, table)) {
		const {key, one, other} = found;
		const order = [...changed.keys()];
		const [kept, loser] = order.indexOf(nameOfRow(one)) > order.indexOf(nameOfRow(other)) ? [other, one] : [one, other];
		const name = changed.get(nameOfRow(loser))?.name;
		if (name === undefined) {
			const taken = isLeader(one, table) ? other : one;
			refusals.push({name: 'leader', text: `\`${key}\` of \`leader\` is already used by \`${nameOfRow(taken)}\``});
			leaders = [LEADER];
		} else {
			refusals.push({name, text: `\`${key}\` of \`${name}\` is already used by \`${isLeader(kept, table) ? 'leader' : nameOfRow(kept)}\``});
			changed.delete(nameOfRow(loser));
		}
		rows = apply();
	}
	const isIn = ({name}: KeyProblem): boolean => !refusals.some(refused => refused.name === name);
	return {rows, leaders, refusals, warnings: [...doubts.filter(isIn), ...shadows(rows, changed)]};
};
