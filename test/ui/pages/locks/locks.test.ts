import {describe, expect, test} from 'vitest';
import {waiterKey} from '../../../../source/core/lock/lock.ts';
import {parseTask} from '../../../../source/core/task/task.ts';
import type {RoomSnapshot} from '../../../../source/store/room.ts';
import {drive} from '../../fixtures/driver.ts';
import {open, withTerminals} from '../../fixtures/open.ts';
import {ago, busyRoom, NOW, room} from '../../fixtures/room.ts';
import {createTestStore} from '../../fixtures/store.ts';

withTerminals();

/** dev-5 holds a lock that two wait for; dev-2's heartbeat is late and dev-4 has none. */
const contended = (): RoomSnapshot => {
	const snapshot = busyRoom();
	const waiters = [
		{name: 'path:db/migrations', agent: 'agent:dev:001', since: ago(180), until: NOW + 420_000},
		{name: 'path:db/migrations', agent: 'agent:dev:002', since: ago(60), until: NOW + 540_000},
	];
	const beats = new Map(snapshot.beats).set('agent:dev:002', ago(17)).set('agent:dev:004', ago(34));
	const {tasks} = snapshot.team;
	const leased = parseTask('t-2', {
		state: 'leased',
		stage: 'develop',
		owner: 'agent:dev:003',
		token: '9:xyz',
		attempt: '1',
		startedAt: String(ago(100)),
	});
	return {
		...snapshot,
		beats,
		team: {
			...snapshot.team,
			tasks: new Map(tasks).set('t-2', {...leased, leaseUntil: NOW + 2000}),
			waiters: new Map(waiters.map(waiter => [waiterKey(waiter), waiter])),
		},
	};
};

describe('locks and heartbeats', () => {
	test('are two keys away: owner, age, what is left of the lease, token, and who waits in which order', async () => {
		const terminal = open(createTestStore(contended()), {columns: 160, rows: 45});
		terminal.type('3\r');
		await terminal.shows('LOCKS │ esc back');
		const rows = terminal.rows();
		expect(rows[0]).toMatch(/^ agent-room › locks {2}4 held {3}2 agents waiting {3}7 task leases {3}lease 15s, renewed by heartbeats/);
		const text = rows.join('\n');
		expect(text).toMatch(/▸repository main +merge-1 +3s {2}10s left +7:abc/);
		expect(text).toMatch(/!db\/migrations +dev-5 +58m {2}10s left +4:def/);
		expect(text).toContain('1. dev-1 (t-5) waits 3m, gives up in 7m');
		expect(text).toContain('2. dev-2 (t-6) waits 60s, gives up in 9m');
		// The lease of a task goes with the beat of its owner: two seconds ago for fifteen.
		expect(text).toMatch(/task t-5 +dev-1 +4s {2}13s left +5:aaa/);
		expect(text).toMatch(/task t-6 +dev-2 +12s {2}10s left/);
		// The record tells of no such lock: the task at work does.
		expect(text).toMatch(/task t-2 +dev-3 +1m {2}13s left +9:xyz/);
	});

	test('mark who is late and who is silent, the worst first', async () => {
		const terminal = open(createTestStore(contended()), {columns: 100, rows: 30});
		terminal.type('3\r');
		await terminal.shows('Heartbeats 11');
		const beats = terminal.rows().filter(row => /\d+s of 30s/.test(row));
		expect(beats[0]).toMatch(/✗ dev-4 +34s of 30s +late 4s +silent t-3/);
		expect(beats[1]).toMatch(/! dev-2 +17s of 30s +13s left +late t-6/);
		expect(beats[2]).toMatch(/● dev-1 +2s of 30s +28s left +working t-5/);
		expect(terminal.text()).toContain('2 late');
	});

	test('lead to the task of an owner and drop a lock', () => {
		const driver = drive(contended()).keys('3', 'enter', 'j', 'enter');
		expect(driver.state.pages.at(-1)).toMatchObject({kind: 'task', task: 't-4'});
		expect(drive(contended()).keys('3', 'enter', 'j', 'u').state.dialog).toEqual({kind: 'unlock', name: 'path:db/migrations'});
		expect(drive(contended()).keys('3', 'enter', 'G', 'u').state.dialog).toBeUndefined();
	});

	test.each([
		[160, 45],
		[100, 30],
		[80, 24],
		[40, 15],
		[40, 10],
	])('fit %dx%d, also with nothing to show', async (columns, rows) => {
		for (const snapshot of [contended(), room()]) {
			const terminal = open(createTestStore(snapshot), {columns, rows});
			terminal.type('3\r');
			await terminal.shows('LOCKS');
			await terminal.shows(snapshot.team.locks.size > 0 ? 'repository' : 'No locks held.');
			terminal.type('\t');
			await terminal.shows('Heartbeats');
			expect(terminal.rows().every(row => [...row].length <= columns)).toBe(true);
		}
	});
});
