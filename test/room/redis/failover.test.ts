import {expect, test} from 'vitest';
import type {Coordination, Lease} from '../../../source/core/team/coordination.ts';
import {standingFor} from '../../helpers/cases.ts';
import {coordinationOn, joins, takes} from '../../helpers/coordination.ts';
import {APPROVES, openEngine, type TestRoom, WRITES} from '../../helpers/engine.ts';
import {slackMs} from '../../helpers/wait.ts';

const LEASE_MS = 2000;
const OTHER = 'room:other:1';
const THEIRS = 'agent:other:001';

/** A room whose own developer is paused, and another room of the same team that has the only task. */
const opensWithAnother = async (): Promise<{
	room: TestRoom;
	other: Coordination;
	held: Lease;
	beats: (held: readonly Lease[]) => Promise<number>;
}> => {
	const room = await openEngine({agents: {developer: WRITES, 'code-sentinel': APPROVES}, config: {lease: `${LEASE_MS}ms`}});
	await room.must({type: 'pause-agent', agent: 'agent:dev:001'});
	await room.when('the developer is paused', () => room.agent('agent:dev:001').paused);
	const connection = await room.connects();
	const other = coordinationOn(connection);
	await joins(other, THEIRS, 'developer', [], OTHER);
	/** Returns the moment after which nothing of this beat can count any more. */
	const beats = async (held: readonly Lease[]): Promise<number> => {
		await other.heartbeat({room: OTHER, leaseMs: LEASE_MS, ttlMs: 30_000, agents: [THEIRS], held});
		return performance.now();
	};
	await beats([]);
	await room.must({type: 'add-task', title: 'The task', id: 'task'});
	const {token} = await takes(other, THEIRS, {room: OTHER, leaseMs: LEASE_MS});
	await room.when('it has the task', () => room.task('task').owner === THEIRS);
	return {room, other, held: {agent: THEIRS, task: 'task', token}, beats};
};
const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
const wasReclaimed = (room: TestRoom): boolean => room.events.some(event => event.type === 'task_reclaimed');

test.each(standingFor(['', 'KElzx$'], events => events === ''))(
	'the task of a room that fell silent is free within its lease and two seconds, with notifications "%s"',
	async events => {
		const {room, held, beats} = await opensWithAnother();
		await room.redis('CONFIG', 'SET', 'notify-keyspace-events', events);
		let lastBeat = 0;
		for (let beat = 0; beat < 5; beat++) {
			await pause(LEASE_MS / 3);
			lastBeat = await beats([held]);
		}
		expect(wasReclaimed(room)).toBe(false);
		await room.when('its task is free', () => wasReclaimed(room));
		const tookMs = performance.now() - lastBeat;
		expect(tookMs).toBeGreaterThan(LEASE_MS - 100);
		expect(tookMs).toBeLessThan(LEASE_MS + 2000 + slackMs());
		expect(room.task('task')).toMatchObject({state: 'ready', reason: 'its agent was unreachable: no heartbeat for a whole lease'});
		await room.when('its agent is lost', () => room.agent(THEIRS).status === 'unreachable');
	},
);

test('a room that beats keeps its task, however long its renewals do not come through', async () => {
	const {room, beats} = await opensWithAnother();
	const until = performance.now() + LEASE_MS * 3;
	while (performance.now() < until) {
		await beats([]);
		await pause(LEASE_MS / 4);
	}
	expect(wasReclaimed(room)).toBe(false);
	expect(room.agent(THEIRS).status).toBe('working');
});

test('after Redis was away for longer than a lease nobody is taken for dead who beats again', async () => {
	const {room, held, beats} = await opensWithAnother();
	await beats([held]);
	// Nobody is answered meanwhile, the observer neither.
	await room.redis('CLIENT', 'PAUSE', LEASE_MS * 3, 'ALL');
	const until = performance.now() + LEASE_MS * 6;
	while (performance.now() < until) {
		await beats([held]).catch(() => 0);
		await pause(LEASE_MS / 4);
	}
	expect(wasReclaimed(room)).toBe(false);
	expect(room.task('task')).toMatchObject({state: 'leased', token: held.token});
});

test('a room that was given up by another and lives has its agents ready again', async () => {
	const {room, other} = await opensWithAnother();
	const us = room.store.getSnapshot().room.id;
	// A beat may come between the two: then the room is alive, and it is tried again.
	do await room.redis('DEL', `workflow:heartbeat:room:${us}`);
	while ((await other.expire(us, 0)) === 'alive');
	await room.when('our agents were lost', () =>
		room.events.some(event => event.agent === 'agent:rev:001' && event.text === 'its room is gone'),
	);
	await room.when('they are ready again', () => room.agent('agent:rev:001').status === 'idle');
});
