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
 * How well a query fits: the sum over its words, 0 where one of them fits nowhere. Whole names and other words for it come before beginnings,
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
