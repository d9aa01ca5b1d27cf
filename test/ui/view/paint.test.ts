import {expect, onTestFinished, test, vi} from 'vitest';
import {createFrameScheduler} from '../../../source/ui/view/paint.ts';

const created = () => {
	vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance']});
	const drawn: string[] = [];
	const scheduler = createFrameScheduler({
		paneMs: () => 16,
		roomMs: () => 100,
		drawScreen: () => void drawn.push('screen'),
		drawPane: () => void drawn.push('pane'),
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
	scheduler.tilesSoon();
	vi.advanceTimersByTime(1000);
	expect(drawn).toEqual(['screen', 'screen']);
	scheduler.tilesSoon();
	vi.advanceTimersByTime(1000);
	expect(drawn).toEqual(['screen', 'screen', 'pane']);
});
