import {createHash} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {assembleLibrary, expand, functionName, type Library} from './assemble.ts';
import {type Fragment, fragmentOf} from './pieces.ts';

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

/**
 * The scripts that run often, and so are functions of the library; the others go as text. Guarantee: with those of one other version they are
 * no more than 64. Of more, a replica frees the old ones in a thread of its own when it copies its primary again, while it loads the new ones:
 * Valkey below 8.1.5 (Debian 13 has 8.1.1) and Redis below 7.4 can crash there (https://github.com/valkey-io/valkey/pull/1826).
 */
export const IN_LIBRARY: readonly ScriptName[] = [
	'submit',
	'claim',
	'renew',
	'progress',
	'complete',
	'decide',
	'comment',
	'join-merge-group',
	'join-test-batch',
	'request-changes',
	'fail',
	'release',
	'reclaim',
	'heartbeat',
	'sweep',
	'lock',
	'unlock',
	'accept-intake',
	'note-taken',
	'register',
	'update-agent',
	'append-event',
	'record-usage',
	'note-base-tests',
	'snapshot',
	'read',
	'list',
	'checkpoint-page',
	'checkpoint',
	'watch-pane',
	'show-pane',
	'take-typed',
];
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

/** A script: its full text with its fragments, the digest of that, and its function in the library. */
export type LoadedScript = {
	readonly name: string;
	readonly text: string;
	readonly sha: string;
	/** None for a script that is in no library. */
	readonly inLibrary?: {readonly library: Library; readonly function: string};
};

/** The package's Lua folder: in the first folder upwards with a package.json and lua/, so that sources and bundle find the same. */
export const luaFolder = (from: string = import.meta.dirname): string => {
	for (let folder = from; ; folder = dirname(folder)) {
		const lua = join(folder, 'lua');
		if (existsSync(join(folder, 'package.json')) && existsSync(lua)) return lua;
		if (dirname(folder) === folder)
			throw new Error(`No folder \`lua\` next to a package.json above \`${from}\`: the package is incomplete.`);
	}
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

/** The fragment `lua/lib/<name>.lua`; undefined if missing. */
export const knownFragment = (name: string): Fragment | undefined => {
	const text = readFragment(name);
	if (!fragments.has(name)) fragments.set(name, text === undefined ? undefined : fragmentOf(text));
	return fragments.get(name);
};

const digestOf = (text: string): string => createHash('sha1').update(text).digest('hex');

/** The library as the build wrote it, or of the scripts as they are. */
export const makeLibrary = (): Library =>
	assembleLibrary(
		Object.fromEntries(IN_LIBRARY.map(name => [name, readFileSync(fileOf(name), 'utf8')])),
		knownFragment,
		text => `agent_room_${digestOf(text).slice(0, 12)}`,
	);

let known: Library | undefined;
/** Putting it together reads each file of Lua, so the build does that; sources that run as they are do it themselves. */
const theLibrary = (): Library => {
	if (known) return known;
	if (import.meta.filename.endsWith('.ts')) known = makeLibrary();
	else {
		const text = readFileSync(join(dirname(luaFolder()), 'dist', 'library.lua'), 'latin1');
		known = {name: /^#!lua name=(\w+)/.exec(text)?.[1] ?? '', text};
	}
	return known;
};

/** `lua/<name>.lua`: its text with its fragments is read and put together when first asked for. */
export const loadScript = (name: string): LoadedScript => {
	const known = scripts.get(name);
	if (known) return known;
	const library = theLibrary();
	const called = functionName(library.name, name);
	let [text, sha] = ['', ''];
	const loaded: LoadedScript = {
		name,
		get text() {
			text ||= expand(readFileSync(fileOf(name), 'utf8'), knownFragment);
			return text;
		},
		get sha() {
			sha ||= digestOf(loaded.text);
			return sha;
		},
		...(library.text.includes(`'${called}'`) ? {inLibrary: {library, function: called}} : {}),
	};
	scripts.set(name, loaded);
	return loaded;
};
