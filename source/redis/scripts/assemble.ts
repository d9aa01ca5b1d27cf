import {type Fragment, type Piece, renamed, usesOf, wordsIn} from './pieces.ts';

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

/** Reads a fragment by its name; undefined if there is none. */
type ReadFragment = (name: string) => Fragment | undefined;

/** The fragments of a script, each once and after those that it uses. Throws for a cycle or a missing fragment. */
const inOrder = (script: string, readFragment: ReadFragment): ReadonlyMap<string, Fragment> => {
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

/** A script with the fragments that it reaches, and what it needs of them. */
type Reach = {
	readonly byTable: ReadonlyMap<string, Fragment>;
	readonly base: Fragment | undefined;
	/** What a fragment gives to it, in order; constants that stand in their place are not among it. */
	readonly kept: (fragment: Fragment) => readonly Piece[];
};

const reachOf = (script: string, readFragment: ReadFragment): Reach => {
	const fragments = inOrder(script, readFragment);
	const byTable = new Map([...fragments].map(([name, fragment]) => [tableName(name), fragment] as const));
	const base = fragments.get('base');
	const needed = new Set<Piece>();
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
			if (of) need(of, of.exports.get(word.slice(dot + 1)) ?? '');
		}
	};
	needWords(wordsIn(script));
	return {byTable, base, kept: fragment => fragment.pieces.filter(piece => needed.has(piece) && piece.literal === undefined)};
};

/**
 * A script's full text: of `base` and of each fragment that it uses, directly or not, what it needs of it, then the script. Redis creates every
 * function of a script at each call: all of them cost `complete` 20 of its 150 µs.
 */
export const expand = (script: string, readFragment: ReadFragment): string => {
	const {byTable, base, kept} = reachOf(script, readFragment);
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
	const loading = loaders.length > 0 ? base?.declared.get('onDemand') : undefined;
	const parts = [
		[...(base ? kept(base) : []), ...(loading ? [loading] : [])].map(piece => piece.text).join(''),
		variables.join(''),
		functions.length + loaders.length > 0 ? `local fragments\nfragments = {\n${functions.join('')}}\n` : '',
		loaders.length > 0 ? `onDemand(fragments, {\n${loaders.join('')}})\n` : '',
	];
	return [...parts.filter(Boolean), resolved(script, byTable)].join('\n');
};

/** Scripts as one library of Redis, which the digest in its name tells from any other. */
export type Library = {readonly name: string; readonly text: string};

/** The names and the value of a declaration: of `local a, b = nil, {}` they are `a, b` and `nil, {}`. */
const DECLARATION = /^local ([\w, ]+?)\s*(?:=\s*([\s\S]*?))?\s*$/;

/** A declaration of what is the same at each call: its name is in capitals. One of a script calls nothing. */
const CONSTANT = /^local (?:[a-z]\w*_)?[A-Z][A-Z_]+ =/;
const CONSTANT_OF_SCRIPT = /^local [A-Z][A-Z_]+ = [^(]*$/;

const withoutComments = (text: string): string => text.replaceAll(/^\t*---.*\n/gm, '');
const withoutIndents = (text: string): string => text.replaceAll(/^\t+/gm, '');

/** Flags of Redis that the header of a script asks for, such as `no-writes`. */
const flagsOf = (script: string): readonly string[] => /^--- flags: (.+)$/m.exec(script)?.[1]?.split(', ') ?? [];

/** The name of a script's function in a library. */
export const functionName = (library: string, script: string): string => `${library}_${script.replaceAll('-', '_')}`;

/** The left edge of a script: constants, which are made when it is loaded, and what runs at each call. */
const partsOf = (script: string): {readonly constants: string; readonly body: string} => {
	const statements = script.split(/^(?=[A-Za-z_])/m);
	const isConstant = (statement: string): boolean => CONSTANT_OF_SCRIPT.test(statement);
	return {constants: statements.filter(isConstant).join(''), body: statements.filter(statement => !isConstant(statement)).join('')};
};

/**
 * Scripts as one library of Redis (7.0 or later, Valkey): its name and its text. What costs a script at each call is made once, when the
 * library is loaded: its functions and its constants. Guarantee: nothing else is carried from one call to the next, as each call gives the
 * variables of fragments their first values. `digestOf` makes the name from the text, so that a function of one name is the same on every
 * server, as a script of one digest is.
 */
export const assembleLibrary = (
	scripts: Readonly<Record<string, string>>,
	readFragment: ReadFragment,
	digestOf: (text: string) => string,
): Library => {
	const shared: string[] = [];
	const seen = new Set<Piece>();
	const functions = Object.entries(scripts).map(([name, script]) => {
		const {byTable, base, kept} = reachOf(script, readFragment);
		const values: string[] = [];
		for (const [table, fragment] of byTable)
			for (const piece of kept(fragment)) {
				const text = withoutComments(fragment === base ? piece.text : textOf(piece, byTable, {table, fragment}));
				const [, names = '', value] = piece.isFunction || CONSTANT.test(text) ? [] : (DECLARATION.exec(text) ?? []);
				if (names !== '') values.push(`${names} = ${value ?? 'nil'}\n`);
				if (seen.has(piece)) continue;
				seen.add(piece);
				if (names !== '') shared.push(`local ${names}\n`);
				else shared.push(piece.isFunction && fragment !== base ? `fragments.${table}_${piece.names[0]} = ${text}\n` : text);
			}
		const {constants, body} = partsOf(resolved(withoutComments(script), byTable));
		const flags = flagsOf(script).map(flag => `'${flag}'`);
		return (library: string): string =>
			[
				`do\n${constants}redis.register_function({function_name = '${functionName(library, name)}', callback = function(keys, argv)\n`,
				`KEYS, ARGV = keys, argv\n${values.join('')}${body}\nend, flags = {${flags.join(', ')}}})\nend\n`,
			].join('');
	});
	const textOfAll = (library: string): string =>
		withoutIndents(`local KEYS, ARGV\nlocal fragments = {}\n${shared.join('')}${functions.map(text => text(library)).join('')}`);
	const name = digestOf(textOfAll(''));
	return {name, text: `#!lua name=${name}\n${textOfAll(name)}`};
};
