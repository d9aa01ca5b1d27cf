/** A statement at the left edge of a fragment: a function, a constant or a variable. */
export type Piece = {
	/** What it declares; none for a statement that is always kept. */
	readonly names: readonly string[];
	/** Every name in it, one with a field as `table.field`: more than it uses, never less. Found when first asked for. */
	readonly words: () => ReadonlySet<string>;
	readonly text: string;
	readonly isFunction: boolean;
	/** The value of a constant, which is written in its place. */
	readonly literal: string | undefined;
};

/** A fragment in pieces. Its last one says what it gives to others, by their names for it. */
export type Fragment = {
	readonly pieces: readonly Piece[];
	/** The piece that declares a name. */
	readonly declared: ReadonlyMap<string, Piece>;
	readonly exports: ReadonlyMap<string, string>;
	readonly uses: readonly string[];
	/** Run when it is first used, if it is at all. */
	readonly isOnDemand: boolean;
};

/** The scripts and fragments that a text uses itself, as its header says in `--- uses: a, b`. */
export const usesOf = (text: string): readonly string[] => /^--- uses: (.+)$/m.exec(text)?.[1]?.split(', ') ?? [];

/** Every name in a text of Lua, one with a field as `table.field`. */
export const wordsIn = (text: string): ReadonlySet<string> => {
	const words = new Set<string>();
	for (const word of text.replace(/^\s*---.*$/gm, '').match(/[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?/g) ?? []) words.add(word);
	return words;
};

const once = <Value>(make: () => Value): (() => Value) => {
	let made: {readonly value: Value} | undefined;
	return () => {
		made ??= {value: make()};
		return made.value;
	};
};

const namesOf = (text: string): readonly string[] =>
	/^local (?:function )?([\w, ]+)/
		.exec(text)?.[1]
		?.split(',')
		.map(name => name.trim()) ?? [];

/** Reads a fragment. Statements begin at the left edge, and nothing else but their `end` and brackets stands there. */
export const fragmentOf = (text: string): Fragment => {
	const code = text.replace(/^---.*\n/gm, '');
	const statements = code.split(/^(?=[A-Za-z_])(?!end\b)/m).filter(statement => statement.trim() !== '');
	const given = statements.find(statement => statement.startsWith('return ')) ?? '';
	const pieces = statements
		.filter(statement => statement !== given)
		.map(
			(statement): Piece => ({
				names: namesOf(statement),
				words: once(() => wordsIn(statement)),
				text: `${statement.trimEnd()}\n`,
				isFunction: statement.startsWith('local function '),
				literal: /^local [A-Z_]+ = (\d+|'[^'\\]*')\s*$/.exec(statement)?.[1],
			}),
		);
	return {
		pieces,
		declared: new Map(pieces.flatMap(piece => piece.names.map(name => [name, piece] as const))),
		exports: new Map([...given.matchAll(/(\w+) = (\w+)/g)].map(([, name = '', local = '']) => [name, local] as const)),
		uses: usesOf(text),
		isOnDemand: /^--- Run when first used/m.test(text),
	};
};

/** Comments, texts, names with at most one field, brackets, and what is between them. */
const TOKENS = /--[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?|[{}]|[^A-Za-z_'"{}-]+|-/g;

/**
 * A text with other names. `of` gives the new one of a name, or of a name with a field, and undefined where it stays. Fields of others and
 * keys of a table stay in any case.
 */
export const renamed = (text: string, of: (name: string, field: string | undefined) => string | undefined): string => {
	const tokens = text.match(TOKENS) ?? [];
	let depth = 0;
	const isField = (at: number): boolean => /(?:^|[^.])\.$|:$/.test(tokens[at - 1] ?? '');
	const isKey = (at: number): boolean =>
		depth > 0 && /^\s*=(?!=)/.test(tokens[at + 1] ?? '') && /[{,]\s*$/.test(`${tokens[at - 2] ?? ''}${tokens[at - 1] ?? ''}`);
	return tokens
		.map((token, at) => {
			if (token === '{') depth++;
			else if (token === '}') depth--;
			if (!/^[A-Za-z_]/.test(token)) return token;
			const dot = token.indexOf('.');
			const name = dot < 0 ? token : token.slice(0, dot);
			const field = dot < 0 ? undefined : token.slice(dot + 1);
			const first = of(name, undefined);
			const given = field === undefined ? first : (of(name, field) ?? (first && `${first}.${field}`));
			return given === undefined || isField(at) || isKey(at) ? token : given;
		})
		.join('');
};
