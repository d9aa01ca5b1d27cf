import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {kittyBytes} from '../../../source/terminal/input/router.ts';
import {createTokenizer} from '../../../source/terminal/input/tokenizer.ts';

/** What a program with these flags gets for what an old terminal sends; ESC for `^[`, to be read. */
const sent = (typed: string, flags: number): string => {
	const tokenizer = createTokenizer();
	const tokens = [...tokenizer.feed(new TextEncoder().encode(typed)), ...tokenizer.flush()];
	return tokens.map(token => new TextDecoder().decode(kittyBytes(token, flags)).replaceAll('\x1b', '^[')).join(' ');
};

describe('keys of an old terminal for a program with the kitty protocol', () => {
	test.each([
		['text stays text', 'aGé漢👍 ', 'a G é 漢 👍  '],
		['enter, tab and backspace stay', '\r\t\x7f', '\r \t \x7f'],
		['escape is told apart', '\x1b', '^[[27u'],
		['ctrl with a letter or a sign', '\x01\x03\n\x1c\x1d\x00', '^[[97;5u ^[[99;5u ^[[106;5u ^[[92;5u ^[[93;5u ^[[32;5u'],
		['alt', '\x1bx\x1bX\x1b\r\x1b\x01\x1b+', '^[[120;3u ^[[120;4u ^[[13;3u ^[[97;7u ^[[43;3u'],
		['application cursor keys and function keys', '\x1bOA\x1bOH\x1bOP\x1bOR', '^[[A ^[[H ^[[P ^[[13~'],
		['f3 with a modifier is no answer', '\x1b[1;2R', '^[[13;2~'],
		['back tab', '\x1b[Z', '^[[9;2u'],
		['modifyOtherKeys', '\x1b[27;2;13~\x1b[27;5;9~\x1b[27;6;97~\x1b[27;2;65~', '^[[13;2u ^[[9;5u ^[[97;6u A'],
		['what both terminals send alike', '\x1b[A\x1b[1;5C\x1b[3~\x1b[15;2~', '^[[A ^[[1;5C ^[[3~ ^[[15;2~'],
		['what is in the protocol already', '\x1b[97;5u\x1b[57442;5u\x1b[97:65;2:1;65u', '^[[97;5u ^[[57442;5u ^[[97:65;2:1;65u'],
		['a paste, and what is no key', '\x1b[200~a\x03\x1b[201~\x1b[?1;2c', '^[[200~a\x03^[[201~ ^[[?1;2c'],
	])('%s', (_name, typed, wanted) => {
		expect(sent(typed, 1)).toBe(wanted);
	});

	test('every key is a sequence where all were asked for, with its text where that was too', () => {
		expect(sent('aA \r\t\x7f\x1b', 8)).toBe('^[[97u ^[[97;2u ^[[32u ^[[13u ^[[9u ^[[127u ^[[27u');
		expect(sent('aA 漢', 8 | 16)).toBe('^[[97;;97u ^[[97;2;65u ^[[32;;32u ^[[28450;;28450u');
		expect(sent('A\x01', 1 | 4 | 8)).toBe('^[[97:65;2u ^[[97;5u');
	});

	test('a key is the same key afterwards, nothing is brought into it twice, and without the protocol nothing is changed', () => {
		const read = (bytes: Uint8Array) => {
			const tokenizer = createTokenizer();
			return [...tokenizer.feed(bytes), ...tokenizer.flush()];
		};
		/** Modifiers in any order; a capital letter is shift and the small one. */
		const name = (key: string): string => {
			const parts = key.replace(/\+$/, 'plus').split('+');
			const last = parts.at(-1) ?? '';
			const isCapital = parts.length > 1 && /^[A-Z]$/.test(last);
			return [...parts.slice(0, -1), ...(isCapital ? ['shift', last.toLowerCase()] : [last])].sort().join('+');
		};
		const pieces = fc.constantFrom(
			'\x1b',
			'\x1b[',
			'\x1bO',
			'A',
			'P',
			'R',
			'Z',
			'~',
			'1;2',
			'27;5;',
			'97',
			'+',
			'x',
			'é',
			'\x00',
			'\x1d',
			'\r',
		);
		const typed = fc.array(
			fc.oneof(
				pieces,
				fc.nat(255).map(byte => String.fromCharCode(byte)),
			),
			{maxLength: 8},
		);
		fc.assert(
			fc.property(typed, fc.nat(31), (parts, flags) => {
				for (const token of read(Buffer.from(parts.join(''), 'latin1'))) {
					const told = kittyBytes(token, flags);
					if (flags === 0 || token.type !== 'key') expect(told).toEqual(token.bytes);
					const [again, ...rest] = read(told);
					expect([again?.type, rest]).toEqual([token.type, []]);
					if (token.type !== 'key' || again?.type !== 'key') continue;
					expect(name(again.key)).toBe(name(token.key));
					expect(kittyBytes(again, flags)).toEqual(told);
				}
			}),
			{numRuns: 300, seed: 3},
		);
	});
});
