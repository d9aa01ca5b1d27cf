/**
 * What a row can be filtered by: its words, and what `s:` (state), `r:` (role), `a:` (agent), `t:` (task) and `p:` (priority) mean for it. Several
 * values of one kind have blanks between.
 */
export type Facts = {
	readonly words: readonly string[];
	readonly s?: string;
	readonly r?: string;
	readonly a?: string;
	readonly t?: string;
	readonly p?: string;
};

/** How filters are written, for the footer. */
export const FILTER_WORDS = 'words !not s:state r:role a:agent t:task p:1';

type Test = (facts: Facts) => boolean;

const KINDS = ['s', 'r', 'a', 't', 'p'] as const;
type Kind = (typeof KINDS)[number];
const LONG: Readonly<Record<Kind, string>> = {s: 'state', r: 'role', a: 'agent', t: 'task', p: 'priority'};
/** `s:` and `state:` are the same. */
const kindOf = (name: string): Kind | undefined => KINDS.find(kind => kind === name || LONG[kind] === name);

const isLike = (whole: string, value: string): boolean =>
	// `dev-1` is that agent and not dev-17 as well; `dev` and `1` are parts of names.
	/\d$/.test(value)
		? whole === value || whole.split('-').includes(value)
		: whole.startsWith(value) || whole.split('-').some(part => part.startsWith(value));

/** A word of a filter as a test. What a list knows nothing of, it has not. `t:` is a whole id; the others may be cut short. */
const testOf = (word: string): Test => {
	const [, name = '', written = ''] = /^([a-z]+):(.+)$/.exec(word) ?? [];
	const kind = kindOf(name);
	if (!kind) return ({words}) => words.some(text => text.toLowerCase().includes(word));
	// `p:1` is the band P1.
	const value = kind === 'p' && /^\d$/.test(written) ? `p${written}` : written;
	return facts => {
		const wholes = (facts[kind] ?? '').toLowerCase().split(' ');
		return wholes.some(whole => (kind === 't' ? whole === value : isLike(whole, value)));
	};
};

/** A `!` or `s:` alone is still being typed. */
const isWhole = (word: string): boolean => word !== '!' && !(word.endsWith(':') && kindOf(word.replace(/^!|:$/g, '')));

/** Reads a filter once for many rows: all its words must hold, those behind `!` must not. */
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

/** What a query is compared with: what a thing is called, and what else is said about it. */
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
	// Letters left out are forgiven within one word only: across words anything fits anything.
	return word.length > 2 && parts.some(part => part[0] === word[0] && isSubsequence(word, part)) ? 2 : 0;
};

/**
 * How well a query fits: the sum over its words, 0 if one of them fits nowhere. Whole names and other words for it come before beginnings,
 * these before what is only mentioned, and letters in their order (`rsgn` for reassign) last.
 */
export const rank = (query: string, thing: Ranked): number => {
	const whole = query.trim().toLowerCase();
	const words = whole.split(/\s+/).filter(Boolean);
	const scores = words.map(word => scoreOf(word, thing));
	const bonus = words.length > 1 && (thing.name.toLowerCase() === whole || thing.words.includes(whole)) ? 100 : 0;
	return scores.includes(0) && bonus === 0 ? 0 : bonus + scores.reduce((sum, score) => sum + score, 0);
};

/** What fits a query, the best first; where two fit alike, in the order given. Without a query all of it as it is. */
export const ranked = <Thing>(query: string, things: readonly Thing[], look: (thing: Thing) => Ranked): readonly Thing[] => {
	if (query.trim() === '') return things;
	return things
		.map(thing => ({thing, score: rank(query, look(thing))}))
		.filter(({score}) => score > 0)
		.sort((left, right) => right.score - left.score)
		.map(({thing}) => thing);
};

/** So many files are offered. */
const OFFERED = 5;

/** The word after an `@` at the end of a text, which a file may complete, and where the `@` stands. */
export const wordToComplete = (before: string): {readonly word: string; readonly start: number} | undefined => {
	const word = /(?:^|\s)@([^\s@]*)$/.exec(before)?.[1];
	return word === undefined ? undefined : {word, start: before.length - word.length - 1};
};

/** How well a file fits a word, the least first; undefined if it does not. */
const closeness = (file: string, word: string): number | undefined => {
	const [whole, part] = [file.toLowerCase(), word.toLowerCase()];
	if (whole.startsWith(part)) return 0;
	if (whole.slice(whole.lastIndexOf('/') + 1).startsWith(part)) return 1;
	return whole.includes(part) ? 2 : undefined;
};

/** The files that a word may mean, best first and short ones before long ones; none where it is one already. */
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
