import {expect, onTestFinished, test, vi} from 'vitest';
import {createFrameScheduler} from '../../../source/ui/view/paint.ts';

const created = (roomMs = 100) => {
	vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance']});
	const drawn: string[] = [];
	const scheduler = createFrameScheduler({
		paneMs: () => 16,
		roomMs: () => roomMs,
		drawScreen: () => void drawn.push('screen'),
		drawPane: () => void drawn.push('pane'),
		drawSelected: () => void drawn.push('selected'),
	});
	onTestFinished(() => {
		scheduler.close();
		vi.useRealTimers();
	});
	return {scheduler, drawn};
};

test('what panes have printed before the screen is drawn is not drawn a second time', () => {
	const {scheduler, drawn} = created();
	scheduler.screenNow();
	scheduler.screenSoon();
	vi.advanceTimersByTime(50);
	scheduler.tilesSoon(false);
	vi.advanceTimersByTime(1000);
	expect(drawn).toEqual(['screen', 'screen']);
	scheduler.tilesSoon(false);
	vi.advanceTimersByTime(1000);
	expect(drawn).toEqual(['screen', 'screen', 'pane']);
});

test('tiles are drawn ten times a second; after a while without keys the selected one is, and the others with the room', () => {
	const drawnIn = (roomMs: number): readonly number[] => {
		const {scheduler, drawn} = created(roomMs);
		for (let at = 0; at < 1000; at += 10) {
			scheduler.tilesSoon(false);
			scheduler.tilesSoon(true);
			vi.advanceTimersByTime(10);
		}
		return ['pane', 'selected'].map(what => drawn.filter(word => word === what).length);
	};
	expect(drawnIn(100)).toEqual([10, 0]);
	// Of each 250 ms two for the selected one alone, then all of them.
	expect(drawnIn(250)).toEqual([4, 8]);
});
