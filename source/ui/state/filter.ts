/** What a row can be filtered by: its words, and what `s:` (state), `r:` (role), `t:` (task) and `p:` (priority) mean for it. */
export type Facts = {
	readonly words: readonly string[];
	readonly s?: string;
	readonly r?: string;
	readonly t?: string;
	readonly p?: string;
};

/** How filters are written, for the footer. */
export const FILTER_WORDS = 'words !not s:state r:role t:task p:P0';

type Test = (facts: Facts) => boolean;

/** A word of a filter as a test. What a list knows nothing of, it has not. `t:` is a whole id; the others may be cut short. */
const testOf = (word: string): Test => {
	const [, name = '', value = ''] = /^([srtp]):(.+)$/.exec(word) ?? [];
	if (name === 't') return ({t = ''}) => t.toLowerCase() === value;
	if (name === 's' || name === 'r' || name === 'p')
		return facts =>
			(facts[name] ?? '')
				.toLowerCase()
				.split(/[ -]/)
				.some(part => part.startsWith(value)) || (facts[name] ?? '').toLowerCase().startsWith(value);
	return ({words}) => words.some(text => text.toLowerCase().includes(word));
};

/** Reads a filter once for many rows: all its words must hold, those behind `!` must not. A `!` or `s:` alone is still being typed. */
export const readFilter = (filter: string): Test => {
	const tests = filter
		.toLowerCase()
		.split(/\s+/)
		.filter(word => word !== '' && word !== '!' && !/^!?[srtp]:$/.test(word))
		.map((word): Test => {
			if (!word.startsWith('!')) return testOf(word);
			const test = testOf(word.slice(1));
			return facts => !test(facts);
		});
	return facts => tests.every(test => test(facts));
};
