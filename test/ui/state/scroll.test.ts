import {describe, expect, test} from 'vitest';
import {createCellRow} from '../../../source/terminal/text/cells.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {busyRoom} from '../fixtures/room.ts';
import {createTestPane, createTestStore, type TestPane} from '../fixtures/store.ts';
import type {Attached} from '../fixtures/terminal.ts';

withTerminals();

const lines = (from: number, to: number): string => Array.from({length: to - from + 1}, (_, index) => `row ${from + index}\r\n`).join('');

/** A zoomed pane of 98x28 at 100x30 that has printed this, being read. */
const reading = async (text: string): Promise<{terminal: Attached; pane: TestPane}> => {
	const pane = createTestPane(98, 26);
	pane.screen.write(text);
	const terminal = open(createTestStore(busyRoom(), new Map([['agent:dev:003', pane]])), {columns: 100, rows: 30});
	await terminal.shows('ROOM │');
	terminal.type('z[');
	await terminal.shows('SCROLL │');
	return {terminal, pane};
};

/** The pane's rows inside its frame. */
const inside = (terminal: Attached): string[] =>
	terminal
		.rows()
		.slice(2, -2)
		.map(row => [...row].slice(1, 99).join('').trimEnd());

const clipboard = (terminal: Attached): string => {
	const found = [...terminal.output().matchAll(/\u001b\]52;c;([A-Za-z0-9+/=]*)/g)].at(-1)?.[1] ?? '';
	return Buffer.from(found, 'base64').toString();
};

describe('a pane that is read', () => {
	test('stands still whatever is printed, says how far up it is, and continues from there', async () => {
		const {terminal, pane} = await reading(lines(1, 150));
		expect(terminal.text()).toContain('live · k up · / search');
		terminal.type('\x15\x15\x15');
		await terminal.shows('lines up · f follow');
		const before = inside(terminal);
		expect(before.filter(row => /^row \d+$/.test(row))).toHaveLength(26);
		// Far more than the scrollback holds: what is read is gone from the pane.
		pane.screen.write(lines(151, 900));
		await terminal.shows(' new · f follow');
		expect(inside(terminal)).toEqual(before);
		expect(terminal.text()).toMatch(/\d+ lines up · 750 new · f follow/);
		terminal.type('f');
		await terminal.shows('row 900');
		expect(terminal.text()).toContain('following output');
		pane.screen.write('and more');
		await terminal.shows('and more');
	});

	test('continues below its end in what came since, and then to the live screen', async () => {
		const {terminal, pane} = await reading(lines(1, 60));
		terminal.type('k');
		await terminal.shows('0 lines up');
		pane.screen.write(lines(61, 70));
		await terminal.shows('0 lines up · 10 new');
		expect(terminal.text()).not.toContain('row 61');
		terminal.type('jj');
		await terminal.shows('row 61');
		terminal.type('j'.repeat(12));
		await terminal.shows('following output');
		expect(inside(terminal)).toContain('row 70');
	});

	test('keeps its place when the terminal gets another size, wrapped again', async () => {
		const long = Array.from({length: 80}, (_, index) => `line ${index} ${'word '.repeat(30)}END${index}\r\n`).join('');
		const {terminal} = await reading(long);
		terminal.type('/END40\r');
		await terminal.shows('/END40 1/1');
		for (const [columns, rows] of [
			[60, 20],
			[160, 45],
			[44, 12],
			[100, 30],
		] as const) {
			terminal.resize(columns, rows);
			await terminal.shows(text => text.includes('END40') && text.includes('SCROLL │'));
			expect(terminal.rows().every(row => row.length === columns)).toBe(true);
		}
	});

	test('shows the lines above a full-screen program too, and says when the screen became another', async () => {
		const {terminal, pane} = await reading(`${lines(1, 40)}\x1b[?1049h\x1b[H\x1b[2Jmenu`);
		terminal.type('g');
		await terminal.shows('row 1');
		pane.screen.write('\x1b[?1049l');
		await terminal.shows('screen changed');
		terminal.type('q');
		await terminal.shows('ROOM │');
	});

	test('is left by esc, by another agent and by typing; the zoom stays', async () => {
		const {terminal} = await reading(lines(1, 90));
		terminal.type('k\x1b');
		await terminal.shows('ROOM │');
		expect(terminal.rows()[0]).toContain('agent-room ›');
		terminal.type("[kkk'dev-1\r");
		await terminal.shows(text => text.includes('ROOM │') && !text.includes('SCROLL'));
	});

	test('fills the screen where the layout has no pane, also when the terminal becomes that small', async () => {
		const pane = createTestPane(80, 24);
		pane.screen.write(lines(1, 100));
		const terminal = open(createTestStore(busyRoom(), new Map([['agent:dev:003', pane]])), {columns: 40, rows: 15});
		await terminal.shows('ROOM │');
		// The keys are the pane's afterwards, so the last row names others.
		const panels = (): string => terminal.rows().slice(0, -1).join('\n');
		const before = panels();
		terminal.type('[k');
		await terminal.shows('SCROLL dev-3');
		expect(terminal.text()).toContain(' up · f follow');
		terminal.type('q');
		await terminal.shows(() => panels() === before);
		terminal.resize(100, 30);
		await terminal.shows('ROOM │');
		terminal.type('[k');
		await terminal.shows('lines up');
		terminal.resize(40, 15);
		await terminal.shows(text => text.includes('SCROLL dev-3') && text.includes(' up · f follow'));
	});
});

describe('searching a pane', () => {
	test('finds upwards while typed, counts, goes round with n and N; small letters find capitals', async () => {
		const {terminal} = await reading(`Error one\r\n${lines(1, 60)}error two\r\n${lines(61, 90)}ERROR three\r\nend`);
		terminal.type('/err');
		await terminal.shows('SEARCH │ /err');
		await terminal.shows('/err 3/3');
		terminal.type('\rn');
		await terminal.shows('/err 2/3');
		expect(inside(terminal)).toContain('error two');
		terminal.type('n');
		await terminal.shows('/err 1/3');
		terminal.type('n');
		await terminal.shows('/err 3/3');
		terminal.type('N');
		await terminal.shows('/err 1/3');
		terminal.type('/ERR\r');
		await terminal.shows('/ERR 1/1');
		terminal.type('/nothing');
		await terminal.shows('/nothing not found');
		terminal.type('\x1b');
		await terminal.shows('/ERR 1/1');
	});

	test('joins what the terminal wrapped, counts wide characters and marks, and marks the cells', async () => {
		const {terminal} = await reading(`${'你'.repeat(40)}${'好'.repeat(8)}ab cafe\u0301 needle\r\n${lines(1, 40)}`);
		terminal.type('/好ab\r');
		await terminal.shows('1/1');
		const row = createCellRow(100);
		const at = terminal.rows().findIndex(text => text.includes('好'));
		terminal.screen.readRow(at, row);
		const marked = row.text.flatMap((text, x) => ((row.style[x] ?? 0) & 8 ? [text] : []));
		expect(marked.join('')).toBe('好ab');
		terminal.type('/fe\u0301 n\r');
		await terminal.shows('1/1');
	});
});

describe('copying from a pane', () => {
	test('takes whole lines without blanks at their ends, the wrapped ones as one', async () => {
		const {terminal} = await reading(`top\r\n${'long '.repeat(30)}end   \r\n  indented   \r\n\r\nlast\r\n${lines(1, 40)}`);
		terminal.type('/top\rvjjjjj');
		await terminal.shows('5 lines of');
		terminal.type('y');
		await terminal.shows('copied 5 lines by OSC 52');
		expect(clipboard(terminal)).toBe(`top\n${'long '.repeat(30)}end\n  indented\n\nlast`);
		terminal.type('y');
		await terminal.shows('copied 1 line by OSC 52');
		expect(clipboard(terminal)).toBe('last');
	});

	test('takes a block of cells, wide characters whole', async () => {
		const {terminal} = await reading(`name  size\r\nfoo   12\r\n你好  7\r\n${lines(1, 40)}`);
		terminal.type('/name\rVjjll');
		await terminal.shows('block of 5x3');
		terminal.type('y');
		await terminal.shows('copied a block of 3 rows by OSC 52');
		expect(clipboard(terminal)).toBe('name\nfoo\n你好');
	});

	test('gives nothing on that steers a terminal', async () => {
		const {terminal} = await reading(`a\u202eb\u200bc\x1b]52;c;aGk=\x07 d\u0007\r\n${lines(1, 40)}`);
		terminal.type('gy');
		await terminal.shows('copied 1 line');
		expect(clipboard(terminal)).toBe('abc d');
	});
});
