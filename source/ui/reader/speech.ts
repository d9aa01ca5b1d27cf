import {cleanText} from '../../terminal/clean.ts';

/** Signs that say nothing when they are read aloud, beside words that say it all. */
const SIGNS = /[▲✗◌◆»●‖○✓⊘▸▶↵·•│─━]/g;

/** A longer text is cut, characters: nobody listens to more of one line. */
const MOST = 400;

/** Foreign or own text as one line to be read aloud: no control characters, no signs, single blanks, bounded. */
export const spoken = (text: string, most = MOST): string => {
	const line = cleanText(text.slice(0, most * 4))
		.replaceAll('…', '...')
		.replaceAll('×', ' and ')
		.replaceAll('→', ' to ')
		.replaceAll(SIGNS, ' ')
		.replaceAll(/\s+/g, ' ')
		.trim();
	return line.length > most ? `${line.slice(0, most)}, and more` : line;
};

/** `1 yes, 2 no`: what can be typed. */
export const numbered = (words: readonly string[]): string => words.map((word, index) => `${index + 1} ${spoken(word, 80)}`).join(', ');

/** `3 tasks`, `1 task`. */
export const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
