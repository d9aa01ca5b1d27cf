const RULE = /^\s*[─━╭╰][─━]{8,}[─━╮╯]?\s*$/;
const PROMPT = /^\s*[│┃]?\s*[❯>›]/;
/** The box with its footer at most: a rule further up belongs to the output. */
const MAX_ROWS = 12;

/** Rows of a screen up to the input box that a CLI draws at the bottom: what it printed last is above it. */
export const aboveInputBox = (rows: readonly string[]): readonly string[] => {
	const bottom = rows.findLastIndex(row => RULE.test(row));
	const top = rows.slice(0, Math.max(0, bottom)).findLastIndex(row => RULE.test(row));
	return top >= 0 && rows.length - top <= MAX_ROWS && PROMPT.test(rows[top + 1] ?? '') ? rows.slice(0, top) : rows;
};
