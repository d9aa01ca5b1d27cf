import {afterEach, describe, expect, test} from 'vitest';
import type {Frame, Piece} from '../../source/ui/draw/frame.ts';
import {createPainter} from '../../source/ui/painter.tsx';
import {traitsOf} from '../../source/ui/traits.ts';
import {gridOf, screenOf} from '../terminal/screens.ts';

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
	return Array.from({length: count}, (_, index): Frame => {
		pieces = pieces.map((shown, at) => ({
			...shown,
			rows: shown.rows.map((text, y) => (next(4) === 0 ? (texts[next(3)]?.[at]?.rows[y] ?? text) : text)),
		}));
		const dialog = next(3) === 0 && index < count - 1 ? [piece('dialog', 9 + next(2), 2, 20, 3, next)] : [];
		return {pieces: [...pieces, ...dialog], pane: undefined, hole: undefined};
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
		}
		const last = all.at(-1);
		if (!last) throw new Error('no frame');
		await paint(last);
		const fresh = open();
		await fresh.paint(last);
		expect(gridOf(person)).toEqual(gridOf(fresh.person));
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
		});
		await paint(frame('short'.padEnd(COLUMNS)));
		await paint(frame('long '.repeat(20)));
		expect(person.textOf(1)).toBe('below');
		expect(person.textOf(2)).toBe('');
		expect(person.textOf(0)).toMatch(/^long long /);
	});

	test('are written once: a frame that says the same writes nothing', async () => {
		const [frame] = frames(7, 1);
		if (!frame) throw new Error('no frame');
		const {paint, writes} = open();
		await paint(frame);
		const before = writes();
		await paint(structuredClone(frame));
		expect(writes()).toBe(before);
	});
});
