import {visible} from './visible.ts';

/** Control characters except newline and tab. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Makes foreign text plain lines without blank lines at the ends, cut to `limit` characters. Characters that reorder or hide text are
 * named.
 */
export const plainText = (text: string, limit = Number.POSITIVE_INFINITY): string => {
	const bounded = text.length > limit + 64 ? text.slice(0, limit + 64) : text;
	const plain = visible(
		bounded
			.replace(/\r\n?|[\u2028\u2029]/g, '\n')
			.replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, '')
			.replace(CONTROLS, ''),
	).replace(/^(?:[ \t]*\n)+|\s+$/g, '');
	return plain.length > limit
		? `${plain.slice(0, limit).toWellFormed()}\n[cut: ${text.length.toLocaleString('en')} characters in all]`
		: plain;
};

/** The same as one line, cut to `limit` characters. */
export const plainTextLine = (text: string, limit = 300): string => plainText(text.replace(/\s+/g, ' ').trim(), limit).replace(/\n/g, ' ');

/** Characters that end a line, control a terminal, reorder text or are invisible. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/g;

/** Makes hostile text one printable line of at most `limit` characters: control, bidirectional and invisible characters become spaces. */
export const oneLine = (text: string, limit = 200): string => {
	const line = text.toWellFormed().replace(UNPRINTABLE, ' ').replace(/\s+/g, ' ').trim();
	const characters = [...line];
	return characters.length > limit ? `${characters.slice(0, limit - 1).join('')}…` : line;
};

/** Default limit, in characters. */
const LIMIT = 64_000;

/**
 * Puts foreign text into a Markdown fence that is longer than any run of backticks in it, so that the text cannot end the block and stays
 * data. '' for an empty text.
 */
export const fenced = (text: string, {limit = LIMIT, info = 'text'}: {readonly limit?: number; readonly info?: string} = {}): string => {
	const plain = plainText(text, limit);
	if (plain === '') return '';
	const longest = Math.max(2, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length));
	const fence = '`'.repeat(longest + 1);
	return `${fence}${info}\n${plain}\n${fence}`;
};

/** Formats a foreign word (an id, a path, a branch) as inline code that it cannot end. */
export const coded = (text: string): string => `\`${plainTextLine(text, 1000).replaceAll('`', "'")}\``;

/** Quotes a word for a POSIX shell, for settings that take a command line. */
export const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
