/**
 * Control characters (C0, DEL, C1) and the marks that reorder text. Text of agents, tasks and branches is hostile: none of these
 * reaches a terminal through a command.
 */
const HOSTILE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** One line that is safe to print: line breaks and tabs become blanks, other hostile characters `�`. */
export const plainLine = (text: string): string => text.replace(/\r?\n|\r|\t/g, ' ').replace(HOSTILE, '�');

/** Several lines that are safe to print; only newlines and tabs are kept. */
export const plainLines = (text: string): string =>
	text.replace(/\r\n/g, '\n').replace(HOSTILE, character => (character === '\n' || character === '\t' ? character : '�'));

/** JSON on one line whose text cannot drive a terminal: what JSON itself leaves raw is escaped too. */
export const plainJson = (value: unknown): string =>
	JSON.stringify(value).replace(HOSTILE, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
