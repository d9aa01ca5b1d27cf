import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createHeadlessScreen} from '../../../source/terminal/screen/screen.ts';
import {createCellRow} from '../../../source/terminal/text/cells.ts';
import {paneRows, rowAt} from '../../../source/ui/model/pane-text.ts';
import {cellText, textsOf} from '../screens.ts';
import {stream} from '../streams.ts';

const screenOf = (columns: number, rows: number, text: string) => {
	const screen = createHeadlessScreen({columns, rows, scrollback: 100});
	screen.write(text);
	return screen;
};
const textOf = (columns: number, rows: number, text: string): string[] => {
	const lines = screenOf(columns, rows, text).copy();
	return Array.from({length: lines.count}, (_, line) => lines.textOf(line));
};

describe('a copy of a pane', () => {
	test('puts wrapped rows together, without the cell that a wide character left free', () => {
		expect(textOf(9, 4, `${'你好世界'.repeat(3)}end\r\nnext`)).toEqual([`${'你好世界'.repeat(3)}end`, 'next']);
	});

	test('keeps blanks within a line and drops those at its end; an empty line is a line', () => {
		expect(textOf(20, 6, 'a   b   \r\n\r\n   c\r\n')).toEqual(['a   b', '', '   c', '']);
	});

	test('has scrollback and screen, and above a full-screen program what was above before', () => {
		const shell = Array.from({length: 8}, (_, index) => `row ${index}`).join('\r\n');
		expect(textOf(20, 3, shell)).toEqual(['row 0', 'row 1', 'row 2', 'row 3', 'row 4', 'row 5', 'row 6', 'row 7']);
		expect(textOf(20, 3, `${shell}\x1b[?1049h\x1b[Hmenu`)).toEqual(['row 0', 'row 1', 'row 2', 'row 3', 'row 4', 'menu']);
	});

	test('stays as it is, and its rows are found again in a later one', () => {
		const screen = screenOf(20, 3, 'one\r\ntwo\r\nthree\r\nfour');
		const before = screen.copy();
		screen.write(`\x1b[2J${Array.from({length: 60}, (_, index) => `\r\nmore ${index}`).join('')}`);
		expect(Array.from({length: before.count}, (_, line) => before.textOf(line))).toEqual(['one', 'two', 'three', 'four']);
		const after = screen.copy();
		expect(after.era).toBe(before.era);
		expect(before.rowOf(0)).toBe(0);
		expect(after.textOf(0)).toBe('one');
		screen.write('\r\n'.repeat(100));
		const late = screen.copy();
		expect(late.rowOf(0)).toBe(late.rowsGone - 100);
		screen.resize(30, 3);
		expect(screen.copy().era).toBeGreaterThan(before.era);
	});

	test('wrapped to its own width shows the cells of the screen, whatever was printed', () => {
		fc.assert(
			fc.property(stream, text => {
				const screen = screenOf(24, 6, text);
				const lines = screen.copy();
				const rows = paneRows(lines, 24);
				const read = rows.slice(rowAt(rows, lines.screenTop)).map(({line, from, to}) => plain(lines.textOf(line, from, to)));
				const shown = textsOf(screen).map(plain);
				// A row of nothing but blanks that wrapped is no row of the copy.
				expect(read.filter(Boolean)).toEqual(shown.filter(Boolean));
			}),
			{numRuns: 300},
		);
	});

	test('keeps colours and attributes', () => {
		const screen = screenOf(20, 3, '\x1b[1;38;5;99mab\x1b[48;2;1;2;3mc\x1b[m \x1b[7m ');
		const lines = screen.copy();
		const [live, copied] = [createCellRow(20), createCellRow(20)];
		screen.readRow(0, live);
		lines.read(0, 0, 20, copied);
		expect(Array.from({length: 20}, (_, x) => cellText(copied, x))).toEqual(Array.from({length: 20}, (_, x) => cellText(live, x)));
	});
});

/** What is left of a text that may be shown. */
const plain = (text: string): string => text.replace(/[^\x21-\x7e\u2500-\u257f你好é]/gu, '');
