import {describe, expect, test} from 'vitest';
import type {Screen} from '../../../source/core/text/screen.ts';
import {createDrawer, type Frame, frameText, readFrame} from '../../../source/room/panes/frame.ts';
import {copyCells} from '../../../source/terminal/paint/canvas.ts';
import {createHeadlessScreen} from '../../../source/terminal/screen/screen.ts';
import {createCellRow} from '../../../source/terminal/text/cells.ts';
import {anyOutput, diceOf} from '../../ui/fixtures/monkey.ts';

/** What a person would see of a screen. */
const seen = (screen: Screen): unknown =>
	Array.from({length: screen.rows}, (_, y) => {
		const [row, clean] = [createCellRow(screen.columns), createCellRow(screen.columns)];
		screen.readRow(y, row);
		copyCells(row, 0, clean, 0, screen.columns, color => color);
		return [clean.text.join('|'), [...clean.width], [...clean.foreground], [...clean.background], [...clean.style]];
	});

const screenOf = (columns: number, rows: number) => createHeadlessScreen({columns, rows, scrollback: 0});
const frame = (given: Partial<Frame>): Frame => ({
	...{number: 1, isWhole: true, columns: 80, rows: 24, run: '1', refuses: '', bytes: new Uint8Array()},
	...given,
});

describe('frames of a pane', () => {
	test.each([1, 2, 3, 4, 5, 6])('draw on another screen what stands on the first, change by change (%i)', seed => {
		const next = diceOf(seed);
		const [source, copy] = [screenOf(60, 18), screenOf(80, 24)];
		const draw = createDrawer(source);
		for (let step = 0; step < 60; step++) {
			source.write(anyOutput(next));
			if (next(15) === 0) source.resize(20 + next(80), 5 + next(30));
			if (next(3) === 0) continue;
			const drawn = draw(step === 0 || next(20) === 0);
			if (!drawn) continue;
			const came = readFrame(frameText(frame({...drawn})));
			if (!came) throw new Error('a frame did not come through');
			copy.resize(came.columns, came.rows);
			copy.write(came.bytes);
			expect(seen(copy)).toEqual(seen(source));
			expect(copy.cursor.visible).toBe(source.cursor.visible);
			if (source.cursor.visible) expect(copy.cursor).toEqual(source.cursor);
			expect(copy.modes).toEqual(source.modes);
		}
		expect(draw(false) === undefined || draw(false) === undefined).toBe(true);
	});

	test('say nothing where nothing changed, and a little where little did', () => {
		const source = screenOf(160, 45);
		source.write('x'.repeat(160 * 45));
		const draw = createDrawer(source);
		expect(draw(true)?.bytes.length).toBeGreaterThan(7000);
		expect(draw(false)).toBeUndefined();
		source.write('\x1b[10;10Hy');
		expect(draw(false)?.bytes.length).toBeLessThan(200);
	});

	test('are read only where they are ours and not too large', () => {
		const bytes = Buffer.from('a'.repeat(5000));
		const text = frameText(frame({bytes}));
		expect(text.length).toBeLessThan(400);
		expect(readFrame(text)?.bytes).toEqual(bytes);
		for (const hostile of [
			'',
			'{}',
			text.replace('"columns":80', '"columns":99999'),
			text.replace('"number":1', '"number":1.5'),
			`[${text}]`,
		])
			expect(readFrame(hostile)).toBeUndefined();
		expect(readFrame(frameText(frame({bytes: Buffer.alloc(5 * 1024 * 1024)})))).toBeUndefined();
	});
});
