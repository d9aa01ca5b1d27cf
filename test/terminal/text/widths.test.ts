import unicode11 from '@xterm/addon-unicode11';
import xterm from '@xterm/headless';
import fc from 'fast-check';
import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import {createCompositor} from '../../../source/terminal/paint/compositor.ts';
import {createCellRow} from '../../../source/terminal/text/cells.ts';
import {screenOf} from '../screens.ts';

const CLUSTERS = [
	'⚠️',
	'✔️',
	'❤️',
	'ℹ️',
	'▶️',
	'1️⃣',
	'👍🏽',
	'☝🏽',
	'👨‍👩‍👧',
	'🏳️‍🌈',
	'👩🏽‍💻',
	'👩🏻‍❤️‍💋‍👨🏾',
	'✅',
	'🇩🇪',
	'🇩🇪🇫🇷',
	'🫠',
	'🏴󠁧󠁢󠁥󠁮󠁧󠁿',
	'é',
	'한',
	'❤',
	'1',
	'©',
];

describe('characters of several code points', () => {
	test.each(CLUSTERS)('%s takes as many cells as programs count', text => {
		// Programs that draw frames count with libraries such as this one.
		expect(screenOf(20, 2, text).cursor.x).toBe(stringWidth(text));
		expect(screenOf(20, 2, `${text}|`).textOf(0)).toBe(`${text}|`);
	});

	test('go to the next row whole where they do not fit', () => {
		const screen = screenOf(4, 3, 'abc⚠️d');
		expect([screen.textOf(0), screen.textOf(1)]).toEqual(['abc', '⚠️d']);
	});

	test('are whole in a copy and for who reads', () => {
		const lines = screenOf(20, 2, '👨‍👩‍👧|🇩🇪|1️⃣|').copy();
		expect(lines.textOf(0)).toBe('👨‍👩‍👧|🇩🇪|1️⃣|');
		expect(lines.cellsOf(0)).toBe(9);
	});

	test('a joiner or a tag between other characters is no emoji, and reaches nobody', () => {
		const {sent, show} = compositorOf(20);
		for (const text of [
			'a\u200db',
			'你\u200d好',
			'😀\u{e0041}\u{e0042}',
			'👨\u200d\u202e',
			'🏴\u{e0067}\u{e0062}\u{e0078}\u{e007f}',
			'🇩\u200d',
		])
			show(text);
		expect(sent()).not.toMatch(/[\u200d\u202e\u{e0000}-\u{e007f}]/u);
	});
});

/** What a compositor writes for one row. */
const compositorOf = (columns: number) => {
	let sent = '';
	const compositor = createCompositor({
		columns,
		rows: 2,
		write: bytes => {
			sent += bytes;
		},
	});
	const chrome = screenOf(columns, 2);
	return {
		sent: () => sent,
		show: (text: string): void => {
			const screen = screenOf(columns, 2, text);
			compositor.compose({chrome, panes: [{screen, x: 0, y: 0, columns, rows: 2, anchor: 'top-left', holes: []}]});
		},
	};
};

/** Terminals that know no clusters: one gives each emoji one cell, one gives each of them two. */
const naive = (columns: number, isNewer: boolean): xterm.Terminal => {
	const terminal = new xterm.Terminal({cols: columns, rows: 2, allowProposedApi: true});
	if (isNewer) terminal.loadAddon(new unicode11.Unicode11Addon());
	if (isNewer) terminal.unicode.activeVersion = '11';
	return terminal;
};
const write = (terminal: xterm.Terminal, bytes: string): Promise<void> => new Promise(resolve => terminal.write(bytes, resolve));

describe('a terminal that draws them otherwise', () => {
	test('gets them whole, and keeps no ghost of them', async () => {
		const {sent, show} = compositorOf(12);
		show('xxxxxxxxxxxx');
		show('⚠️ok 👨‍👩‍👧| 🇩🇪');
		expect(sent()).toMatch(/⚠\ufe0f.*👨‍👩‍👧.*🇩🇪/u);
		const terminal = naive(12, false);
		await write(terminal, sent());
		expect(terminal.buffer.active.getLine(0)?.translateToString(true).trimEnd()).toBe('⚠️ ok 👨‍👩‍| 🇩🇪');
	});

	test.each([false, true])('shows everything else in its place, whatever is drawn over what (two cells an emoji: %s)', async isNewer => {
		const piece = fc.constantFrom('a', 'b', ' ', '      ', '─', '👨‍👩‍👧', '🇩🇪', '⚠️', '👍🏽', '👩🏻‍❤️‍💋‍👨🏾', '1️⃣', '你', '🫠');
		const row = fc.array(piece, {maxLength: 16}).map(pieces => pieces.join(''));
		const columns = 20;
		await fc.assert(
			fc.asyncProperty(fc.array(row, {minLength: 1, maxLength: 4}), async rows => {
				const {sent, show} = compositorOf(columns);
				for (const text of rows) show(`\x1b[?7l${text}`);
				const terminal = naive(columns, isNewer);
				await write(terminal, `${sent()}`);
				const wanted = screenOf(columns, 2, `\x1b[?7l${rows.at(-1)}`);
				const cells = createCellRow(columns);
				wanted.readRow(0, cells);
				for (let x = 0; x < columns; x++) {
					const shown = terminal.buffer.active.getLine(0)?.getCell(x)?.getChars() || ' ';
					// Plain ones; the other half of an emoji may show what the terminal makes of it.
					if (/^[ab ─]$/.test(cells.text[x] ?? '')) expect(`${x}${shown}`).toBe(`${x}${cells.text[x]}`);
				}
				expect(terminal.buffer.active.getLine(1)?.translateToString(true)).toBe('');
			}),
			{numRuns: 30, seed: 11},
		);
	});

	test('in ASCII one that is two cells wide takes two', () => {
		const screen = screenOf(12, 1, '⚠️a👨‍👩‍👧b🇩🇪c');
		let sent = '';
		const compositor = createCompositor({columns: 12, rows: 1, isAscii: true, write: bytes => (sent += bytes)});
		compositor.compose({chrome: screen, panes: []});
		expect(screenOf(12, 1, sent).textOf(0)).toBe('! a??bDEc');
	});
});
