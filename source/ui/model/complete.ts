/** So many files are offered. */
const OFFERED = 5;

/** The word after an `@` at the end of a text, which a file may complete, and where the `@` stands. */
export const wordToComplete = (before: string): {readonly word: string; readonly start: number} | undefined => {
	const word = /(?:^|\s)@([^\s@]*)$/.exec(before)?.[1];
	return word === undefined ? undefined : {word, start: before.length - word.length - 1};
};

/** How well a file fits a word, the least first; undefined where it does not. */
const rank = (file: string, word: string): number | undefined => {
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
		const at = rank(file, word);
		if (at !== undefined) fitting.push({file, rank: at});
	}
	return fitting
		.sort((one, other) => one.rank - other.rank || one.file.length - other.file.length || (one.file < other.file ? -1 : 1))
		.slice(0, OFFERED)
		.map(({file}) => file);
};
