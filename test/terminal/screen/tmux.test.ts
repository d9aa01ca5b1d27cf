import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterAll, describe, expect, test} from 'vitest';
import {createHeadlessScreen, type HeadlessScreen} from '../../../source/terminal/screen/screen.ts';
import {gridOf} from '../screens.ts';
import {drawn, printed} from '../streams.ts';
import {CUT, createTmuxPane, type TmuxPane} from '../tmux-pane.ts';

const SIZE = {columns: 40, rows: 12};
const RECORDED = {columns: 80, rows: 24};
const panes = new Map<typeof SIZE, TmuxPane>();
/** One tmux for every size, opened when it is needed first. */
const paneOf = (size: typeof SIZE): TmuxPane => {
	const pane = panes.get(size) ?? createTmuxPane(size.columns, size.rows);
	panes.set(size, pane);
	return pane;
};
afterAll(() => {
	for (const pane of panes.values()) pane.close();
});

/** What a person sees, said in one form: every cell, the cursor, the alternate screen and the modes of cursor and its keys. */
const seen = (screen: HeadlessScreen) => ({
	cells: gridOf(screen),
	cursor: [screen.cursor.x, screen.cursor.y],
	modes: [screen.isAlternate, screen.cursor.visible, screen.modes.applicationCursor].map(Number).join(''),
});

/** The same bytes on a screen of ours and in tmux, whose own picture is read back through another screen. */
const both = async (bytes: Uint8Array | string, size = SIZE) => {
	const ours = createHeadlessScreen({...size, scrollback: 100});
	ours.write(bytes);
	ours.write(CUT);
	const shown = await paneOf(size).show(bytes);
	const theirs = createHeadlessScreen({...size, scrollback: 0});
	// tmux draws lines by shifting to the second character set; attributes go on from row to row.
	theirs.write('\x1b)0');
	for (const [y, row] of shown.rows.entries()) theirs.write(`\x1b[${y + 1};1H${row}`);
	// Behind the last column tmux counts one more.
	return {ours: seen(ours), theirs: {...seen(theirs), cursor: [Math.min(size.columns - 1, shown.x), shown.y], modes: shown.modes}};
};

const lines = (count: number): string => Array.from({length: count}, (_, line) => `line ${line} ${'·'.repeat(line)}`).join('\r\n');

const STREAMS: Readonly<Record<string, string>> = {
	'plain lines that scroll': lines(30),
	'text that wraps': `${'wrap '.repeat(40)}\r\nend`,
	'wide characters and marks': `${'你好世界'.repeat(8)}\r\ncafe\u0301 é 한국어\r\n`,
	'emoji of several code points': '⚠️ ok 👨‍👩‍👧 family 👍🏽 ✔️ done\r\n❤️|\r\n1️⃣|',
	'text from right to left': 'שלום עולם\r\nمرحبا abc',
	'colours of 16, 256 and all':
		'\x1b[31;44ma\x1b[95;103mb\x1b[38;5;99;48;5;200mc\x1b[38;2;1;2;3;48;2;9;8;7md\x1b[39;49me\x1b[38:5:99mf\x1b[38:2::1:2:3mg',
	'every attribute, on and off': [1, 2, 3, 4, 5, 7, 8, 9].map(code => `\x1b[${code}mx\x1b[2${code === 1 ? 2 : code}mo`).join(''),
	'erasing and moving': `${lines(10)}\x1b[3;5Hhere\x1b[K\x1b[5;1H\x1b[2K\x1b[7;10H\x1b[1Kx\x1b[9;4H\x1b[J`,
	'erasing in a colour': `\x1b[44m\x1b[2J\x1b[42m\x1b[3;5H\x1b[K\x1b[5;5H\x1b[4X\x1b[6;1H\x1b[2P\x1b[3@`,
	'a scroll region': `\x1b[2J\x1b[H${lines(11)}\x1b[3;8r\x1b[8;1H\na\nb\x1b[3;1H\x1bMtop\x1b[r\x1b[12;1Hlast`,
	'origin mode': `${lines(11)}\x1b[3;8r\x1b[?6h\x1b[1;1Hfirst\x1b[99;3Hlast\x1b[?6l\x1b[1;1Hhome`,
	'insert mode': 'abcdef\x1b[1;3H\x1b[4hXY\x1b[4lZ',
	'lines and characters put in and taken out': `${lines(9)}\x1b[3;1H\x1b[2L\x1b[6;1H\x1b[M\x1b[1;3H\x1b[4@\x1b[2;3H\x1b[3P\x1b[4;2H\x1b[5X`,
	'lines drawn by letters': '\x1b(0lqqwqqk\r\nx  x  x\r\nmqqvqqj\x1b(B lqk \x1b)0\x0exx\x0fxx',
	'a place kept and taken again': '\x1b[5;5H\x1b[31mred\x1b7\x1b[m\x1b[1;1Hhome\x1b8more\x1b[s\x1b[2;2Hx\x1b[uend',
	'a full-screen program': `before\x1b[?1049h\x1b[H\x1b[2J┌${'─'.repeat(38)}┐\x1b[12;1H└${'─'.repeat(38)}┘\x1b[6;10Hmenu`,
	'a full-screen program that ended': `before\r\n\x1b[?1049h\x1b[2J\x1b[Hinside\x1b[?1049lafter`,
	'tabs, returns and backspaces': 'a\tb\tc\r\nabc\b\bX\r\nover\rO\r\n\tend\r\n\x1b[5Gx\x1bH\ry\tz\x1b[3g\ra\tb',
	'cursor keys and a hidden cursor': '\x1b[?1h\x1b[?25l\x1b[4;4Hx',
	'strings for nobody':
		'a\x1b]0;title\x07b\x1b]52;c;aGk=\x07c\x1bP+q544e\x1b\\d\x1b_x\x1b\\e\x1b^y\x1b\\f\x1b]8;;http://x\x07g\x1b]8;;\x07h',
};

describe('the same cells as tmux', () => {
	test.each(Object.entries(STREAMS))('%s', async (_name, stream) => {
		const {ours, theirs} = await both(stream);
		expect(ours).toEqual(theirs);
	});

	test.each(['vim', 'less', 'htop', 'top', 'git', 'vitest'])('what %s printed, wherever it is cut', async name => {
		const bytes = readFileSync(join(import.meta.dirname, '../../fixtures/streams', `${name}.bin`));
		for (const part of [0.2, 0.4, 0.6, 0.8, 0.9, 1]) {
			const {ours, theirs} = await both(bytes.subarray(0, Math.floor(bytes.length * part)), RECORDED);
			expect(ours).toEqual(theirs);
		}
	});

	test.each([
		['whatever is printed', printed],
		['however a screen is drawn', drawn],
	])('%s', async (_name, streams) => {
		await fc.assert(
			fc.asyncProperty(streams, async stream => {
				const {ours, theirs} = await both(stream);
				expect(ours).toEqual(theirs);
			}),
			{numRuns: 40, seed: 7},
		);
	});
});
