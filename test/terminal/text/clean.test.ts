import fc from 'fast-check';
import {expect, test} from 'vitest';
import {cleanText, fit as fitTo} from '../../../source/terminal/text/clean.ts';
import {cellWidth} from '../../../source/terminal/text/widths.ts';
import {screenOf} from '../screens.ts';

test('a foreign text becomes one harmless line', () => {
	expect(cleanText('a\x1b[31mb\x1b]0;title\x07c\r\n\td\x00\x7f\x9b')).toBe('abc d');
	expect(cleanText('user\u202egpj.exe\u2066\u200b\ufeff')).toBe('user<U+202E>gpj.exe<U+2066><U+200B><U+FEFF>');
	expect(cleanText('\u1161\u11a8b')).toBe('b');
	expect(cleanText(`z${'\u0301'.repeat(1000)}`).length).toBeLessThan(13);
	expect(cleanText('; rm -rf $(x) `y` {"a":[]} 你 é 👍')).toBe('; rm -rf $(x) `y` {"a":[]} 你 é 👍');
	expect(cleanText('x'.repeat(10_000_000), 20)).toBe('x'.repeat(20));
});

test('fit takes exactly the cells that it is given', () => {
	expect([fitTo('abc', 5), fitTo('abcdef', 5), fitTo('你好世界', 5), fitTo('你好', 4), fitTo('abc', 1), fitTo('abc', 0)]).toEqual([
		'abc  ',
		'abcd…',
		'你好…',
		'你好',
		'…',
		'',
	]);
});

test('any text stays on its line and takes the cells that a screen gives it', () => {
	fc.assert(
		fc.property(fc.string({unit: 'binary', maxLength: 60}), fc.integer({min: 1, max: 40}), (text, columns) => {
			// Of what draws nothing, only what joins is left.
			expect(cleanText(text)).not.toMatch(/(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])[\p{Cc}\p{Cf}\u2028\u2029]/u);
			const fitted = fitTo(text, columns);
			expect(cellWidth(fitted)).toBe(columns);
			const screen = screenOf(60, 2, `${fitted}|`);
			expect(screen.cursor).toMatchObject({x: columns + 1, y: 0});
		}),
		{
			numRuns: 500,
			examples: [
				['\u1161', 1],
				['👨\u200d👩\u200d👧 x', 3],
				['क्\u200dष', 2],
				['⚠️', 1],
				['\u0600\u200d', 4],
			],
		},
	);
});
