import {FORMER_NAMES} from './former-names.ts';

/**
 * Edits (insert, delete, replace, swap of neighbours) between two words: the optimal string alignment distance. By hand: to `leven` and
 * `fastest-levenshtein` the commonest slip, a swap, is as far as two wrong letters, and this is as short as the file that would load them.
 */
export const distance = (left: string, right: string): number => {
	let beforeLast: readonly number[] = [];
	let last: readonly number[] = Array.from({length: right.length + 1}, (_, index) => index);
	for (let row = 1; row <= left.length; row++) {
		const next = [row];
		for (let column = 1; column <= right.length; column++) {
			const isSame = left[row - 1] === right[column - 1];
			const isSwap = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
			next[column] = Math.min(
				(last[column] ?? 0) + 1,
				(next[column - 1] ?? 0) + 1,
				(last[column - 1] ?? 0) + (isSame ? 0 : 1),
				isSwap ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
			);
		}
		beforeLast = last;
		last = next;
	}
	return last[right.length] ?? 0;
};

/** The known word that was probably meant: the present name of a former one, else at most a third of the letters of the shorter one (and never fewer than one) differ; undefined when none is near. */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
	const typed = word.slice(0, 64).toLowerCase();
	const now = Object.hasOwn(FORMER_NAMES, typed) ? FORMER_NAMES[typed] : undefined;
	if (now !== undefined && known.includes(now)) return now;
	// In a role `brief` is `prompt`.
	if (typed === 'brief' && known.includes('prompt')) return 'prompt';
	const best = known
		.map(candidate => ({candidate, edits: distance(typed, candidate.toLowerCase())}))
		.sort((left, right) => left.edits - right.edits)[0];
	return best && best.edits <= Math.max(1, Math.floor(Math.min(typed.length, best.candidate.length) / 3)) ? best.candidate : undefined;
};

/** A refusal that one can expect is a value: what happened, naming the value in backticks, and what to do next. */
export type Refusal = {readonly ok: false; readonly code: string; readonly message: string; readonly hint: string};

export const refusal = (code: string, message: string, hint = ''): Refusal => ({ok: false, code, message, hint});
