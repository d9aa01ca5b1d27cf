/** What a piece of code is: enough to read a change by, never a whole grammar. */
export type Kind = 'code' | 'keyword' | 'literal' | 'comment';
export type Piece = {readonly text: string; readonly kind: Kind};

/** What the end of a line is inside of: a comment or a text of several lines. */
export type Inside = {readonly kind: 'comment' | 'literal'; readonly close: string} | undefined;

export type Language = {
	/** What begins a comment until the end of the line; `#` only after a space. */
	readonly line: readonly string[];
	/** Comments and texts that may go over lines. */
	readonly blocks: readonly {readonly kind: 'comment' | 'literal'; readonly open: string; readonly close: string}[];
	readonly quotes: string;
	readonly keywords: ReadonlySet<string>;
	/** Keywords in capital letters too. */
	readonly isCaseless?: boolean;
};

const words = (...lists: readonly string[]): ReadonlySet<string> => new Set(lists.join(' ').split(' '));

const FLOW = 'if else for while do switch case default break continue return try catch finally throw';
const TYPES = 'class interface enum extends implements static public private protected abstract final new this super true false null';
const SCRIPT = 'const let var function async await yield of in instanceof typeof void delete import export from as type readonly undefined';
const C_TYPES = 'int long short char float double bool void unsigned signed struct union typedef sizeof const extern inline';

const star = {kind: 'comment', open: '/*', close: '*/'} as const;
const textOf = (open: string) => ({kind: 'literal', open, close: open}) as const;

const slashes = (keywords: ReadonlySet<string>, more: Partial<Language> = {}): Language => ({
	...{line: ['//'], blocks: [star], quotes: '"\'', keywords},
	...more,
});
const hashes = (keywords: ReadonlySet<string>, more: Partial<Language> = {}): Language => ({
	...{line: ['#'], blocks: [], quotes: '"\'', keywords},
	...more,
});

const script = slashes(words(FLOW, TYPES, SCRIPT), {blocks: [star, textOf('`')]});
const c = slashes(words(FLOW, TYPES, C_TYPES, 'namespace template typename using virtual override auto goto nullptr'));
const data = hashes(words('true false null yes no on off'));
const LANGUAGES: Readonly<Record<string, Language>> = {
	...{ts: script, tsx: script, mts: script, cts: script, js: script, jsx: script, mjs: script, cjs: script, vue: script, svelte: script},
	...{c, h: c, cc: c, cpp: c, hpp: c, m: c},
	java: slashes(words(FLOW, TYPES, C_TYPES, 'package import throws instanceof synchronized record var')),
	cs: slashes(words(FLOW, TYPES, C_TYPES, 'namespace using string var async await override virtual readonly get set')),
	kt: slashes(words(FLOW, TYPES, 'fun val var when is in object data sealed override import package suspend'), {
		blocks: [star, textOf('"""')],
	}),
	scala: slashes(words(FLOW, TYPES, 'def val var object trait match with given using import package'), {blocks: [star, textOf('"""')]}),
	swift: slashes(words(FLOW, TYPES, 'func let var guard struct protocol extension where in nil self async await import')),
	dart: slashes(words(FLOW, TYPES, SCRIPT, 'late required mixin with int double bool String')),
	go: slashes(
		words(FLOW, 'func var const type struct interface map chan range go defer select package import nil true false error string'),
		{
			blocks: [star, textOf('`')],
		},
	),
	rs: slashes(
		words(
			FLOW,
			'fn let mut const static struct enum impl trait pub use mod crate self Self super where match loop move ref async await dyn',
		),
		{quotes: '"'},
	),
	php: slashes(words(FLOW, TYPES, 'function fn echo use namespace array foreach match'), {line: ['//', '#']}),
	...{css: slashes(words('important media import supports keyframes'), {line: []}), scss: slashes(words('mixin include use media'))},
	...{json: slashes(words('true false null')), jsonc: slashes(words('true false null'))},
	py: hashes(
		words(
			'def class return if elif else for while break continue pass import from as with try except finally raise yield lambda',
			'and or not in is None True False global nonlocal async await assert del match case self',
		),
		{blocks: [textOf('"""'), textOf("'''")]},
	),
	rb: hashes(
		words(
			'def class module end if elsif else unless while until do return yield begin rescue ensure raise require nil true false self and or not',
		),
	),
	sh: hashes(words('if then elif else fi for while until do done case esac in function return local export set unset exit')),
	...{yaml: data, yml: data, toml: data, ini: data, conf: data},
	lua: hashes(words('local function end if then elseif else for while repeat until do return break nil true false and or not in'), {
		...{
			line: ['--'],
			blocks: [
				{kind: 'comment', open: '--[[', close: ']]'},
				{kind: 'literal', open: '[[', close: ']]'},
			],
		},
	}),
	sql: hashes(
		words(
			'select from where insert into values update set delete create alter drop table index view join left right inner outer on and or not',
			'null as order by group having limit primary key references default unique exists in is begin commit rollback',
		),
		{line: ['--'], blocks: [star], isCaseless: true},
	),
	...{ex: hashes(words('def defp defmodule do end if else case cond fn when nil true false use import alias'), {blocks: [textOf('"""')]})},
	hs: slashes(words('module import where let in case of data type class instance do if then else'), {line: ['--'], blocks: []}),
};
const SAME: Readonly<Record<string, string>> = {
	bash: 'sh',
	zsh: 'sh',
	fish: 'sh',
	dockerfile: 'sh',
	makefile: 'sh',
	exs: 'ex',
	pyi: 'py',
	rake: 'rb',
};

/** The language of a file, by its name alone; undefined for prose and for what is not known. */
export const languageOf = (path: string): Language | undefined => {
	const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
	const end = name.slice(name.lastIndexOf('.') + 1);
	const key = SAME[end] ?? end;
	return Object.hasOwn(LANGUAGES, key) ? LANGUAGES[key] : undefined;
};

const WORD = /[\p{L}\p{N}_$]/u;
const DIGIT = /[0-9]/;

/** Where the word that begins at `at` ends. */
const wordEnd = (text: string, at: number): number => {
	let end = at;
	while (end < text.length && WORD.test(text[end] ?? '')) end++;
	return end;
};

/** Behind the text that opens at `at`, -1 if it does not close on this line: then it is an apostrophe. */
const quoteEnd = (text: string, at: number): number => {
	for (let end = at + 1; end < text.length; end++) {
		if (text[end] === '\\') end++;
		else if (text[end] === text[at]) return end + 1;
	}
	return -1;
};

/** Behind what closes a block; the end of the line, and undefined, where nothing does. */
const blockEnd = (text: string, from: number, {kind, close}: NonNullable<Inside>): readonly [end: number, isClosed: boolean] => {
	for (let at = from; at < text.length; at++) {
		if (kind === 'literal' && text[at] === '\\') at++;
		else if (text.startsWith(close, at)) return [at + close.length, true];
	}
	return [text.length, false];
};

/**
 * Cuts a line of code into pieces, which together are the line. Each character is looked at a fixed number of times, whatever it is: what an
 * agent wrote cannot make this slow, as it could a grammar of regular expressions.
 */
export const piecesOf = (
	text: string,
	language: Language,
	inside: Inside,
): {readonly pieces: readonly Piece[]; readonly inside: Inside} => {
	const {line, blocks, quotes, keywords, isCaseless} = language;
	const pieces: Piece[] = [];
	let code = '';
	const add = (kind: Kind, piece: string): void => {
		if (kind === 'code') code += piece;
		else {
			if (code !== '') pieces.push({text: code, kind: 'code'});
			code = '';
			if (piece !== '') pieces.push({text: piece, kind});
		}
	};
	let within = inside;
	let unclosed = '';
	for (let at = 0; at < text.length; ) {
		if (within) {
			const [end, isClosed] = blockEnd(text, at, within);
			add(within.kind, text.slice(at, end));
			if (isClosed) within = undefined;
			at = end;
			continue;
		}
		const character = text[at] ?? '';
		const block = blocks.find(({open}) => text.startsWith(open, at));
		if (block) {
			add(block.kind, block.open);
			within = block;
			at += block.open.length;
			continue;
		}
		if (line.some(open => text.startsWith(open, at) && (open !== '#' || at === 0 || /\s/.test(text[at - 1] ?? '')))) {
			add('comment', text.slice(at));
			break;
		}
		// Once a quote does not close, no further one of its kind is looked for: it would be looked for again and again.
		const isQuote = quotes.includes(character) && !unclosed.includes(character);
		const closed = isQuote ? quoteEnd(text, at) : -1;
		if (isQuote && closed < 0) unclosed += character;
		const end = closed > 0 ? closed : Math.max(at + 1, wordEnd(text, at));
		const word = text.slice(at, end);
		const isKeyword = keywords.has(isCaseless ? word.toLowerCase() : word);
		add(closed > 0 || DIGIT.test(character) ? 'literal' : isKeyword ? 'keyword' : 'code', word);
		at = end;
	}
	add('comment', '');
	return {pieces, inside: within && {kind: within.kind, close: within.close}};
};
