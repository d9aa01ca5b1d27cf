import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Frame, PanePlace, Rect} from '../../../source/terminal/paint/canvas.ts';
import {createCompositor} from '../../../source/terminal/paint/compositor.ts';
import {createCellRow} from '../../../source/terminal/text/cells.ts';
import {wantedGrid} from '../model.ts';
import {gridOf, screenOf, textsOf, withoutJoiners} from '../screens.ts';
import {stream} from '../streams.ts';

/** A compositor on a terminal that is itself a fresh screen, with everything that was sent to it. */
const onTerminal = (columns: number, rows: number, colors: 'truecolor' | '256' | '16' | 'none' = 'truecolor') => {
	const terminal = screenOf(columns, rows, '\x1b[?1049h');
	const sent: string[] = [];
	const compositor = createCompositor({
		columns,
		rows,
		colors,
		write: bytes => {
			sent.push(bytes);
			terminal.write(bytes);
		},
	});
	return {terminal, sent, compositor};
};

const place = (
	screen: PanePlace['screen'],
	x: number,
	y: number,
	columns: number,
	rows: number,
	more: Partial<PanePlace> = {},
): PanePlace => ({
	screen,
	x,
	y,
	columns,
	rows,
	anchor: 'top-left',
	holes: [],
	...more,
});

/** Only this may reach a person's terminal: printable text, SGR, cursor addresses, erased blanks, cursor on and off, update marks. */
const ALLOWED = /\x1b\[(?:[0-9;]*[mHX]|\?(?:7|25|2026)[hl])/g;
const foreign = (bytes: string): string => withoutJoiners(bytes.replace(ALLOWED, '')).replace(/[^\p{Cc}\p{Cf}\u2028\u2029]/gu, '');

describe('what a terminal shows', () => {
	test('a pane stands over the chrome and a dialog over the pane', () => {
		const {terminal, compositor} = onTerminal(12, 4);
		const chrome = screenOf(12, 4, '............\n............\n....DIALOG..\n............'.replaceAll('\n', '\r\n'));
		const pane = screenOf(6, 3, 'one\ntwo\nthree');
		compositor.compose({chrome, panes: [place(pane, 2, 1, 6, 3, {holes: [{x: 4, y: 2, columns: 6, rows: 1}]})]});
		expect(textsOf(terminal)).toEqual(['............', '..one   ....', '..twDIALOG..', '..three ....']);
	});

	test('nothing is written when nothing changed, and one row when one row changed', () => {
		const {sent, compositor} = onTerminal(40, 10);
		const chrome = screenOf(40, 10, 'chrome');
		const pane = screenOf(20, 5, 'a\nb\nc');
		const frame: Frame = {chrome, panes: [place(pane, 10, 2, 20, 5)], cursor: {pane: 0}};
		compositor.compose(frame);
		compositor.compose({...frame, panes: [...frame.panes]});
		expect(sent).toHaveLength(1);
		pane.write('!');
		compositor.compose(frame);
		expect(sent).toEqual([sent[0], '\x1b[?2026h!\x1b[?2026l']);
		chrome.write('\x1b]0;title\x07');
		compositor.compose(frame);
		expect(sent).toHaveLength(2);
	});

	test('wide characters are never cut in half at an edge', () => {
		const {terminal, compositor} = onTerminal(10, 2);
		const chrome = screenOf(10, 2, '你好你好你\r\n你好你好你');
		const pane = screenOf(10, 1, '世界世界世');
		compositor.compose({chrome, panes: [place(pane, 1, 0, 5, 1)]});
		expect(textsOf(terminal)).toEqual([' 世界 好你', '你好你好你']);
	});

	test('a wide character that a program left in one cell moves nothing', () => {
		const {terminal, compositor} = onTerminal(3, 1);
		const pane = screenOf(24, 8, '好x');
		pane.resize(3, 1);
		pane.write('\u0300');
		compositor.compose({chrome: pane, panes: []});
		const row = createCellRow(3);
		pane.readRow(0, row);
		expect(row.width[0]).toBe(1);
		expect(gridOf(terminal)[0]?.[0]).toBe(' |1|-1|-1|0');
	});

	test('the bottom of what is written stays in sight, and the cursor with it', () => {
		const {terminal, compositor} = onTerminal(10, 3);
		const chrome = screenOf(10, 3);
		const pane = screenOf(20, 8, '1\n2\n3\n4\n5$ ');
		compositor.compose({chrome, panes: [place(pane, 1, 0, 9, 3, {anchor: 'bottom-left'})], cursor: {pane: 0}});
		expect(textsOf(terminal)).toEqual([' 3', ' 4', ' 5$']);
		expect(terminal.cursor).toEqual({x: 4, y: 2, visible: true});
		pane.write('\x1b[?25l');
		compositor.compose({chrome, panes: [place(pane, 1, 0, 9, 3, {anchor: 'bottom-left'})], cursor: {pane: 0}});
		expect(terminal.cursor.visible).toBe(false);
	});

	test('NO_COLOR drops the colours and keeps bold and inverse', () => {
		const {terminal, sent, compositor} = onTerminal(10, 1, 'none');
		compositor.compose({chrome: screenOf(10, 1, '\x1b[1;7;31;48;2;1;2;3mx\x1b[38;5;99my'), panes: []});
		expect(gridOf(terminal)[0]?.slice(0, 2)).toEqual(['x|1|-1|-1|17', 'y|1|-1|-1|17']);
		expect(sent.join('')).not.toMatch(/[34]8;|3[0-7]m|4[0-7]m/);
	});

	test('colours come down to the nearest that the terminal has', () => {
		const chrome = screenOf(4, 1, '\x1b[38;2;255;0;0ma\x1b[38;5;196mb\x1b[38;2;254;254;254mc');
		const few = onTerminal(4, 1, '16');
		few.compositor.compose({chrome, panes: []});
		expect(gridOf(few.terminal)[0]?.slice(0, 3)).toEqual(['a|1|9|-1|0', 'b|1|9|-1|0', 'c|1|15|-1|0']);
		const more = onTerminal(4, 1, '256');
		more.compositor.compose({chrome, panes: []});
		expect(gridOf(more.terminal)[0]?.slice(0, 3)).toEqual(['a|1|196|-1|0', 'b|1|196|-1|0', 'c|1|231|-1|0']);
	});

	test('a resize paints every cell and clears nothing', () => {
		const {terminal, sent, compositor} = onTerminal(20, 5);
		compositor.compose({chrome: screenOf(20, 5, 'x'.repeat(100)), panes: []});
		terminal.resize(12, 4);
		terminal.write('garbage of somebody else');
		compositor.resize(12, 4);
		const chrome = screenOf(12, 4, 'small');
		compositor.compose({chrome, panes: []});
		expect(gridOf(terminal)).toEqual(gridOf(chrome));
		expect(sent.join('')).not.toMatch(/\x1b\[[0-9]*J/);
	});
});

const rect: fc.Arbitrary<Rect> = fc.record({
	x: fc.integer({min: -2, max: 26}),
	y: fc.integer({min: -1, max: 9}),
	columns: fc.integer({min: 0, max: 20}),
	rows: fc.integer({min: 0, max: 8}),
});
const pane = fc.record({place: rect, holes: fc.array(rect, {maxLength: 2}), back: fc.nat(3), isTop: fc.boolean(), which: fc.nat(2)});
const step = fc.oneof(
	fc.record({kind: fc.constant('write' as const), which: fc.nat(3), bytes: stream}),
	fc.record({kind: fc.constant('arrange' as const), panes: fc.array(pane, {maxLength: 4})}),
	fc.record({kind: fc.constant('resize' as const), columns: fc.integer({min: 2, max: 30}), rows: fc.integer({min: 1, max: 10})}),
	fc.record({
		kind: fc.constant('resize-pane' as const),
		which: fc.nat(2),
		columns: fc.integer({min: 2, max: 25}),
		rows: fc.integer({min: 1, max: 9}),
	}),
);

test('whatever programs print and however panes lie, the terminal shows exactly the wanted cells', () => {
	fc.assert(
		fc.property(fc.array(step, {minLength: 1, maxLength: 12}), steps => {
			const {terminal, sent, compositor} = onTerminal(24, 8);
			const chrome = screenOf(24, 8);
			const screens = [screenOf(10, 4), screenOf(24, 8), screenOf(5, 9)];
			let panes: PanePlace[] = [];
			for (const now of steps) {
				if (now.kind === 'write') (screens[now.which] ?? chrome).write(now.bytes);
				else if (now.kind === 'resize-pane') screens[now.which]?.resize(now.columns, now.rows);
				else if (now.kind === 'resize') {
					terminal.resize(now.columns, now.rows);
					chrome.resize(now.columns, now.rows);
					compositor.resize(now.columns, now.rows);
				} else {
					panes = now.panes.flatMap(({place: where, holes, back, isTop, which}) => {
						const screen = screens[which];
						return screen ? [{...where, screen, holes, scrolledBack: back, anchor: isTop ? 'top-left' : 'bottom-left'}] : [];
					});
				}
				const frame: Frame = {chrome, panes, cursor: {pane: 0}};
				compositor.compose(frame);
				expect(gridOf(terminal)).toEqual(wantedGrid(frame, terminal.columns, terminal.rows));
				expect(foreign(sent.splice(0).join(''))).toBe('');
			}
		}),
		{numRuns: 150},
	);
});

test('random bytes in a pane reach the terminal as cells only', () => {
	fc.assert(
		fc.property(fc.array(fc.uint8Array({maxLength: 400}), {maxLength: 6}), chunks => {
			const {sent, compositor} = onTerminal(24, 8);
			const chrome = screenOf(24, 8);
			const garbage = screenOf(24, 8);
			for (const chunk of chunks) {
				garbage.write(chunk);
				compositor.compose({chrome, panes: [place(garbage, 0, 0, 24, 8)], cursor: {pane: 0}});
			}
			expect(foreign(sent.join(''))).toBe('');
		}),
		{numRuns: 300},
	);
});
