import {describe, expect, onTestFinished, test} from 'vitest';
import {gridOf, textsOf} from '../../terminal/screens.ts';
import {createTmuxPane} from '../../terminal/tmux-pane.ts';
import {foreignTo} from '../fixtures/foreign.ts';
import {HOSTILE_BYTES} from '../fixtures/hostile-bytes.ts';
import {diceOf} from '../fixtures/monkey.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {busyRoom} from '../fixtures/room.ts';
import {createTestPane, createTestStore} from '../fixtures/store.ts';
import {type Attached, until} from '../fixtures/terminal.ts';

withTerminals();

const paneRoom = (columns = 120, rows = 40) => {
	const pane = createTestPane(columns, rows);
	return {pane, store: createTestStore(busyRoom(), new Map([['agent:dev:003', pane]]))};
};

const isSame = (a: Attached, b: Attached): boolean => JSON.stringify(gridOf(a.screen)) === JSON.stringify(gridOf(b.screen));

describe('a storm of sizes', () => {
	test.each([
		['the room', ''],
		['a zoomed pane', 'z'],
	])('leaves no ghost over a streaming pane: %s', async (_name, keys) => {
		const next = diceOf(keys.length + 1);
		const {pane, store} = paneRoom();
		const print = (): void => {
			const width = next(150);
			pane.screen.write(`\x1b[3${next(8)}m${'你x─ '.repeat(width / 4)}\x1b[m\r\n\x1b[${next(60)};${next(150)}H${'y'.repeat(next(90))}`);
		};
		for (let line = 0; line < 60; line++) print();
		const terminal = open(store, {columns: 120, rows: 40});
		await terminal.shows('ROOM │');
		terminal.type(keys);
		await terminal.shows(keys === '' ? 'ROOM │' : 'agent-room › dev-3');
		for (let round = 0; round < 4; round++) {
			let [columns, rows] = [0, 0];
			// Several sizes within one drawing, as a person drags a corner.
			for (let step = 0; step < 5; step++) {
				[columns, rows] = [40 + next(140), 10 + next(50)];
				terminal.resize(columns, rows);
				print();
			}
			const fresh = open(store, {columns, rows});
			await fresh.shows('ROOM │');
			fresh.type(keys);
			await until(
				() => isSame(terminal, fresh),
				() => `at ${columns}x${rows} the terminal shows\n${terminal.text()}\nand a fresh one\n${fresh.text()}`,
			);
			fresh.view.close();
		}
	});

	test('shows in tmux what it shows on a screen of ours', async () => {
		const next = diceOf(5);
		const {pane, store} = paneRoom();
		const tmux = createTmuxPane(100, 30);
		onTestFinished(tmux.close);
		const terminal = open(store, {columns: 100, rows: 30});
		await terminal.shows('ROOM │');
		terminal.type('z');
		let sent = 0;
		for (let round = 0; round < 5; round++) {
			for (let line = 0; line < 10; line++) pane.screen.write(`row ${next(1000)} ${'─x你'.repeat(next(30))}\r\n`);
			const mark = `end of round ${round}`;
			pane.screen.write(mark);
			await terminal.shows(mark);
			const shown = await tmux.after(terminal.output().slice(sent));
			sent = terminal.output().length;
			const rows = shown.rows.map(row => row.replaceAll(/\x1b\[[0-9;:]*m/g, '').trimEnd());
			expect(rows).toEqual(textsOf(terminal.screen).map(row => row.trimEnd()));
			const [columns, height] = [40 + next(100), 12 + next(30)];
			tmux.resize(columns, height);
			terminal.resize(columns, height);
		}
	});
});

test('the last to type sets the size of a pane; who zooms it elsewhere sees the part that fits', async () => {
	const {pane, store} = paneRoom(80, 24);
	const wide = open(store, {columns: 160, rows: 45});
	const small = open(store, {columns: 60, rows: 20});
	for (const terminal of [wide, small]) await terminal.shows('ROOM │');
	wide.type('z');
	await until(
		() => pane.screen.columns === 158,
		() => `the pane is ${pane.screen.columns} wide`,
	);
	small.type('z');
	await until(
		() => pane.screen.columns === 58 && pane.screen.rows === 16,
		() => `the pane is ${pane.screen.columns}x${pane.screen.rows}`,
	);
	pane.screen.write('\x1b[2J\x1b[16;1Hthe last row');
	await wide.shows('the last row');
	// Typing in the wide one takes the size back.
	wide.type('i\x1d');
	await wide.shows('TYPING INTO dev-3');
	wide.type('x');
	expect([pane.screen.columns, pane.screen.rows]).toEqual([158, 41]);
	pane.screen.write(`\x1b[2J\x1b[1;1H${'0123456789'.repeat(12)}\x1b[41;1Hbottom`);
	await small.shows('bottom');
	await wide.shows('0123456789'.repeat(12));
});

describe('nothing of a pane but cells', () => {
	test.each([1, 2, 3])('reaches the terminal, shown, typed into or read (%i)', async seed => {
		const next = diceOf(seed);
		const {pane, store} = paneRoom();
		const terminal = open(store, {columns: 120, rows: 36});
		await terminal.shows('ROOM │');
		for (const keys of ['', 'z', '[kkkk/te\r', 'qi\x1d']) {
			terminal.type(keys);
			for (let round = 0; round < 40; round++) {
				const bytes = Array.from({length: 1 + next(12)}, () => HOSTILE_BYTES[next(HOSTILE_BYTES.length)] ?? '').join('');
				// Half of them as the bytes of 8-bit controls, half as UTF-8.
				pane.screen.write(Buffer.from(bytes, next(2) === 0 ? 'latin1' : 'utf8'));
				if (next(8) === 0) await new Promise(resolve => setTimeout(resolve, 5));
			}
			pane.screen.write('\x18\x1b\\\x1bc\x1b[mdone');
			await terminal.shows('done');
		}
		terminal.type('\x1d');
		await terminal.shows('ROOM │');
		expect(foreignTo(terminal.output())).toBe('');
	});
});
