/**
 * What a row can be filtered by: its words, and what `s:` (state), `r:` (role), `a:` (agent), `t:` (task), `p:` (priority) and `h:`
 * (machine) mean for it. Several values of one kind have blanks between.
 */
export type Facts = {
	readonly words: readonly string[];
	readonly s?: string;
	readonly r?: string;
	readonly a?: string;
	readonly t?: string;
	readonly p?: string;
	readonly h?: string;
};

/** How filters are written, for the footer. */
export const FILTER_WORDS = 'words !not s:state r:role a:agent t:task p:1 h:host';

type Test = (facts: Facts) => boolean;

const KINDS = ['s', 'r', 'a', 't', 'p', 'h'] as const;
type Kind = (typeof KINDS)[number];
const LONG: Readonly<Record<Kind, string>> = {s: 'state', r: 'role', a: 'agent', t: 'task', p: 'priority', h: 'host'};
/** `s:` and `state:` are the same. */
const kindOf = (name: string): Kind | undefined => KINDS.find(kind => kind === name || LONG[kind] === name);

const isLike = (whole: string, value: string): boolean =>
	// `dev-1` is that agent and not dev-17 as well; `dev` and `1` are parts of names.
	/\d$/.test(value)
		? whole === value || whole.split('-').includes(value)
		: whole.startsWith(value) || whole.split('-').some(part => part.startsWith(value));

/** A filter word as a predicate. Facts a list lacks never match. `t:` is a whole id; others may be shortened. */
const testOf = (word: string): Test => {
	const [, name = '', written = ''] = /^([a-z]+):(.+)$/.exec(word) ?? [];
	const kind = kindOf(name);
	if (!kind) return ({words}) => words.some(text => text.toLowerCase().includes(word));
	// `p:1` is priority P1.
	const value = kind === 'p' && /^\d$/.test(written) ? `p${written}` : written;
	return facts => {
		const wholes = (facts[kind] ?? '').toLowerCase().split(' ');
		return wholes.some(whole => (kind === 't' ? whole === value : isLike(whole, value)));
	};
};

/** A lone `!` or `s:` is still being typed. */
const isWhole = (word: string): boolean => word !== '!' && !(word.endsWith(':') && kindOf(word.replace(/^!|:$/g, '')));

/** Compiles a filter: all words must match, those after `!` must not. */
export const readFilter = (filter: string): Test => {
	const tests = filter
		.toLowerCase()
		.split(/\s+/)
		.filter(word => word !== '' && isWhole(word))
		.map((word): Test => {
			if (!word.startsWith('!')) return testOf(word);
			const test = testOf(word.slice(1));
			return facts => !test(facts);
		});
	return facts => tests.every(test => test(facts));
};

/** What a query matches: name, synonyms, description. */
export type Ranked = {readonly name: string; readonly words: readonly string[]; readonly text: string};

const isSubsequence = (word: string, text: string): boolean => {
	let at = 0;
	for (const character of text) if (character === word[at]) at++;
	return at === word.length;
};

const scoreOf = (word: string, {name, words, text}: Ranked): number => {
	const [title, detail] = [name.toLowerCase(), text.toLowerCase()];
	if (title === word || words.includes(word)) return 100;
	if (title.startsWith(word)) return 60;
	const parts = title.split(/[^\p{L}\p{N}]+/u);
	if (parts.some(part => part.startsWith(word))) return 40;
	if (words.some(other => other.startsWith(word))) return 30;
	if (detail.split(/[^\p{L}\p{N}]+/u).some(part => part.startsWith(word))) return 20;
	if (title.includes(word)) return 15;
	if (detail.includes(word)) return 8;
	// Letters may be missing within one word only: across words anything would match.
	return word.length > 2 && parts.some(part => part[0] === word[0] && isSubsequence(word, part)) ? 2 : 0;
};

/**
 * Match score: the sum over the query's words, 0 if one does not match. Whole names and synonyms score above prefixes, then mentions, then
 * subsequences (`rsgn` for reassign).
 */
export const rank = (query: string, thing: Ranked): number => {
	const whole = query.trim().toLowerCase();
	const words = whole.split(/\s+/).filter(Boolean);
	const scores = words.map(word => scoreOf(word, thing));
	const bonus = words.length > 1 && (thing.name.toLowerCase() === whole || thing.words.includes(whole)) ? 100 : 0;
	return scores.includes(0) && bonus === 0 ? 0 : bonus + scores.reduce((sum, score) => sum + score, 0);
};

/** Matches, best first, ties in the given order. Without a query all, unchanged. */
export const ranked = <Thing>(query: string, things: readonly Thing[], look: (thing: Thing) => Ranked): readonly Thing[] => {
	if (query.trim() === '') return things;
	return things
		.map(thing => ({thing, score: rank(query, look(thing))}))
		.filter(({score}) => score > 0)
		.sort((left, right) => right.score - left.score)
		.map(({thing}) => thing);
};

/** Limit of offered files. */
const OFFERED = 5;

/** The word after an `@` at the end of a text, and the `@`'s position. */
export const wordToComplete = (before: string): {readonly word: string; readonly start: number} | undefined => {
	const word = /(?:^|\s)@([^\s@]*)$/.exec(before)?.[1];
	return word === undefined ? undefined : {word, start: before.length - word.length - 1};
};

/** How well a file matches, lower is better; undefined if not. */
const closeness = (file: string, word: string): number | undefined => {
	const [whole, part] = [file.toLowerCase(), word.toLowerCase()];
	if (whole.startsWith(part)) return 0;
	if (whole.slice(whole.lastIndexOf('/') + 1).startsWith(part)) return 1;
	return whole.includes(part) ? 2 : undefined;
};

/** Files that match a word, best and shortest first; none if the word is a file. */
export const completions = (files: readonly string[], word: string): readonly string[] => {
	const fitting: {readonly file: string; readonly rank: number}[] = [];
	for (const file of files) {
		if (file === word) return [];
		const at = closeness(file, word);
		if (at !== undefined) fitting.push({file, rank: at});
	}
	return fitting
		.sort((one, other) => one.rank - other.rank || one.file.length - other.file.length || (one.file < other.file ? -1 : 1))
		.slice(0, OFFERED)
		.map(({file}) => file);
};
