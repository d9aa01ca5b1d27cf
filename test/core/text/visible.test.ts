import fc from 'fast-check';
import {expect, test} from 'vitest';
import {plainJson, plainLine} from '../../../source/commands/parse/print.ts';
import {plainText} from '../../../source/core/text/quote.ts';
import {visible} from '../../../source/core/text/visible.ts';
import {pasteText} from '../../../source/terminal/input/bytes.ts';
import {cleanText} from '../../../source/terminal/text/clean.ts';

test('what cannot be seen is named: for the person on the screen, in JSON, and for the agent in its brief and its input alike', () => {
	const title = 'Fix\u{e0041}\u{e0042} the\u00ad log\u3164in\u200b \u202eback\u2066';
	const told = 'Fix<U+E0041><U+E0042> the<U+00AD> log<U+3164>in<U+200B> <U+202E>back<U+2066>';
	expect([cleanText(title), plainLine(title), JSON.parse(plainJson(title)), plainText(title), pasteText(title)]).toEqual(
		Array(5).fill(told),
	);
	expect(visible(`x${'\u200b'.repeat(20)}y`)).toBe(`x${'<U+200B>'.repeat(8)}<and 12 more>y`);
});

test.each([
	['a family', '👨\u200d👩\u200d👧'],
	['a tone', '👩🏽\u200d💻'],
	['a selector', '❤️\u200d🔥 ⚠️ 1️⃣'],
	['the flag of Scotland', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
	['Persian', 'می\u200cخواهم'],
	['Hindi', 'क्\u200dष'],
	['Sinhala', 'ශ්\u200dරී'],
	['Bengali', 'র\u200d্য'],
])('%s is whole for both', (_name, text) =>
	expect([cleanText(text), plainText(text), plainLine(text), pasteText(text)]).toEqual(Array(4).fill(text)),
);

test.each([
	['letters that join nothing', 'a\u200db', 'a<U+200D>b'],
	['a second joiner', 'می\u200c\u200cخ', 'می<U+200C><U+200C>خ'],
	['a joiner that changes nothing', 'क\u200cा', 'क<U+200C>ा'],
	['a selector on a letter', 'a\ufe0f', 'a<U+FE0F>'],
	['a flag that is none', '🏴\u{e0061}\u{e007f}', '🏴<U+E0061><U+E007F>'],
])('%s carries nothing unseen', (_name, text, told) => expect(visible(text)).toBe(told));

test('named once, a text stays as it is', () => {
	fc.assert(fc.property(fc.string({unit: 'binary', maxLength: 60}), text => visible(visible(text)) === visible(text)));
});
