import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import type {Panes} from '../../../source/core/team/panes.ts';
import {createPaneShow} from '../../../source/room/panes/show.ts';
import type {Slots} from '../../../source/room/parts/slots.ts';
import {createPane} from '../../../source/room/team/pane.ts';
import {diceOf} from '../../ui/fixtures/monkey.ts';

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

const AGENT = 'agent:dev:001';

/** A pane that is shown to so many rooms, and when how much of it was sent. */
const showing = (watchers: number) => {
	const pane = createPane(AGENT, () => undefined);
	const sent: {readonly at: number; readonly bytes: number}[] = [];
	let isWatched = true;
	const coordination = {
		showPane: async (_agent: string, _room: string, frame: string) => {
			if (isWatched) sent.push({at: performance.now(), bytes: frame.length * watchers});
			return isWatched ? watchers : 0;
		},
	} as unknown as Panes;
	const slots = {pane: () => pane, attempt: () => undefined} as unknown as Slots;
	const show = createPaneShow({coordination, slots, roomId: 'room:a:1', isTypingOff: false});
	const watching = (is: boolean): void => {
		isWatched = is;
	};
	return {pane, sent, show, watching};
};

/** Every cell another colour, so that nothing compresses. */
const noise = (columns: number, rows: number, next: (most: number) => number): string =>
	Array.from({length: columns * rows}, () => `\x1b[38;2;${next(256)};${next(256)};${next(256)}m${String.fromCharCode(33 + next(90))}`).join(
		'',
	);

test('however much a program prints, a pane takes 100 KB a second, and ten frames at most', async () => {
	const next = diceOf(1);
	const {pane, sent, show} = showing(2);
	pane.screen.resize(120, 40);
	show.watched(AGENT, 0);
	const startedAt = performance.now();
	for (let step = 0; step < 200; step++) {
		pane.screen.write(step % 20 === 0 ? noise(120, 40, next) : `\x1b[${1 + next(40)};1H${noise(60, 1, next)}`);
		pane.handle.resize(120 + (step % 2), 40);
		await vi.advanceTimersByTimeAsync(50);
	}
	const seconds = (performance.now() - startedAt) / 1000;
	const bytes = sent.reduce((sum, frame) => sum + frame.bytes, 0);
	// What the last frame has beyond its time is paid off after it.
	expect(bytes - (sent.at(-1)?.bytes ?? 0)).toBeLessThanOrEqual(100_000 * seconds);
	expect(bytes).toBeGreaterThan(50_000 * seconds);
	expect(sent.length).toBeLessThanOrEqual(10 * seconds + 1);
});

test('a pane that nobody watches any more is not drawn, and one whose frames were lost begins again with a whole screen', async () => {
	const {pane, sent, show, watching} = showing(1);
	show.watched(AGENT, 0);
	await vi.advanceTimersByTimeAsync(200);
	expect(sent).toHaveLength(1);
	pane.say('hello');
	await vi.advanceTimersByTimeAsync(200);
	expect(sent).toHaveLength(2);
	expect(show.outdatedFor(AGENT, 1)).toBeGreaterThan(100);
	expect(show.outdatedFor(AGENT, 2)).toBe(0);
	show.watched(AGENT, 2);
	await vi.advanceTimersByTimeAsync(2000);
	expect(sent).toHaveLength(2);
	show.watched(AGENT, 1);
	await vi.advanceTimersByTimeAsync(200);
	expect(sent).toHaveLength(3);
	watching(false);
	pane.say('nobody');
	await vi.advanceTimersByTimeAsync(200);
	expect(show.outdatedFor(AGENT, 3)).toBeUndefined();
	watching(true);
	pane.say('nobody still');
	await vi.advanceTimersByTimeAsync(2000);
	expect(sent).toHaveLength(3);
});
