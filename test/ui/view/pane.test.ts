import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import type {RoomStore} from '../../../source/store/room.ts';
import {createShownPane} from '../../../source/ui/view/pane.ts';
import {createTestPane} from '../fixtures/store.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const AGENT = 'agent:dev:001';
const at = (columns: number, rows: number) => ({x: 0, y: 0, columns, rows});

test('a pane has the size in which it is shown once it is looked at, not below 80x24; who types or zooms decides at once', () => {
	const pane = createTestPane(120, 40);
	let typedAt = Number.NEGATIVE_INFINITY;
	const handle = {...pane.handle, typedAt: () => typedAt};
	const modes = () => ({}) as never;
	const shown = createShownPane({pane: () => handle} as unknown as RoomStore, () => undefined, {modes, modesIn: modes});
	const size = (): readonly number[] => [pane.screen.columns, pane.screen.rows];

	shown.show(AGENT, at(104, 30), false);
	vi.advanceTimersByTime(200);
	expect(size()).toEqual([120, 40]);
	shown.show(AGENT, at(100, 30), false);
	vi.advanceTimersByTime(200);
	expect(size()).toEqual([120, 40]);
	vi.advanceTimersByTime(200);
	expect(size()).toEqual([100, 30]);
	shown.show(AGENT, at(60, 12), false);
	vi.advanceTimersByTime(400);
	expect(size()).toEqual([80, 24]);
	shown.show(AGENT, at(60, 12), true);
	expect(size()).toEqual([60, 12]);
	shown.show(AGENT, at(90, 28), false);
	vi.advanceTimersByTime(400);
	expect(size()).toEqual([90, 28]);

	// Somebody types at another terminal, which has set the size.
	handle.resize(140, 50);
	typedAt = performance.now();
	shown.show(AGENT, at(91, 28), false);
	vi.advanceTimersByTime(5000);
	expect(size()).toEqual([140, 50]);
	vi.advanceTimersByTime(10_000);
	expect(size()).toEqual([91, 28]);
	shown.close();
});
