import {describe, expect, test} from 'vitest';
import {bar, columnChart, sparkline} from '../../../source/ui/text/chart.ts';

describe('charts', () => {
	test('show the highest value whole, and every value above 0, also in ASCII', () => {
		expect(sparkline([0, 1, 50, 100], false)).toBe(' ▁▄█');
		expect(sparkline([0, 1, 50, 100], true)).toBe(' .=#');
		expect(columnChart([0, 1, 8, 16], 2, 2, false)).toEqual(['      █ ', '  ▁ █ █ ']);
		expect(columnChart([0, 1, 8, 16], 2, 1, true)).toEqual(['   #', ' .##']);
		expect(columnChart([0, 0], 2, 1, false)).toEqual(['  ', '  ']);
	});

	test('a bar is as long as it has room, whatever the share', () => {
		expect([bar(0, 4), bar(0.5, 4), bar(7, 4), bar(-1, 4), bar(Number.NaN, 0)]).toEqual(['░░░░', '██░░', '████', '░░░░', '']);
	});
});
