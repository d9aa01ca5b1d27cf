import {describe, expect, test} from 'vitest';
import {CLIP_BYTES, clipOf, osc52} from '../../../source/terminal/text/clean.ts';

describe('a text for the clipboard', () => {
	test('travels as base64: no byte of it reaches the terminal as itself', () => {
		const sequence = osc52('a\u001b[2J\u0007ü');
		expect(sequence).toBe(`\u001b]52;c;${Buffer.from('a\u001b[2J\u0007ü').toString('base64')}\u0007`);
		expect(sequence.slice(7, -1)).toMatch(/^[A-Za-z0-9+/=]+$/);
	});

	test('is cut at what a terminal takes, never within a character', () => {
		expect(clipOf('short')).toEqual({text: 'short', isCut: false});
		expect(clipOf('x'.repeat(CLIP_BYTES)).isCut).toBe(false);
		expect(osc52('x'.repeat(CLIP_BYTES)).length).toBeLessThanOrEqual(100_000);
		for (const lead of ['', 'x', 'xx', 'xxx']) {
			const clip = clipOf(`${lead}${'😀'.repeat(30_000)}`);
			expect(clip.isCut).toBe(true);
			expect(Buffer.byteLength(clip.text)).toBeGreaterThan(CLIP_BYTES - 4);
			expect(clip.text).not.toContain('\ufffd');
			expect(Buffer.byteLength(clip.text)).toBeLessThanOrEqual(CLIP_BYTES);
		}
	});

	test('with half a character is whole text all the same', () => {
		expect(clipOf('a\ud83d').text).toBe('a\ufffd');
	});
});
