import fc from 'fast-check';
import {expect, test} from 'vitest';
import {plainJson, plainLine, plainLines} from '../../../source/commands/parse/print.ts';
import {visible} from '../../../source/core/text/visible.ts';

const HOSTILE = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const anything = fc.string({unit: 'binary', maxLength: 40});
const escapes = fc.constantFrom('\u001b[2J', '\u009b31m', '\u001b]52;c;eA==\u0007', '\u202e', '\r', '\u0000');
const hostile = fc.array(fc.oneof(anything, escapes)).map(parts => parts.join(''));

test('no control character of anybody gets onto a line', () => {
	fc.assert(fc.property(hostile, text => !HOSTILE.test(plainLine(text))));
	fc.assert(fc.property(hostile, text => !HOSTILE.test(plainLines(text).replace(/[\n\t]/g, ''))));
});

test('JSON is on one line, harmless, and holds the characters that a person sees', () => {
	fc.assert(
		fc.property(hostile, text => {
			const line = plainJson({text});
			const shown = visible(text);
			return !HOSTILE.test(line) && (JSON.parse(line).text === shown || JSON.parse(line).text === shown.toWellFormed());
		}),
	);
	expect([plainJson({a: 'x\u200by'}), plainLine('x\u200by'), plainLines('x\u200by')]).toEqual([
		'{"a":"x<U+200B>y"}',
		'x<U+200B>y',
		'x<U+200B>y',
	]);
	expect(plainJson({a: '\u009b'})).toBe('{"a":"\\u009b"}');
});
