import {describe, expect, test} from 'vitest';
import {createLiveness, type Seen} from '../../../source/room/team/liveness.ts';

const nothing: Seen = {expired: [], rooms: [], externalWorkers: [], externalLeases: []};
const room = (beat: number, leaseMs = 1000) => ({rooms: [{room: 'room:x', beat, leaseMs}]});
const lease = (of = 'room:x') => ({
	expired: [{agent: 'agent:dev:001', task: 't-1', token: '1:a', leaseUntil: 5, room: of, agentBeat: 7, roomBeat: 7}],
});
const externalWorker = (stamp: string, ttlMs = 0) => ({externalWorkers: [{agent: 'agent:001', stamp, ttlMs}]});
const locked = (lockUntil: number, ttlMs = 0) => ({
	externalLeases: [{task: 'user-auth', agent: 'agent:001', token: '1:external', lockUntil, ttlMs, word: '', branch: ''}],
});

/** An observer that looks every 500 ms: what it says at `ms` when it sees `at(ms)`. */
const watching = (leaseMs = 1000) => {
	const liveness = createLiveness(leaseMs);
	let clock = -500;
	const skip = (ms: number): void => {
		clock += ms;
	};
	const look = (seen: Partial<Seen>) => {
		skip(500);
		return liveness.observe({...nothing, ...seen}, {now: clock, isJudge: true});
	};
	return {
		look,
		/** Looks on until `ms`, always at the same, and answers the last verdict. */
		until: (ms: number, seen: Partial<Seen>) => {
			let verdict = look(seen);
			while (clock < ms) verdict = look(seen);
			return verdict;
		},
		skip,
	};
};

describe('a room', () => {
	test('is gone when its heartbeat has not moved for a whole lease, by the monotonic clock and from the first look on', () => {
		const {until, look} = watching();
		expect(until(500, room(7)).rooms).toEqual([]);
		expect(look(room(7)).rooms).toMatchObject([{room: 'room:x', beat: 7}]);
	});

	test('is judged by its own lease, not by the observer’s', () => {
		const {until, look} = watching(1000);
		expect(until(4500, room(7, 5000)).rooms).toEqual([]);
		expect(look(room(7, 5000)).rooms).toHaveLength(1);
	});

	test('lives as long as its heartbeat moves, and an expired key is no movement', () => {
		const {look} = watching();
		for (let beat = 1; beat < 20; beat++) expect(look(room(beat)).rooms).toEqual([]);
		expect(look(room(0)).rooms).toEqual([]);
		expect(look(room(0)).rooms).toHaveLength(1);
	});

	test('is told of again only after a while', () => {
		const {until} = watching();
		expect(until(1000, room(7)).rooms).toHaveLength(1);
		expect(until(10_500, room(7)).rooms).toEqual([]);
		expect(until(11_000, room(7)).rooms).toHaveLength(1);
	});
});

describe('an expired lease', () => {
	test('is lost at its deadline when its room has been silent for a whole lease by then: no second lease is waited for', () => {
		const {until, look} = watching();
		expect(until(500, room(7)).leases).toEqual([]);
		expect(look({...room(7), ...lease()}).leases).toMatchObject([{task: 't-1', token: '1:a'}]);
	});

	test('stays with a room that beats, whatever its deadline', () => {
		const {look} = watching();
		for (let beat = 1; beat < 20; beat++) expect(look({...room(beat), ...lease()}).leases).toEqual([]);
	});

	test('of a room that nobody knows is watched from its first sight', () => {
		const {until, look} = watching();
		expect(until(500, lease('room:other')).leases).toEqual([]);
		expect(look(lease('room:other')).leases).toHaveLength(1);
	});

	test('that is not due yet says when to look again', () => {
		const {look} = watching();
		look(room(7));
		expect(look({...room(7), ...lease()})).toMatchObject({leases: [], nextMs: 500});
	});
});

describe('after a gap of its own', () => {
	test('the observer grants a whole lease: nobody could show that it lives', () => {
		const {look, skip, until} = watching();
		look(room(7));
		skip(60_000);
		expect(look({...room(7), ...lease()})).toMatchObject({leases: [], rooms: []});
		expect(look({...room(7), ...lease()})).toMatchObject({leases: [], rooms: []});
		expect(until(0, {...room(7), ...lease()}).leases).toHaveLength(1);
	});

	test('a live one is never judged, however often the observer is stopped', () => {
		const {look, skip} = watching();
		for (let beat = 1; beat < 50; beat++) {
			if (beat % 7 === 0) skip(beat * 1000);
			expect(look({...room(beat), ...lease()})).toMatchObject({leases: [], rooms: []});
		}
	});

	test('a lock of an hour is not granted another hour', () => {
		const {look, skip, until} = watching();
		look(locked(9, 3_600_000));
		skip(3_600_000);
		expect(look(locked(0)).externalLeases).toEqual([]);
		expect(until(3_602_000, locked(0)).externalLeases).toHaveLength(1);
	});
});

describe('an agent from outside', () => {
	test('is silent when its key is gone and it has not moved for as long as that was to live', () => {
		const {until, look} = watching();
		look(externalWorker('alive@1', 3000));
		expect(until(2500, externalWorker('gone')).externalWorkers).toEqual([]);
		expect(look(externalWorker('gone')).externalWorkers).toEqual(['agent:001']);
	});

	test('lives while the expiry of its constant word moves, and whoever never had a heartbeat is not judged by it', () => {
		const {look} = watching();
		for (let at = 1; at < 20; at++) expect(look(externalWorker(`alive@${at}`, 1000)).externalWorkers).toEqual([]);
		for (let at = 1; at < 20; at++)
			expect(look({externalWorkers: [{agent: 'agent:002', stamp: 'never', ttlMs: 0}]}).externalWorkers).toEqual([]);
	});

	test('that a clock set back would keep for an hour is silent all the same', () => {
		const {until} = watching();
		expect(until(3500, externalWorker('alive@1', 3000)).externalWorkers).toEqual([]);
		expect(until(4000, externalWorker('alive@1', 3_600_000)).externalWorkers).toEqual(['agent:001']);
	});

	test('loses its task with its heartbeat, hours before its lock ends', () => {
		const {until, look} = watching();
		look({...externalWorker('alive@1', 3000), ...locked(99, 3_600_000)});
		expect(until(2500, {...externalWorker('gone'), ...locked(99, 3_600_000)}).externalLeases).toEqual([]);
		expect(look({...externalWorker('gone'), ...locked(99, 3_600_000)}).externalLeases).toHaveLength(1);
	});

	test('keeps its task while it beats, also without a lock', () => {
		const {look} = watching();
		for (let at = 1; at < 20; at++) expect(look({...externalWorker(`alive@${at}`, 3000), ...locked(0)}).externalLeases).toEqual([]);
	});

	test('without a heartbeat has its task for as long as its lock was to live, even where a clock that jumps ends that at once', () => {
		const {until, look} = watching();
		look({...externalWorker('never'), ...locked(99, 3000)});
		expect(until(2500, {...externalWorker('never'), ...locked(0)}).externalLeases).toEqual([]);
		expect(look({...externalWorker('never'), ...locked(0)}).externalLeases).toHaveLength(1);
	});

	test('with a lock that never ends keeps its task', () => {
		const {until} = watching();
		expect(until(100_000, {...externalWorker('never'), ...locked(-1, -1)}).externalLeases).toEqual([]);
	});

	test('that an observer meets silent gets one lease', () => {
		const {until, look} = watching();
		expect(until(500, {...externalWorker('gone'), ...locked(99, 3_600_000)}).externalLeases).toEqual([]);
		expect(look({...externalWorker('gone'), ...locked(99, 3_600_000)})).toMatchObject({
			externalWorkers: ['agent:001'],
			externalLeases: [{task: 'user-auth'}],
		});
	});
});
