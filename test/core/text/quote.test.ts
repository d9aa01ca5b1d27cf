import fc from 'fast-check';
import {expect, test} from 'vitest';
import {coded, fenced, plainText, plainTextLine} from '../../../source/core/text/quote.ts';

test('a fence holds whatever stands in it', () => {
	expect(fenced('plain')).toBe('```text\nplain\n```');
	expect(fenced('a\n```\n# now outside\n````` deeper')).toBe('``````text\na\n```\n# now outside\n````` deeper\n``````');
	expect(fenced(' \n\t\n')).toBe('');
	const pieces = fc.array(fc.constantFrom('`', '``', '```', '````\n', '\n', '~~~', 'text', '# x', '\r', '\u2028'), {maxLength: 40});
	fc.assert(
		fc.property(pieces, parts => {
			const text = parts.join('');
			const lines = fenced(text).split('\n');
			if (lines.length === 1) return plainText(text) === '';
			const fence = lines.at(-1) ?? '';
			// Nothing inside can end the block: no line is a fence of at least its length.
			const inner = lines.slice(1, -1).filter(line => new RegExp(`^ {0,3}\`{${fence.length},}[ \t]*$`).test(line));
			return lines[0] === `${fence}text` && inner.length === 0;
		}),
	);
});

test('a quoted text shows all that it says: no controls, no escape sequences, and by its name what reorders or hides', () => {
	expect(plainText('a\u001b[31mred\u001b[0m\u0007 b\u202ec\u200bd\r\ne')).toBe('ared b<U+202E>c<U+200B>d\ne');
	expect(plainText('\n\n  two\n\n')).toBe('  two');
	expect(plainTextLine('a\n# b\t c')).toBe('a # b c');
	expect(coded('x`; rm')).toBe("`x'; rm`");
	expect(['one', 'two'].map(coded)).toEqual(['`one`', '`two`']);
});

test('a long text is cut, and says so', () => {
	expect(plainText('x'.repeat(100), 10)).toBe(`${'x'.repeat(10)}\n[cut: 100 characters in all]`);
	expect(plainText('x'.repeat(10), 10)).toBe('x'.repeat(10));
	expect(plainText('😀😀', 3).startsWith('😀\ufffd')).toBe(true);
});
