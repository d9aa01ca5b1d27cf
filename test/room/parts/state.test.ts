import {expect, onTestFinished, test, vi} from 'vitest';
import {type RoomState, showingRefusals} from '../../../source/room/parts/state.ts';
import {createState} from '../../helpers/room-state.ts';

const say = (state: RoomState, text: string): void => state.setBanner('x', {severity: 'warning', text});
const told = (state: RoomState): readonly string[] => state.getSnapshot().banners.map(({text}) => text);

test('a clock that steps by hours holds back nothing of what is shown', () => {
	vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance']});
	onTestFinished(() => void vi.useRealTimers());
	const state = createState();
	say(state, 'first');
	vi.advanceTimersByTime(1000);
	for (const hours of [-5, 5]) {
		vi.setSystemTime(Date.now() + hours * 3_600_000);
		say(state, `after ${hours} hours`);
		vi.advanceTimersByTime(100);
		expect(told(state)).toEqual([`after ${hours} hours`]);
	}
});

test('that Redis refuses to write is shown while anybody is refused, and no longer when who was refused asks no more', () => {
	vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance']});
	onTestFinished(() => void vi.useRealTimers());
	const state = createState();
	const banner = (): string => {
		vi.advanceTimersByTime(100);
		return told(state).join();
	};
	const refused = showingRefusals(state);
	refused('dev-1', 'OOM');
	refused('dev-2', 'MISCONF');
	expect(banner()).toBe('Redis refuses to write: MISCONF');
	refused('dev-2', '');
	expect(banner()).toBe('Redis refuses to write: OOM');
	refused('dev-1', '');
	expect(banner()).toBe('');

	refused('dev-1', 'OOM');
	for (let second = 0; second < 10; second++) {
		vi.advanceTimersByTime(1000);
		refused('dev-1', 'OOM');
		expect(banner()).toContain('OOM');
	}
	vi.advanceTimersByTime(3000);
	expect(banner()).toBe('');
});

test('what panes print is published four times a second, and what happens to the team still within 100 ms', () => {
	vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance']});
	onTestFinished(() => void vi.useRealTimers());
	const state = createState();
	let published = 0;
	state.subscribe(() => published++);
	const pass = (ms: number): void => {
		for (let at = 0; at < ms; at += 10) {
			state.touchPane();
			vi.advanceTimersByTime(10);
		}
	};
	pass(10);
	expect(published).toBe(1);
	pass(2000);
	expect(published).toBe(9);
	pass(120);
	say(state, 'refused');
	vi.advanceTimersByTime(0);
	expect(told(state)).toEqual(['refused']);
	expect(published).toBe(10);
});

test('what has not changed keeps its identity from snapshot to snapshot', () => {
	const state = createState();
	const {panes: _panes, ...before} = state.getFresh();
	const {panes: _next, ...next} = state.getFresh();
	for (const key of Object.keys(before) as (keyof typeof before)[]) expect(next[key], key).toBe(before[key]);
	state.setBaseCommit('1234567');
	expect(state.getFresh().repository).toEqual({...before.repository, baseCommit: '1234567'});
});
