import {createHash} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {type Fragment, fragmentOf, type Piece, renamed, usesOf, wordsIn} from './pieces.ts';

/** One row a script: its arguments after the namespace. A last name with dots is variadic. */
export const SCRIPTS = {
	submit: ['op', 'rows...'],
	plan: ['op', 'task', 'token', 'agent', 'text', 'cancel', 'rows...'],
	claim: ['op', 'agent', 'room', 'leaseMs', 'nonce', 'stages', 'waits', 'wanted'],
	renew: ['task', 'token', 'leaseMs'],
	progress: ['op', 'task', 'agent', 'token', 'text', 'fields...'],
	complete: ['op', 'task', 'agent', 'token', 'stage', 'next', 'nextRole', 'word', 'counts', 'delayMs', 'text', 'waits', 'fields...'],
	decide: ['op', 'task', 'decision', 'next', 'nextRole', 'text', 'fields...'],
	comment: ['op', 'task', 'comment', 'isMustFix', 'role', 'feedback', 'text'],
	'join-merge-group': ['op', 'agent', 'task', 'token', 'leaseMs', 'entries...'],
	'join-test-batch': ['op', 'agent', 'task', 'token', 'leaseMs', 'candidate', 'candidateBase', 'entries...'],
	retest: ['op', 'task', 'candidate', 'role', 'reason'],
	'request-changes': ['op', 'task', 'role', 'reason', 'fields...'],
	fail: ['op', 'task', 'token', 'reason', 'feedback', 'delayMs', 'fields...'],
	refuse: ['op', 'task', 'token', 'decision', 'reason', 'feedback', 'fields...'],
	release: ['op', 'task', 'token', 'reason', 'to', 'fields...'],
	reclaim: ['op', 'task', 'token', 'reason', 'isProven', 'counts', 'delayMs', 'fields...'],
	heartbeat: ['room', 'leaseMs', 'ttlMs', 'load', 'memory', 'draining', 'reaches', 'agentCount', 'entries...'],
	sweep: ['token', 'takers...'],
	lock: ['op', 'name', 'owner', 'token', 'ttlMs', 'waitMs'],
	'accept-intake': [
		'op',
		'mark',
		'id',
		'isExact',
		'title',
		'description',
		'stage',
		'role',
		'priority',
		'needs',
		'after',
		'feature',
		'attempts',
	],
	'note-taken': ['op', 'entries...'],
	'reject-intake': ['op', 'mark', 'reason'],
	'report-external': ['op', 'task', 'word', 'attempts'],
	expire: ['op', 'name', 'beat'],
	'send-mail': ['op', 'from', 'token', 'to', 'text'],
	'read-mail': ['op', 'agent', 'token', 'upTo'],
	unlock: ['op', 'name', 'token'],
	'name-agents': ['op', 'room', 'slots...'],
	'join-team': ['op', 'room', 'machine', 'boot', 'host', 'version', 'data', 'base', 'test', 'leaseMs', 'ttlMs', 'merge', 'replaces'],
	'lead-team': ['room', 'token', 'nonce', 'seen'],
	'resign-lead': ['room', 'token'],
	'leave-team': ['op', 'room'],
	rooms: [],
	'watch-pane': ['agent', 'room', 'ttlMs', 'seen'],
	'show-pane': ['agent', 'room', 'frame'],
	'type-pane': ['agent', 'room', 'number', 'person', 'run', 'seen', 'keys'],
	'take-typed': ['room'],
	'answer-typed': ['agent', 'room', 'to', 'number', 'why'],
	'begin-move': ['room', 'id', 'to'],
	'read-keys': ['names...'],
	'stage-keys': ['id', 'isFirst', 'rows'],
	arrive: ['id', 'merge', 'room', 'text'],
	'drop-keys': ['id', 'names...'],
	'end-move': ['id', 'how'],
	register: ['op', 'agent', 'role', 'capabilities', 'room', 'harness', 'host', 'account'],
	throttle: ['op', 'account', 'agent', 'retryMs', 'reason'],
	'clear-rate-limit': ['op', 'account'],
	'update-agent': ['op', 'agent', 'text', 'fields...'],
	control: ['op', 'text', 'fields...'],
	cancel: ['op', 'task', 'reason', 'by', 'isWhole'],
	retry: ['op', 'task'],
	revert: ['op', 'task', 'mergedCommit', 'id', 'title', 'description', 'role', 'attempts', 'commit', 'branch', 'worktree', 'base'],
	unmerge: ['op', 'task', 'mergedCommit', 'why'],
	remerge: ['op', 'task', 'was', 'mergedCommit', 'text'],
	pull: ['op', 'task', 'head', 'outcome', 'role', 'mergedCommit', 'text', 'fields...'],
	stray: ['op', 'task', 'agent', 'from', 'to', 'text'],
	unstray: ['op', 'commit', 'text'],
	'note-base-tests': ['op', 'was', 'type', 'task', 'text', 'fields...'],
	'remove-dependency': ['op', 'task', 'without'],
	reorder: ['op', 'task', 'other'],
	'set-priority': ['op', 'task', 'priority'],
	'set-wait-reason': ['op', 'task', 'waitReason'],
	'append-event': ['op', 'type', 'task', 'agent', 'text'],
	snapshot: ['eventCount'],
	read: ['isWhole', 'ids...'],
	list: ['cursor', 'size'],
	'checkpoint-page': ['version', 'interval', 'cursor'],
	checkpoint: ['op', 'version', 'interval', 'from', 'exact', 'position', 'parts...'],
	record: [],
	'close-agents': ['ids...'],
	'record-usage': ['op', 'task', 'agent', 'token', 'micros', 'tokensIn', 'tokensOut', 'tokensCached', 'counter', 'cancelledCalls', 'model'],
	'check-epoch': ['epoch', 'nonce', 'streamId', 'hasTasks', 'fresh'],
	'check-server': ['commands...'],
	rebuild: ['op', 'rebuild', 'isFirst', 'nonces', 'rows...'],
	'accept-epoch': ['op', 'epoch', 'nonce', 'fresh', 'why', 'isHealed'],
	testify: ['op', 'room', 'isFirst', 'rows...'],
} as const satisfies Record<string, readonly string[]>;

export type ScriptName = keyof typeof SCRIPTS;
type NamesOf<Name extends ScriptName> = (typeof SCRIPTS)[Name][number];
/** A script's arguments by name; the caller adds `op`, a variadic one is a list. */
export type ArgumentsOf<Name extends ScriptName> = {
	readonly [Argument in Exclude<NamesOf<Name>, 'op'>]: Argument extends `${string}...` ? readonly string[] : string | number | boolean;
};

const text = (value: string | number | boolean): string => (typeof value === 'boolean' ? (value ? '1' : '0') : String(value));

/** ARGV of a call: namespace, then the row's arguments. */
export const argumentList = <Name extends ScriptName>(
	name: Name,
	namespace: string,
	op: string,
	given: ArgumentsOf<Name>,
): readonly string[] => {
	const values: Readonly<Record<string, string | number | boolean | readonly string[]>> = {...given, op};
	return [
		namespace,
		...SCRIPTS[name].flatMap((argument: string) => {
			const value = values[argument];
			if (value === undefined) throw new TypeError(`The script \`${name}\` needs \`${argument}\`.`);
			return typeof value === 'object' ? value : [text(value)];
		}),
	];
};

/** A script's full text with its fragments, and its digest. */
export type LoadedScript = {readonly name: string; readonly text: string; readonly sha: string};

/** The package's Lua folder: in the first folder upwards with a package.json and lua/, so that sources and bundle find the same. */
export const luaFolder = (from: string = import.meta.dirname): string => {
	for (let folder = from; ; folder = dirname(folder)) {
		const lua = join(folder, 'lua');
		if (existsSync(join(folder, 'package.json')) && existsSync(lua)) return lua;
		if (dirname(folder) === folder)
			throw new Error(`No folder \`lua\` next to a package.json above \`${from}\`: the package is incomplete.`);
	}
};

/** A fragment's name in Lua: `lock-view` is `lockView`. */
export const tableName = (fragment: string): string => fragment.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/**
 * How a script reads a name that a fragment declares: a constant as its value, a variable as a local of the script, a function as a field of
 * the one table that has them all. Redis makes every function again at each call; one that holds only this table costs half of one that holds
 * each function that it calls, and a table for each fragment as much as two more.
 */
const readAs = (table: string, name: string, piece: Piece): string =>
	piece.literal ?? (piece.isFunction ? `fragments.${table}_${name}` : `${table}_${name}`);

/** A text of a fragment, or of a script without `own`, with all that is of fragments by the names that it has in a script. */
const resolved = (
	text: string,
	byTable: ReadonlyMap<string, Fragment>,
	own?: {readonly table: string; readonly fragment: Fragment},
): string =>
	renamed(text, (name, field) => {
		const piece = field === undefined ? own?.fragment.declared.get(name) : undefined;
		if (own && piece) return readAs(own.table, name, piece);
		const other = field === undefined || own?.fragment.declared.has(name) ? undefined : byTable.get(name);
		const local = other?.exports.get(field ?? '');
		const given = local === undefined ? undefined : other?.declared.get(local);
		return local !== undefined && given ? readAs(name, local, given) : undefined;
	});

/** Texts of pieces by their new names: what a piece reads are always the same fragments. */
const resolvedTexts = new WeakMap<Piece, string>();
const textOf = (
	piece: Piece,
	byTable: ReadonlyMap<string, Fragment>,
	own: {readonly table: string; readonly fragment: Fragment},
): string => {
	const known = resolvedTexts.get(piece);
	if (known !== undefined) return known;
	const text = piece.isFunction
		? resolved(piece.text.replace(/^local function \w+/, 'function'), byTable, own).trimEnd()
		: `local ${resolved(piece.text.slice('local '.length), byTable, own)}`;
	resolvedTexts.set(piece, text);
	return text;
};

/** The fragments of a script, each once and after those that it uses. Throws for a cycle or a missing fragment. */
const inOrder = (script: string, readFragment: (name: string) => Fragment | undefined): ReadonlyMap<string, Fragment> => {
	const found = new Map<string, Fragment>();
	const follow = (name: string, path: readonly string[]): void => {
		if (path.includes(name))
			throw new Error(`Fragments use one another in a ring: ${[...path.slice(path.indexOf(name)), name].join(' > ')}.`);
		if (found.has(name)) return;
		const fragment = readFragment(name);
		if (fragment === undefined) throw new Error(`There is no fragment \`${name}\`, which ${path.at(-1) ?? 'the script'} uses.`);
		for (const used of fragment.uses) follow(used, [...path, name]);
		found.set(name, fragment);
	};
	for (const name of ['base', ...usesOf(script)]) follow(name, []);
	return found;
};

/**
 * A script's full text: of `base` and of each fragment that it uses, directly or not, what it needs of it, then the script. Redis creates every
 * function of a script at each call: all of them cost `complete` 20 of its 150 µs.
 */
export const expand = (script: string, readFragment = knownFragment): string => {
	const fragments = inOrder(script, readFragment);
	const byTable = new Map([...fragments].map(([name, fragment]) => [tableName(name), fragment] as const));
	const base = fragments.get('base');
	const needed = new Set<Fragment['pieces'][number]>();
	const need = (fragment: Fragment | undefined, name: string): void => {
		const piece = fragment?.declared.get(name);
		if (!piece || needed.has(piece)) return;
		needed.add(piece);
		needWords(piece.words(), fragment);
	};
	const needWords = (words: ReadonlySet<string>, own?: Fragment): void => {
		for (const word of words) {
			const dot = word.indexOf('.');
			const name = dot < 0 ? word : word.slice(0, dot);
			need(own, name);
			need(base, name);
			const of = dot < 0 ? undefined : byTable.get(name);
			if (of?.isOnDemand) need(base, 'onDemand');
			if (of) need(of, of.exports.get(word.slice(dot + 1)) ?? '');
		}
	};
	needWords(wordsIn(script));
	const kept = (fragment: Fragment): readonly Piece[] => fragment.pieces.filter(piece => needed.has(piece) && piece.literal === undefined);
	const variables: string[] = [];
	const functions: string[] = [];
	const loaders: string[] = [];
	for (const [table, fragment] of byTable) {
		if (fragment === base) continue;
		const own = {table, fragment};
		const pieces = kept(fragment);
		const others = pieces.filter(piece => !piece.isFunction).map(piece => textOf(piece, byTable, own));
		const named = pieces
			.filter(piece => piece.isFunction)
			.map(piece => [`${table}_${piece.names[0]}`, textOf(piece, byTable, own)] as const);
		if (fragment.isOnDemand && named.length > 0)
			loaders.push(
				`${table} = function()\n${others.join('')}${named.map(([name, text]) => `fragments.${name} = ${text}\n`).join('')}end,\n`,
			);
		else {
			variables.push(...others);
			functions.push(...named.map(([name, text]) => `${name} = ${text},\n`));
		}
	}
	const parts = [
		(base ? kept(base) : []).map(piece => piece.text).join(''),
		variables.join(''),
		functions.length + loaders.length > 0 ? `local fragments\nfragments = {\n${functions.join('')}}\n` : '',
		loaders.length > 0 ? `onDemand(fragments, {\n${loaders.join('')}})\n` : '',
	];
	return [...parts.filter(Boolean), resolved(script, byTable)].join('\n');
};

let folder: string | undefined;
const fileOf = (name: string): string => {
	folder ??= luaFolder();
	return join(folder, `${name}.lua`);
};

const texts = new Map<string, string | undefined>();
const fragments = new Map<string, Fragment | undefined>();
const scripts = new Map<string, LoadedScript>();

/** The text of `lua/lib/<name>.lua`, read once a process; undefined if missing. */
export const readFragment = (name: string): string | undefined => {
	const file = fileOf(`lib/${name}`);
	if (!texts.has(name)) texts.set(name, existsSync(file) ? readFileSync(file, 'utf8') : undefined);
	return texts.get(name);
};

const knownFragment = (name: string): Fragment | undefined => {
	const text = readFragment(name);
	if (!fragments.has(name)) fragments.set(name, text === undefined ? undefined : fragmentOf(text));
	return fragments.get(name);
};

/** Reads `lua/<name>.lua` with its fragments, once a process. */
export const loadScript = (name: string): LoadedScript => {
	const known = scripts.get(name);
	if (known) return known;
	const text = expand(readFileSync(fileOf(name), 'utf8'));
	const loaded = {name, text, sha: createHash('sha1').update(text).digest('hex')};
	scripts.set(name, loaded);
	return loaded;
};
