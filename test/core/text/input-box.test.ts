import {expect, test} from 'vitest';
import {aboveInputBox} from '../../../source/core/text/input-box.ts';

const rule = '─'.repeat(40);

test('the input box of a CLI and its footer are left out', () => {
	expect(aboveInputBox(['● Done.', rule, '❯ ', rule, '  ⏵⏵ accept edits on'])).toEqual(['● Done.']);
	expect(aboveInputBox(['Done.', `╭${rule}╮`, '│ > Type your message │', `╰${rule}╯`, ' ~/shop'])).toEqual(['Done.']);
	expect(aboveInputBox(['Done.', rule, '❯ one', '  two', rule])).toEqual(['Done.']);
});

test('rows without such a box stay, whatever is drawn in them', () => {
	for (const rows of [
		[],
		['a', 'b'],
		[rule, 'TOTAL 3', rule],
		['x', rule, '❯ '],
		[rule, '❯ ', ...Array.from({length: 12}, () => 'x'), rule],
	])
		expect(aboveInputBox(rows)).toEqual(rows);
});
