import {expect, onTestFinished, test, vi} from 'vitest';
import {emptySnapshot} from '../../../source/core/team/snapshot.ts';
import {stopWhenIdle} from '../../../source/room/orders/freeze.ts';
import type {Room} from '../../../source/room/parts/parts.ts';
import {createState} from '../../helpers/room-state.ts';

test('a stop that is called off before the record was shown is off: no banner, and a later drain ends nothing', async () => {
	vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance']});
	onTestFinished(() => void vi.useRealTimers());
	const record = createState();
	const at = (drained: boolean, streamId: string): void =>
		record.setTeam({...emptySnapshot, streamId, control: {...emptySnapshot.control, drained}});
	const team = {...emptySnapshot, streamId: '1-0'};
	// An agent that claims is in its turn as long as the test lasts.
	const claiming = {agent: {id: 'agent:dev:001'}, now: {kind: 'claiming'}};
	const room = {
		record,
		facts: {log: () => undefined},
		slots: {attempts: () => [], all: () => [claiming], team: () => []},
		lifecycle: {isOpen: () => true, close: () => undefined, cleaning: new Map()},
		link: {coordination: {control: async () => undefined, snapshot: async () => ({team}), closeAgents: async () => undefined}},
	} as unknown as Room;
	record.touch();
	vi.advanceTimersByTime(1);
	const ended = vi.fn();
	await stopWhenIdle(room, ended);
	expect(record.getFresh().banners).toHaveLength(1);
	at(true, '1-0');
	at(false, '2-0');
	vi.advanceTimersByTime(200);
	expect(record.getFresh().banners).toEqual([]);
	room.slots.all = () => [];
	at(true, '3-0');
	vi.advanceTimersByTime(200);
	expect(ended).not.toHaveBeenCalled();
});
