import fc from 'fast-check';
import {describe, expect, test, vi} from 'vitest';
import {NO_MODES} from '../../../source/terminal/screen/answers.ts';
import {createHeadlessScreen} from '../../../source/terminal/screen/screen.ts';
import {createCellRow} from '../../../source/terminal/text/cells.ts';
import {processorMs} from '../../helpers/wait.ts';
import {gridOf, screenOf, textsOf} from '../screens.ts';
import {stream} from '../streams.ts';

test('a row whose version has not grown has the same cells', () => {
	fc.assert(
		fc.property(fc.array(stream, {maxLength: 8}), streams => {
			const screen = createHeadlessScreen({columns: 12, rows: 6, scrollback: 4});
			for (const bytes of streams) {
				const [cells, versions] = [gridOf(screen), Array.from({length: 6}, (_, row) => screen.rowVersion(row))];
				screen.write(bytes);
				const after = gridOf(screen);
				for (let row = 0; row < 6; row++) if (screen.rowVersion(row) === versions[row]) expect(after[row]).toEqual(cells[row]);
			}
		}),
		{numRuns: 500},
	);
});

test('a screen that became narrower shows nothing of what stood beyond its edge, in the alternate buffer either', () => {
	for (const buffer of ['', '\x1b[?1049h']) {
		const screen = screenOf(24, 8, `${buffer}abc`);
		screen.resize(2, 1);
		const row = createCellRow(4);
		screen.readRow(0, row);
		expect(row.text.slice(2)).toEqual([' ', ' ']);
		expect(screen.textOf(0).length).toBeLessThanOrEqual(2);
	}
});

test('only the rows that were written to get a new version', () => {
	const screen = screenOf(20, 10, 'top\x1b[10;1H> prompt');
	// The cursor's own row counts as touched where a program puts the cursor back.
	const before = Array.from({length: 10}, (_, row) => screen.rowVersion(row));
	screen.write('\x1b[s\x1b[1;1Hx\x1b[u');
	expect(before.map((version, row) => screen.rowVersion(row) !== version)).toEqual([true, ...Array(8).fill(false), true]);
	screen.write('\x1b[3;15Hwrapped around three rows of text');
	const touched = before.flatMap((version, row) => (screen.rowVersion(row) === version ? [] : [row]));
	expect(touched).toEqual([0, 2, 3, 4, 9]);
});

test('bytes may be split anywhere', () => {
	fc.assert(
		fc.property(stream, fc.array(fc.nat(200)), (text, cuts) => {
			const bytes = new TextEncoder().encode(text);
			const [whole, pieces] = [screenOf(12, 6), screenOf(12, 6)];
			whole.write(bytes);
			let at = 0;
			for (const cut of [...cuts.filter(place => place < bytes.length).sort((a, b) => a - b), bytes.length]) {
				pieces.write(bytes.subarray(at, cut));
				at = cut;
			}
			expect(gridOf(pieces)).toEqual(gridOf(whole));
		}),
	);
});

describe('a hostile stream', () => {
	test('counts without measure end at once', () => {
		const tookMs = processorMs(() => {
			const screen = screenOf(80, 24, 'x\x1b[99999999b');
			for (const final of 'ABCDEFGHIJKLMPSTXZ@`abdefgr') screen.write(`\x1b[2147483647${final}\x1b[2147483647;2147483647${final}`);
			screen.write("\x1b[2147483647'}\x1b[2147483647'~\x1b[2147483647 @\x1b[2147483647 A");
		});
		expect(tookMs).toBeLessThan(500);
	});

	test('a million marks on one character stay a few', () => {
		const screen = screenOf(20, 5, `a${'\u0301'.repeat(1_000_000)}b`);
		expect(screen.textOf(0).length).toBeLessThan(64);
		expect(screen.textOf(0).endsWith('b')).toBe(true);
	});

	test('nothing changes the size, and no question is answered but through onReply', () => {
		const replies: string[] = [];
		const screen = createHeadlessScreen({columns: 80, rows: 24, scrollback: 0, onReply: reply => replies.push(reply)});
		screen.write(
			'\x1b[?40h\x1b[?3h\x1b[8;50;132t\x1b[4;500;500t\x1b[18t\x1b[21t\x1bP$qm\x1b\\\x1b]11;?\x07\x1b]52;c;?\x07\x1b]4;1;?\x07\x05',
		);
		expect([screen.columns, screen.rows]).toEqual([80, 24]);
		expect(replies).toEqual([]);
		screen.write('\x1b[c\x1b[6n\x1b[5n\x1b[?2004$p');
		expect(replies).toEqual(['\x1b[?1;2c', '\x1b[1;1R', '\x1b[0n', '\x1b[?2004;2$y']);
		const started = performance.now();
		screen.write('\x1b[c'.repeat(100_000));
		const seconds = Math.ceil((performance.now() - started) / 1000) + 1;
		expect(replies.length).toBeLessThanOrEqual(200 * seconds);
	});

	test('garbage prints nothing to the console and never throws', () => {
		const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map(level => vi.spyOn(console, level));
		fc.assert(fc.property(fc.array(fc.uint8Array({maxLength: 300})), chunks => chunks.forEach(screenOf(20, 5).write)));
		for (const spy of spies) expect(spy).not.toHaveBeenCalled();
	});

	test('a hidden cursor comes back with a full reset', () => {
		expect(screenOf(10, 3, '\x1b[?25l').cursor.visible).toBe(false);
		expect(screenOf(10, 3, '\x1b[?25l\x1bc').cursor.visible).toBe(true);
	});
});

describe('what a pane asks for', () => {
	test('modes are seen, and the alternate screen', () => {
		const screen = screenOf(10, 3, '\x1b[?1h\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b[?1004h\x1b[?1049h\x1b[?2026h');
		expect(screen.modes).toEqual({
			...NO_MODES,
			applicationCursor: true,
			bracketedPaste: true,
			mouse: 'drag',
			sgrMouse: true,
			focusEvents: true,
		});
		expect([screen.isAlternate, screen.isUpdating]).toEqual([true, true]);
	});

	test('how it wants its keys is seen: kitty levels of each screen, modifyOtherKeys, keypad; a reset ends all', () => {
		const screen = screenOf(10, 3, '\x1b[>1u');
		const kitty = (bytes: string): number => {
			screen.write(bytes);
			return screen.modes.kittyKeyboard;
		};
		expect(screen.modes).toEqual({...NO_MODES, kittyKeyboard: 1});
		expect([kitty('\x1b[>31u'), kitty('\x1b[=8u'), kitty('\x1b[=3;2u'), kitty('\x1b[=1;3u'), kitty('\x1b[<u')]).toEqual([31, 8, 11, 10, 1]);
		expect([kitty('\x1b[?1049h'), kitty('\x1b[>5u'), kitty('\x1b[?1049l'), kitty('\x1b[<9u'), kitty('\x1b[=999u')]).toEqual([
			0, 5, 1, 0, 7,
		]);
		screen.write('\x1b[>4;2m\x1b=');
		expect(screen.modes).toMatchObject({otherKeys: 2, applicationKeypad: true});
		screen.write('\x1b[>4m');
		expect(screen.modes.otherKeys).toBe(0);
		screen.write('\x1b[>4;1m\x1bc');
		expect(screen.modes).toEqual(NO_MODES);
	});

	test('a flood of keyboard levels is kept short, and the one that holds is told to who asks', () => {
		const replies: string[] = [];
		const screen = createHeadlessScreen({columns: 10, rows: 3, scrollback: 0, onReply: bytes => void replies.push(bytes)});
		screen.write('\x1b[>3u'.repeat(10_000));
		screen.write(`${'\x1b[<u'.repeat(15)}\x1b[?u`);
		expect([screen.modes.kittyKeyboard, replies]).toEqual([3, ['\x1b[?3u']]);
		// In order with other answers, as programs wait for the last of their questions.
		screen.write('\x1b[<4294967295u\x1b[?u\x1b[c\x1b[?1049h\x1b[=5u\x1b[?u');
		expect(replies.slice(1)).toEqual(['\x1b[?0u', '\x1b[?1;2c', '\x1b[?5u']);
		expect(screen.modes.kittyKeyboard).toBe(5);
	});

	test('the shape of the cursor is seen, and a reset of any kind gives the own one back', () => {
		const screen = screenOf(10, 3);
		const shape = (bytes: string): number => {
			screen.write(bytes);
			return screen.modes.cursorShape;
		};
		expect(['0 q', '1 q', '2 q', '3 q', '4 q', '5 q', '6 q'].map(end => shape(`\x1b[${end}`))).toEqual([0, 1, 2, 3, 4, 5, 6]);
		expect([shape('\x1b[0 q'), shape('\x1b[6 q\x1b[!p'), shape('\x1b[5 q\x1bc'), shape('\x1b[9 q')]).toEqual([0, 0, 0, 0]);
	});

	test('the last lines come as clean text, scrollback included', () => {
		const screen = screenOf(20, 3, `${Array.from({length: 9}, (_, line) => `line ${line}`).join('\n')}\n\nend \u202eof it\n`);
		expect(screen.tail(3)).toEqual(['line 7', 'line 8', 'end <U+202E>of it']);
		expect(screen.scrollbackLines).toBe(9);
		expect(textsOf(screen)).toEqual(['', 'end \u202eof it', '']);
	});

	test('listeners hear every write and resize until they stop', () => {
		const screen = screenOf(10, 3);
		let heard = 0;
		const stop = screen.onChange(() => heard++);
		screen.write('a');
		screen.resize(11, 3);
		screen.resize(11, 3);
		stop();
		screen.write('b');
		expect(heard).toBe(2);
	});
});

test('has a line for each row after a storm of sizes, also without scrollback', () => {
	let state = 7919;
	const next = (most: number): number => {
		state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
		return Math.floor((state / 2_147_483_648) * most);
	};
	for (let round = 0; round < 8; round++) {
		const screen = createHeadlessScreen({columns: 80, rows: 24, scrollback: round % 4 === 0 ? 100 : 0});
		for (let step = 0; step < 15; step++) {
			const [columns, rows] = [2 + next(120), 1 + next(60)];
			screen.resize(columns, rows);
			for (let row = 0; row < rows; row++) screen.write(`\x1b[${row + 1}Hm`);
			const marks = Array.from({length: rows}, (_, row) => screen.textOf(row).slice(0, 1));
			expect(marks, `${columns}x${rows} in step ${step} of round ${round}`).toEqual(marks.map(() => 'm'));
			screen.write(`\x1b[${1 + next(rows)}H${'row\r\n'.repeat(next(rows))}${'x'.repeat(next(300))}`);
		}
		screen.dispose();
	}
});
