import type {Token} from './tokenizer.ts';

/** Flags of the protocol that change how a key is sent; a terminal without it knows of no key that is let go. */
const [ALTERNATES, ALL_KEYS, WITH_TEXT] = [4, 8, 16];

/** Keys with a code of their own; enter, tab and backspace stay what they are until all keys are asked for, unless a modifier is held. */
const CODES: Readonly<Record<string, number>> = {esc: 27, enter: 13, tab: 9, backspace: 127, space: 32};
const STAYING: Readonly<Record<string, string>> = {enter: '\r', tab: '\t', backspace: '\x7f'};
/** Keys that end in a letter, and the one whose letter became the answer to a question. */
const LETTERS: Readonly<Record<string, string>> = {
	up: 'A',
	down: 'B',
	right: 'C',
	left: 'D',
	begin: 'E',
	end: 'F',
	home: 'H',
	f1: 'P',
	f2: 'Q',
	f4: 'S',
};
const F3 = '13';

const MODIFIERS: Readonly<Record<string, number>> = {shift: 1, alt: 2, ctrl: 4, super: 8};
const NAME = /^((?:(?:ctrl|alt|super|shift)\+)*)(.+)$/u;

/** What the protocol itself sends: it is told on as it is. */
const IS_PROTOCOL = /^\x1b\[(?!27;\d+;\d+~|Z$|1;\d+R$)/;

/** A character with modifiers: the code is that of the key without shift, as far as a letter tells it. */
const sendCharacter = (character: string, modifiers: number, flags: number): string => {
	const base = character.toLowerCase();
	const isUpper = [...base].length === 1 && base !== character;
	const mask = modifiers | (isUpper ? 1 : 0);
	if ((mask & ~1) === 0 && !(flags & ALL_KEYS)) return character;
	const code = (isUpper ? base : character).codePointAt(0) ?? 0;
	const shifted = flags & ALTERNATES && isUpper ? `:${character.codePointAt(0)}` : '';
	const text = flags & WITH_TEXT && flags & ALL_KEYS && (mask & ~1) === 0 ? `;${character.codePointAt(0)}` : '';
	return `\x1b[${code}${shifted}${mask > 0 || text ? `;${mask > 0 ? mask + 1 : ''}` : ''}${text}u`;
};

/**
 * The bytes of a key for a program that asked for the kitty protocol with these flags (0: none), whatever form the person's terminal sent it in.
 * What it did not tell (which of two keys gave the same byte, a key let go) stays untold; a key without a name, and every other token, stays as it came.
 */
export const kittyBytes = (token: Token, flags: number): Uint8Array => {
	if (flags === 0 || token.type !== 'key') return token.bytes;
	if (IS_PROTOCOL.test(String.fromCharCode(...token.bytes.subarray(0, 64)))) return token.bytes;
	const [, held = '', name = ''] = NAME.exec(token.key) ?? [];
	const modifiers = held.split('+').reduce((sum, modifier) => sum | (MODIFIERS[modifier] ?? 0), 0);
	const suffix = modifiers > 0 ? `;${modifiers + 1}` : '';
	const letter = LETTERS[name];
	const code = CODES[name];
	const bytes = ((): string | undefined => {
		if (letter) return modifiers > 0 ? `\x1b[1${suffix}${letter}` : `\x1b[${letter}`;
		if (name === 'f3') return `\x1b[${F3}${suffix}~`;
		if (name === 'space') return sendCharacter(' ', modifiers, flags);
		if (code !== undefined) return (modifiers === 0 && !(flags & ALL_KEYS) && STAYING[name]) || `\x1b[${code}${suffix}u`;
		return [...name].length === 1 ? sendCharacter(name, modifiers, flags) : undefined;
	})();
	return bytes === undefined ? token.bytes : new TextEncoder().encode(bytes);
};
