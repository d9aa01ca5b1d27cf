import {render} from 'ink';
import {afterEach, describe, expect, test} from 'vitest';
import {createInkTerminal} from '../../../source/terminal/screen/ink.ts';
import type {Frame, Piece} from '../../../source/ui/screen/frame.ts';
import {Chrome} from '../../../source/ui/view/ink.tsx';
// Loaded before the first painter asks for it.
import '../../../source/ui/view/ink.tsx';
import {traitsOf} from '../../../source/ui/view/capabilities.ts';
import {createPainter} from '../../../source/ui/view/paint.ts';
import {gridOf, screenOf} from '../../terminal/screens.ts';

const COLUMNS = 40;
const ROWS = 8;
const NO_PANE = {screen: undefined, hasCursor: false};

const ends: (() => void)[] = [];
afterEach(() => {
	for (const end of ends.splice(0)) end();
});

const open = () => {
	const person = screenOf(COLUMNS, ROWS);
	let painted = (): void => {};
	let writes = 0;
	const painter = createPainter({
		columns: COLUMNS,
		rows: ROWS,
		traits: traitsOf({TERM: 'xterm-256color'}),
		write: bytes => {
			writes++;
			person.write(bytes);
		},
		onPainted: () => painted(),
		// Before a frame counts as painted Ink has drawn it.
		inkMs: 1,
	});
	ends.push(() => {
		painter.close();
		person.dispose();
	});
	const paint = (frame: Frame): Promise<void> =>
		new Promise(resolve => {
			painted = resolve;
			painter.chrome(frame, NO_PANE);
		});
	return {person, painter, paint, writes: () => writes};
};

/** What Ink alone draws of a frame. */
const byInk = async (frame: Frame): Promise<string[][]> => {
	const ink = createInkTerminal(COLUMNS, ROWS);
	const drawn = new Promise<void>(resolve => void ink.onFrame(() => ink.screen.textOf(0) && resolve()));
	const instance = render(<Chrome frame={frame} columns={COLUMNS} rows={ROWS} />, {...ink.renderOptions, maxFps: 1000});
	await drawn;
	const grid = gridOf(ink.screen);
	instance.unmount();
	ink.dispose();
	return grid;
};

/** Numbers below `limit`, the same in every run. */
const numbersFrom = (seed: number) => {
	let state = seed;
	return (limit: number): number => {
		state = (state * 1103515245 + 12345) % 2147483648;
		return Math.floor((state / 2147483648) * limit);
	};
};

/** Parts of a row with their widths: styles, wide and combining characters. */
const PARTS = [
	['a', 1],
	['─', 1],
	[' ', 1],
	['\x1b[1;31mdead\x1b[0m', 4],
	['\x1b[7mon\x1b[0m', 2],
	['漢', 2],
	['e\u0301', 1],
	['\x1b[2m· \x1b[0m', 2],
] as const;

const row = (next: (limit: number) => number, columns: number): string => {
	let text = '';
	for (let left = columns; left > 0; ) {
		const [part, width] = PARTS[next(PARTS.length)] ?? PARTS[0];
		if (width > left) continue;
		text += part;
		left -= width;
	}
	return text;
};

const piece = (id: string, x: number, y: number, columns: number, count: number, next: (limit: number) => number): Piece => ({
	id,
	rect: {x, y, columns, rows: count},
	rows: Array.from({length: count}, () => row(next, columns)),
});

/** Two panels below a header; now and then a dialog over both, so that rows come out from under it. */
const frames = (seed: number, count: number): readonly Frame[] => {
	const next = numbersFrom(seed);
	const panels = () => [piece('header', 0, 0, COLUMNS, 1, next), piece('left', 0, 1, 17, 6, next), piece('right', 17, 1, 23, 6, next)];
	// Of few texts, so that a row comes back to what Ink believes to stand there.
	const texts = [panels(), panels(), panels()];
	let pieces = texts[0] ?? [];
	return Array.from({length: count}, (): Frame => {
		pieces = pieces.map((shown, at) => ({
			...shown,
			rows: shown.rows.map((text, y) => (next(4) === 0 ? (texts[next(3)]?.[at]?.rows[y] ?? text) : text)),
		}));
		const dialog = next(3) === 0 ? [piece('dialog', 9 + next(2), 2, 20, 3, next)] : [];
		return {pieces: [...pieces, ...dialog], pane: undefined, hole: undefined, targets: []};
	});
};

describe('rows that are written past Ink', () => {
	test.each([1, 2, 3])('stand as Ink would have drawn them, whatever stood there before (%i)', async seed => {
		const all = frames(seed, 24);
		const {person, painter, paint} = open();
		for (const [index, frame] of all.entries()) {
			// Some frames follow one another before Ink has drawn the first.
			if (index % 3 === 0) painter.chrome(frame, NO_PANE);
			else await paint(frame);
			if (index % 3 !== 2) continue;
			expect(gridOf(person)).toEqual(await byInk(frame));
		}
	});

	test('spoil no other row when they are too long', async () => {
		const {person, paint} = open();
		const frame = (text: string): Frame => ({
			pieces: [
				{id: 'one', rect: {x: 0, y: 0, columns: COLUMNS, rows: 2}, rows: [text, 'below'.padEnd(COLUMNS)]},
				{id: 'last', rect: {x: 0, y: ROWS - 1, columns: COLUMNS, rows: 1}, rows: [text]},
			],
			pane: undefined,
			hole: undefined,
			targets: [],
		});
		await paint(frame('short'.padEnd(COLUMNS)));
		await paint(frame('long '.repeat(20)));
		expect(person.textOf(1)).toBe('below');
		expect(person.textOf(2)).toBe('');
		expect(person.textOf(0)).toMatch(/^long long /);
	});

	test('are all there before Ink has drawn anything, and a change is written at once', () => {
		const {person, painter} = open();
		const [first, second] = frames(9, 2);
		if (!first || !second) throw new Error('no frames');
		painter.chrome(first, NO_PANE);
		expect(person.textOf(0)).not.toBe('');
		painter.chrome(second, NO_PANE);
		const shown = gridOf(person);
		painter.redraw();
		expect(shown).toEqual(gridOf(person));
	});

	test('reach the terminal once: neither Ink, which begins on an empty screen, nor a frame that says the same writes anything', async () => {
		const [frame] = frames(7, 1);
		if (!frame) throw new Error('no frame');
		const {paint, writes} = open();
		await paint(frame);
		expect(writes()).toBe(1);
		await paint(structuredClone(frame));
		expect(writes()).toBe(1);
	});
});
