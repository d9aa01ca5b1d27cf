import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {centred, layoutOf, type Panel, type Rect} from '../../../source/ui/text/layout.ts';

const room = {isZoomed: false, isTyping: false};
const cellsOf = ({x, y, columns, rows}: Rect): string[] =>
	Array.from({length: rows}, (_, row) => Array.from({length: columns}, (_cell, column) => `${x + column},${y + row}`)).flat();

describe('the layout', () => {
	test.each([
		[160, 45, 'wide'],
		[150, 36, 'wide'],
		[150, 35, 'medium'],
		[100, 30, 'medium'],
		[99, 30, 'narrow'],
		[80, 24, 'narrow'],
		[79, 24, 'mini'],
		[40, 15, 'mini'],
		[40, 10, 'mini'],
		[39, 15, 'refused'],
		[80, 9, 'refused'],
	])('%ix%i is %s', (columns, rows, kind) => {
		expect(layoutOf(columns, rows, room).kind).toBe(kind);
	});

	test('fills the screen between the header and the two bottom rows, with no cell twice, at every size', () => {
		fc.assert(
			fc.property(
				fc.integer({min: 40, max: 320}),
				fc.integer({min: 10, max: 100}),
				fc.boolean(),
				fc.boolean(),
				(columns, rows, isZoomed, isTyping) => {
					const layout = layoutOf(columns, rows, {isZoomed, isTyping});
					const cells = [...layout.panels.values(), ...(layout.tabbed ? [layout.tabbed] : [])].flatMap(cellsOf);
					const strips = 1 + (layout.tabRow === undefined ? 0 : 1) + layout.attention.length + 1;
					expect(new Set(cells).size).toBe(cells.length);
					expect(cells.length).toBe(columns * (rows - strips));
					expect(layout.hints).toBe(rows - 1);
				},
			),
			{numRuns: 60},
		);
	});

	test('gives a pane that is typed into the whole screen where there is no room beside it', () => {
		expect(layoutOf(80, 24, {isZoomed: false, isTyping: true}).panels.get(0)).toEqual({x: 0, y: 1, columns: 80, rows: 22});
		expect(layoutOf(160, 45, {isZoomed: false, isTyping: true}).kind).toBe('wide');
	});

	test('keeps a dialog on the screen and off the two bottom rows', () => {
		fc.assert(
			fc.property(
				fc.integer({min: 40, max: 200}),
				fc.integer({min: 10, max: 60}),
				fc.integer({min: 1, max: 300}),
				fc.integer({min: 3, max: 90}),
				(columns, rows, width, height) => {
					const rect = centred(columns, rows, width, height);
					expect(rect.x >= 0 && rect.x + rect.columns <= columns && rect.y >= 0 && rect.y + rect.rows <= rows - 2).toBe(true);
				},
			),
		);
	});
});

describe('an empty panel that shares its place', () => {
	const at = (columns: number, rows: number, folded: readonly Panel[]) =>
		layoutOf(columns, rows, {isZoomed: false, isTyping: false, folded, shared: () => 2});

	test('is a line of tabs at 100 columns and gives the pane its rows', () => {
		const [open, folded] = [at(100, 30, []), at(100, 30, [2])];
		expect(folded.tabbed?.rows).toBe(1);
		expect(folded.panels.get(0)?.rows).toBe((open.panels.get(0)?.rows ?? 0) + (open.tabbed?.rows ?? 0) - 1);
		expect(folded.shown).toBe(2);
		// Another that is empty takes no rows anyway.
		expect(at(100, 30, [3])).toEqual(open);
	});

	test('is its row of tabs at 80 columns', () => {
		const folded = at(80, 24, [2]);
		expect(folded.tabbed).toBeUndefined();
		expect(folded.tabRow).toBe(1);
		expect(folded.panels.get(0)).toEqual({x: 0, y: 2, columns: 80, rows: 20});
	});
});
