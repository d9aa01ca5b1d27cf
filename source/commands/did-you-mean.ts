import {nearest} from '../core/nearest.ts';

/** `Did you mean ...?` with the nearest known word, or `otherwise` when none is near. `mark` stands before it, such as `--`. */
export const didYouMean = (word: string, known: readonly string[], otherwise = '', mark = ''): string => {
	const found = nearest(word, known);
	return found === undefined ? otherwise : `Did you mean \`${mark}${found}\`?`;
};
