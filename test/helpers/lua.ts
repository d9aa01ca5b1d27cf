import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {luaFolder} from '../../source/redis/scripts/table.ts';

/** One identifier that stands for a value: no field, no key of a table. */
type Name = {readonly name: string /** The field that is read of it at once, '' where none is. */; readonly field: string};

/** What a file of Lua says of its names. */
export type LuaNames = {
	/** Locals, parameters and variables of loops, wherever in the file. */
	readonly declared: ReadonlySet<string>;
	/** Locals of the file itself: those that count for the limit of Lua. */
	readonly locals: readonly string[];
	readonly used: readonly Name[];
};

const TOKEN = /--[^\n]*|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[A-Za-z_]\w*|\d[\w.]*|\.\.\.?|[=~<>]=|\S/g;
const KEYWORDS = new Set(
	'and break do else elseif end false for function if in local nil not or repeat return then true until while'.split(' '),
);
const isName = (token: string | undefined): boolean => token !== undefined && /^[A-Za-z_]/.test(token) && !KEYWORDS.has(token);

/** The tokens of Lua without comments. */
const tokensOf = (text: string): readonly string[] => (text.match(TOKEN) ?? []).filter(token => !token.startsWith('--'));

/** Names in a list with commas from `at` on. */
const listAt = (tokens: readonly string[], at: number): readonly string[] => {
	const next = tokens[at + 1] === ',' ? listAt(tokens, at + 2) : [];
	return isName(tokens[at]) ? [tokens[at] ?? '', ...next] : next;
};

/** Reads the names of a file: enough for the scripts of this repository, no parser. */
export const namesIn = (text: string): LuaNames => {
	const tokens = tokensOf(text);
	const used: Name[] = [];
	const open: string[] = [];
	const declared = tokens.flatMap((token, at) => {
		if (token === 'local') return tokens[at + 1] === 'function' ? [tokens[at + 2] ?? ''] : listAt(tokens, at + 1);
		if (token === 'for') return listAt(tokens, at + 1);
		if (token === 'function') return listAt(tokens, tokens.indexOf('(', at) + 1);
		return [];
	});
	for (const [at, token] of tokens.entries()) {
		if ('({['.includes(token)) open.push(token);
		else if (')}]'.includes(token)) open.pop();
		const [before, after] = [tokens[at - 1] ?? '', tokens[at + 1] ?? ''];
		const isKey = open.at(-1) === '{' && after === '=' && ['{', ',', ';'].includes(before);
		if (!isName(token) || before === '.' || before === ':' || isKey) continue;
		used.push({name: token, field: after === '.' ? (tokens[at + 2] ?? '') : ''});
	}
	const locals = [...text.matchAll(/^local (?:function )?([\w, ]+)/gm)].flatMap(([, names = '']) => names.trim().split(/,\s*/));
	return {declared: new Set(declared), locals, used};
};

/** What a fragment gives to others: the names of the table that it returns at its end. */
export const exportsOf = (text: string): readonly string[] => {
	const table = text.slice(text.lastIndexOf('\nreturn {'));
	return [...table.matchAll(/(\w+) = \w+/g)].map(([, name = '']) => name);
};

const folder = luaFolder();
const texts = new Map<string, string>();

/** A script (`claim`) or fragment (`lib/lease`) as it is written. */
export const readScript = (file: string): string => {
	const text = texts.get(file) ?? readFileSync(join(folder, `${file}.lua`), 'utf8');
	texts.set(file, text);
	return text;
};

/** The header of a script or fragment: its first lines of comment. */
export const headerOf = (text: string): string => /^(?:---.*\n)+/.exec(text)?.[0] ?? '';

/** The words that a script may answer with, as its header lists them. */
export const repliesOf = (text: string): readonly string[] => {
	const replies = headerOf(text).split('--- Replies: ')[1]?.split(/^---$/m)[0] ?? '';
	return [...new Set([...replies.matchAll(/'([a-z][a-z-]*)'/g)].map(([, word = '']) => word))];
};
