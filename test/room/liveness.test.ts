import {expect, test} from 'vitest';
import {createLiveness} from '../../source/room/liveness.ts';

const lease = (agentBeat: number, roomBeat = 1) => ({
	agent: 'agent:dev:001',
	task: 't-1',
	token: '1:a',
	leaseUntil: 5,
	room: 'room:x',
	agentBeat,
	roomBeat,
});

test('a lease is lost only when no heartbeat moved for a whole lease by the monotonic clock', () => {
	const liveness = createLiveness(1000);
	expect(liveness.observe([lease(7)], 0)).toEqual([]);
	expect(liveness.observe([lease(7)], 999)).toEqual([]);
	expect(liveness.observe([lease(7)], 1000)).toEqual([lease(7)]);
});

test('a beat of the agent or of its room starts the wait again', () => {
	const liveness = createLiveness(1000);
	liveness.observe([lease(7, 1)], 0);
	expect(liveness.observe([lease(8, 1)], 900)).toEqual([]);
	expect(liveness.observe([lease(8, 2)], 1800)).toEqual([]);
	expect(liveness.observe([lease(8, 2)], 2799)).toEqual([]);
	expect(liveness.observe([lease(8, 2)], 2800)).toHaveLength(1);
});

test('a renewed lease is forgotten: its next lapse is watched from the start', () => {
	const liveness = createLiveness(1000);
	liveness.observe([lease(7)], 0);
	liveness.observe([], 500);
	expect(liveness.observe([lease(7)], 1500)).toEqual([]);
});
