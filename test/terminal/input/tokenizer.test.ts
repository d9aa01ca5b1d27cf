import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Token} from '../../../source/terminal/input/keys.ts';
import {createTokenizer} from '../../../source/terminal/input/tokenizer.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const tokensOf = (...chunks: (string | Uint8Array)[]): Token[] => {
	const tokenizer = createTokenizer();
	const tokens = chunks.flatMap(chunk => tokenizer.feed(typeof chunk === 'string' ? encode(chunk) : chunk));
	tokens.push(...tokenizer.flush());
	// What may be the beginning of a paste's end waits for more, until somebody gives up.
	tokenizer.endPaste();
	return [...tokens, ...tokenizer.flush()];
};
const keysOf = (...chunks: string[]): string[] => tokensOf(...chunks).map(token => (token.type === 'key' ? token.key : token.type));

describe('keys', () => {
	test('keys that arrive together are single keys', () => {
		expect(keysOf('jjj')).toEqual(['j', 'j', 'j']);
		expect(keysOf('jj\rG ')).toEqual(['j', 'j', 'enter', 'G', 'space']);
	});

	test.each([
		['\x1b[A', 'up'],
		['\x1bOB', 'down'],
		['\x1b[1;5C', 'ctrl+right'],
		['\x1b[1;2B', 'shift+down'],
		['\x1b[5~', 'pgup'],
		['\x1b[6~', 'pgdn'],
		['\x1b[H', 'home'],
		['\x1bOF', 'end'],
		['\x1b[3~', 'delete'],
		['\x1b[Z', 'shift+tab'],
		['\t', 'tab'],
		['\x7f', 'backspace'],
		['\x04', 'ctrl+d'],
		['\x1d', 'ctrl+]'],
		['\x1b[93;5u', 'ctrl+]'],
		['\x1b[93;5:1u', 'ctrl+]'],
		['\x1b[27;5;93~', 'ctrl+]'],
		['\x1b[93;133u', 'ctrl+]'],
		['\x1b[93::93;5u', 'ctrl+]'],
		['\x1b[1098::93;5u', 'ctrl+]'],
		['\x1b[93:125:93;133:1u', 'ctrl+]'],
		['\x1b[1098::93u', 'ъ'],
		['\x1b[106u', 'j'],
		['\x1b[106;2u', 'J'],
		['\x1b[27u', 'esc'],
		['\x1b[13;2u', 'shift+enter'],
		['\x1b[1;2R', 'shift+f3'],
		['\x1bx', 'alt+x'],
		['\x1b\r', 'alt+enter'],
		['é', 'é'],
		['你', '你'],
	])('%j is %s', (bytes, key) => {
		expect(keysOf(bytes)).toEqual([key]);
	});

	test('a lone ESC is a key once nothing follows, and waits until then', () => {
		const tokenizer = createTokenizer();
		expect(tokenizer.feed(encode('\x1b'))).toEqual([]);
		expect(tokenizer.hasPending).toBe(true);
		expect(tokenizer.flush().map(token => token.type === 'key' && token.key)).toEqual(['esc']);
		expect(tokenizer.hasPending).toBe(false);
		expect(keysOf('\x1b\x1b')).toEqual(['esc', 'esc']);
	});

	test('a released key is no second press', () => {
		expect(keysOf('\x1b[106;1:3u', '\x1b[1;1:3A', '\x1b[93;5:3u')).toEqual(['release', 'release', 'release']);
		expect(tokensOf('\x1b[106;1:2u')).toMatchObject([{type: 'key', key: 'j', isRepeat: true}]);
	});
});

test('a paste is one token, whatever it holds', () => {
	expect(tokensOf('a\x1b[200~j\x1d\x1b[93;5uX\r\n', 'z\x1b[20', '1~b').map(({type}) => type)).toEqual(['key', 'paste', 'key']);
	expect(tokensOf('\x1b[200~j\x1d\r\nz\x1b[201~')).toMatchObject([{type: 'paste', text: 'j\x1d\r\nz'}]);
	expect(tokensOf('\x1b[200~\x1b[201~')).toMatchObject([{type: 'paste', text: ''}]);
});

test('what a terminal says is told from keys', () => {
	const replies = [
		'\x1b[?1;2c',
		'\x1b[?2026;2$y',
		'\x1b]11;rgb:0000/0000/0000\x1b\\',
		'\x1b]11;rgb:00/00/00\x07',
		'\x1b[24;80R',
		'\x1bP>|tmux 3.5a\x1b\\',
	];
	expect(tokensOf(replies.join('')).map(({type}) => type)).toEqual(replies.map(() => 'reply'));
	expect(tokensOf('\x1b[I\x1b[O')).toMatchObject([
		{type: 'focus', isIn: true},
		{type: 'focus', isIn: false},
	]);
	expect(tokensOf('\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<65;1;1M')).toMatchObject([
		{type: 'mouse', action: 'press', button: 0, x: 9, y: 4},
		{type: 'mouse', action: 'release'},
		{type: 'mouse', action: 'wheel', button: 65, x: 0, y: 0},
	]);
});

const piece = fc.oneof(
	fc.constantFrom(
		'j',
		'G',
		'\r',
		'\x1b',
		'\x1b[A',
		'\x1bOA',
		'\x1b[1;5C',
		'\x1b[93;5u',
		'\x1b[27;5;93~',
		'\x1b[<0;3;4M',
		'\x1b[I',
		'\x1b]11;rgb:1/2/3\x07',
	),
	fc.constantFrom(
		'\x1b[200~',
		'\x1b[201~',
		'\x1b[200~hi\x1b[201~',
		'\x1bP1$r0m\x1b\\',
		'é',
		'你',
		'…',
		'👍',
		'\x1d',
		'\x1b[?1;2c',
		'\x1b[',
		'\x1b]',
	),
	fc.uint8Array({maxLength: 6}),
);
const bytesOf = (parts: readonly (string | Uint8Array)[]): Uint8Array =>
	Uint8Array.from(parts.flatMap(part => [...(typeof part === 'string' ? encode(part) : part)]));

test('the same bytes give the same tokens however they are cut, and every byte is in exactly one', () => {
	fc.assert(
		fc.property(fc.array(piece, {maxLength: 12}), parts => {
			const bytes = bytesOf(parts);
			const whole = tokensOf(bytes);
			expect(bytesOf(whole.map(token => token.bytes))).toEqual(bytes);
			for (let cut = 0; cut <= bytes.length; cut++) expect(tokensOf(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(whole);
			expect(tokensOf(...Array.from(bytes, byte => Uint8Array.of(byte)))).toEqual(whole);
		}),
		{numRuns: 500},
	);
});

test('garbage without an end is not held', () => {
	for (const start of ['\x1b[200~', '\x1b]52;c;', '\x1b[', '\x1bP']) {
		const tokenizer = createTokenizer();
		let given = 0;
		let fed = start.length;
		tokenizer.feed(encode(start));
		for (let round = 0; round < 20; round++) {
			const chunk = encode('9'.repeat(65_536));
			fed += chunk.length;
			for (const token of tokenizer.feed(chunk)) given += token.bytes.length;
		}
		expect(fed - given).toBeLessThan((1 << 20) + 65_536 + 10);
	}
});
