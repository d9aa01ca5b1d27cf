/** A statement at the left edge of a fragment: a function, a constant or a variable. */
type Piece = {
	/** What it declares; none for a statement that is always kept. */
	readonly names: readonly string[];
	/** Every name in it, one with a field as `table.field`: more than it uses, never less. Found when first asked for. */
	readonly words: () => ReadonlySet<string>;
	readonly text: string;
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
		.map((statement): Piece => {
			let words: ReadonlySet<string> | undefined;
			return {
				names: namesOf(statement),
				words: () => {
					words ??= wordsIn(statement);
					return words;
				},
				text: `${statement.trimEnd()}\n`,
			};
		});
	return {
		pieces,
		declared: new Map(pieces.flatMap(piece => piece.names.map(name => [name, piece] as const))),
		exports: new Map([...given.matchAll(/(\w+) = (\w+)/g)].map(([, name = '', local = '']) => [name, local] as const)),
		uses: usesOf(text),
		isOnDemand: /^--- Run when first used/m.test(text),
	};
};
