import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createCompositor} from '../../../source/terminal/paint/compositor.ts';
import {createHeadlessScreen} from '../../../source/terminal/screen/screen.ts';
import {gridOf, screenOf, textsOf} from '../screens.ts';
import {stream} from '../streams.ts';

const [BEGIN, END] = ['\x1b[?2026h', '\x1b[?2026l'];

/** A pane in the middle of a terminal of 20 columns and 5 rows, on a clock of the test. */
const start = () => {
	const clock = {at: 0};
	const terminal = screenOf(20, 5);
	const compositor = createCompositor({columns: 20, rows: 5, write: bytes => terminal.write(bytes)});
	const chrome = screenOf(20, 5, `${'.'.repeat(20)}\r\n`.repeat(4));
	const pane = createHeadlessScreen({columns: 10, rows: 3, scrollback: 0, now: () => clock.at});
	const places = [{screen: pane, x: 5, y: 1, columns: 10, rows: 3, anchor: 'top-left' as const, holes: []}];
	return {clock, terminal, compositor, chrome, pane, paint: () => compositor.compose({chrome, panes: places, cursor: {pane: 0}})};
};

describe('a program that draws in one synchronized update', () => {
	test('shows what it showed before until all of it has come, its cursor too', () => {
		const {terminal, pane, paint} = start();
		pane.write('before');
		paint();
		const before = {cells: gridOf(terminal), cursor: terminal.cursor};
		pane.write(`${BEGIN}\x1b[2J\x1b[Hhal`);
		paint();
		expect({cells: gridOf(terminal), cursor: terminal.cursor}).toEqual(before);
		pane.write(`f, and whole${END}`);
		paint();
		expect(textsOf(terminal).slice(1, 3)).toEqual(['.....half, and .....', '.....whole     .....']);
		expect(terminal.cursor).toEqual({x: 10, y: 2, visible: true});
	});

	test('keeps nothing else from being painted, nor its own place from being taken', () => {
		const {terminal, compositor, chrome, pane, paint} = start();
		pane.write('before');
		paint();
		pane.write(`${BEGIN}\x1b[Hhalf`);
		chrome.write('\x1b[2;1H漢字漢字漢字漢字漢字');
		paint();
		expect(textsOf(terminal)[1]).toBe('漢字 before     漢字');
		compositor.invalidate();
		terminal.write('\x1b[2J');
		paint();
		expect(textsOf(terminal)[1]).toBe('漢字 halfre     漢字');
		compositor.compose({chrome, panes: []});
		expect(textsOf(terminal)[1]).toBe('漢字漢字漢字漢字漢字');
	});

	test('is shown as it is where it never ends, however often it begins', () => {
		const {clock, terminal, pane, paint} = start();
		pane.write('before');
		paint();
		for (let time = 0; time < 160; time += 10) {
			clock.at = time;
			pane.write(`${BEGIN}\x1b[Hat ${time} `);
			paint();
		}
		expect(textsOf(terminal)[1]).toBe('.....at 150    .....');
		// The next update is one again.
		pane.write(`${END}${BEGIN}\x1b[Hnew`);
		paint();
		expect(textsOf(terminal)[1]).toBe('.....at 150    .....');
	});

	test('shows in the end what was drawn, whatever was painted meanwhile', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(stream, fc.boolean(), fc.nat(60)), {maxLength: 5}), updates => {
				const [held, plain] = [start(), start()];
				for (const [bytes, isUpdate, cut] of updates) {
					const whole = isUpdate ? `${BEGIN}${bytes}${END}` : bytes;
					for (const part of [whole.slice(0, cut), whole.slice(cut)]) {
						held.pane.write(part);
						held.paint();
					}
					plain.pane.write(whole);
				}
				for (const each of [held, plain]) each.paint();
				expect(gridOf(held.terminal)).toEqual(gridOf(plain.terminal));
				expect(held.terminal.cursor).toEqual(plain.terminal.cursor);
			}),
			{numRuns: 60, seed: 5},
		);
	});
});

test('a pane that rests keeps its picture while another is painted, whatever it prints', () => {
	fc.assert(
		fc.property(fc.array(stream, {minLength: 1, maxLength: 6}), fc.array(fc.boolean(), {minLength: 6, maxLength: 6}), (streams, rests) => {
			const [terminal, wanted] = [screenOf(24, 4), screenOf(24, 4)];
			const compositor = createCompositor({columns: 24, rows: 4, write: bytes => terminal.write(bytes)});
			const fresh = createCompositor({columns: 24, rows: 4, write: bytes => wanted.write(bytes)});
			const chrome = screenOf(24, 4);
			const [left, right] = [screenOf(12, 4), screenOf(12, 4)];
			const at = {y: 0, columns: 12, rows: 4, anchor: 'top-left' as const, holes: []};
			const paint = (isResting: boolean): void =>
				compositor.compose({
					chrome,
					panes: [
						{screen: left, x: 0, ...at},
						{screen: right, x: 12, ...at, isResting},
					],
				});
			paint(false);
			streams.forEach((bytes, turn) => {
				const before = gridOf(terminal).map(row => row.slice(12));
				left.write(bytes);
				right.write(bytes);
				paint(rests[turn] === true);
				if (rests[turn]) expect(gridOf(terminal).map(row => row.slice(12))).toEqual(before);
			});
			paint(false);
			fresh.compose({
				chrome,
				panes: [
					{screen: left, x: 0, ...at},
					{screen: right, x: 12, ...at},
				],
			});
			expect(gridOf(terminal)).toEqual(gridOf(wanted));
		}),
	);
});
