import {FORMER_NAMES} from './former-names.ts';

/**
 * Edit distance (insert, delete, replace, swap neighbours): optimal string alignment. `leven` and `fastest-levenshtein` count a swap, the
 * commonest slip, as two edits.
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

/**
 * Returns the word that was probably meant: a former name's new one, else one that differs in at most a third of the shorter one's letters
 * (at least one); undefined if none is near.
 */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
	const typed = word.slice(0, 64).toLowerCase();
	const now = Object.hasOwn(FORMER_NAMES, typed) ? FORMER_NAMES[typed] : undefined;
	if (now !== undefined && known.includes(now)) return now;
	// A role's `brief` is now `prompt`.
	if (typed === 'brief' && known.includes('prompt')) return 'prompt';
	const best = known
		.map(candidate => ({candidate, edits: distance(typed, candidate.toLowerCase())}))
		.sort((left, right) => left.edits - right.edits)[0];
	return best && best.edits <= Math.max(1, Math.floor(Math.min(typed.length, best.candidate.length) / 3)) ? best.candidate : undefined;
};

/** An expected refusal is a value: what happened, the value in backticks, and what to do next. */
export type Refusal = {readonly ok: false; readonly code: string; readonly message: string; readonly hint: string};

export const refusal = (code: string, message: string, hint = ''): Refusal => ({ok: false, code, message, hint});
