import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {Reading} from '../../../source/core/session/reading.ts';
import {createReadingSender, createStreamLines} from '../../../source/programs/headless/stream.ts';

const linesOf = (chunks: readonly Buffer[], longest?: number): readonly string[] => {
	const lines = createStreamLines(longest);
	return [...chunks.flatMap(chunk => lines.take(chunk)), ...lines.end()];
};

test('lines are the same wherever the bytes are cut', () => {
	fc.assert(
		fc.property(fc.string({unit: 'grapheme', maxLength: 60}), fc.array(fc.nat(80), {maxLength: 8}), (text, cuts) => {
			const bytes = Buffer.from(text);
			const at = [...new Set([0, ...cuts.map(cut => Math.min(cut, bytes.length)), bytes.length])].toSorted((one, other) => one - other);
			const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
			const expected = text.split('\n').map(line => line.replace(/\r$/, ''));
			if (expected.at(-1) === '' && !text.endsWith('\r')) expected.pop();
			expect(linesOf(chunks)).toEqual(expected);
		}),
	);
});

test('a line that is too long costs only itself', () => {
	expect(linesOf([Buffer.from('one\n'), Buffer.alloc(30, 65), Buffer.from('\ntwo\n')], 20)).toEqual(['one', 'two']);
});

test('readings arrive in their order, in batches; of a flood what they say of a moment is left out, never a fact', async () => {
	const sent: (readonly Reading[])[] = [];
	const sender = createReadingSender(async readings => {
		sent.push(readings);
		if (sent.length === 1) throw new Error('the room is away');
	});
	const word = (index: number): Reading => ({source: 'stream', sign: `word ${index}`, doing: 'something'});
	sender.add([{source: 'stream', sign: 'first', state: 'working'}]);
	for (let index = 0; index < 1000; index++) sender.add([word(index)]);
	sender.add([{source: 'stream', sign: 'last', state: 'idle'}]);
	await sender.flush();
	const signs = sent.flat().map(({sign}) => sign);
	expect(signs[0]).toBe('first');
	expect(signs.at(-1)).toBe('last');
	expect(Math.max(...sent.map(({length}) => length))).toBeLessThanOrEqual(50);
	expect(signs.length).toBeLessThan(1002);
});
