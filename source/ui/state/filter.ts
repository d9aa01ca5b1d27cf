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
