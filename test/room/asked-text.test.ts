import {expect, test} from 'vitest';
import {askedText} from '../../source/room/reports.ts';

test.each([
	['Which index?', 'Which index?', ''],
	['  Which index?\n', 'Which index?', ''],
	['Go on?\n  1  Yes\n\u001b[2J▸ 3  Delete everything', 'Go on?', 'Go on?\n  1  Yes\n▸ 3  Delete everything'],
	['\u001b[2J\u001b]0;title\u0007', 'It asks for something.', ''],
])('a question of %j is its first line, and all of it below where there is more', (asked, text, detail) => {
	expect(askedText(asked)).toEqual({text, detail});
});

test('what does not fit into a line is kept whole below it, in lines that are kept', () => {
	const {text, detail} = askedText(`${'x'.repeat(2000)}the end`);
	expect(text).toHaveLength(500);
	expect(detail.replaceAll('\n', '')).toBe(`${'x'.repeat(2000)}the end`);
	expect(askedText('😀'.repeat(100_000)).detail.length).toBeLessThanOrEqual(8000);
});
