import {expect, onTestFinished, test} from 'vitest';
import type {RoomState} from '../../../source/room/parts/state.ts';
import {type SteppedRedis, startSteppedRedis} from '../../helpers/clock.ts';
import {coordinationOn, joins, takes} from '../../helpers/coordination.ts';
import {DEV_1, type EngineOptions, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';
import {slackMs, until} from '../../helpers/wait.ts';

const HOUR = 3600;
const LEASE_MS = 1000;

const steppedRoom = async (options: EngineOptions, seconds = 0): Promise<{room: TestRoom; redis: SteppedRedis}> => {
	const redis = await startSteppedRedis(seconds);
	onTestFinished(() => redis.stop());
	const config = {review: 'off', lease: `${LEASE_MS}ms`, ...options.config} as const;
	return {redis, room: await openEngine({...options, config, options: {redisUrl: redis.socketPath}})};
};
const isIn = (room: TestRoom, task: string, state: string): boolean => room.team().tasks.get(task)?.state === state;
const add = (room: TestRoom, id: string) => room.must({type: 'add-task', title: id, id});

test('a clock that is hours off and steps by hours takes no task from anybody, holds no lock for an hour, and shows no agent as lost', async () => {
	const {room, redis} = await steppedRoom({agents: {developer: [`${WRITES}\n${WAITS}`, `${WRITES}\n${WAITS}`]}}, 5 * HOUR);
	await add(room, 'a');
	await room.when('its work', () => room.read('at-a-1'));
	const {token, owner} = room.task('a');
	for (const [index, hours] of [6, 5, -1, 0].entries()) {
		redis.step(hours * HOUR);
		const id = `b${index}`;
		room.touch(`go-${id}`);
		// Two leases and more: whoever was taken for dead would have lost the task by then.
		await new Promise(resolve => setTimeout(resolve, LEASE_MS * 2.5));
		await add(room, id);
		await room.when(`the merge after a step to ${hours} h`, () => isIn(room, id, 'merged'), 30_000);
		expect(room.task('a'), `${hours} h`).toMatchObject({state: 'leased', token, owner, attempt: 1});
		expect(Number(await room.redis('PTTL', 'workflow:locks:repository:main'))).toBeLessThan(61_000);
		const {beats, clockOffset} = room.store.getSnapshot();
		const silence = Date.now() + clockOffset - (beats.get(DEV_1) ?? 0);
		expect(Math.abs(silence)).toBeLessThan(10_000 + slackMs());
		expect(Math.abs((room.store as RoomState).serverNow() - (Date.now() + hours * HOUR * 1000))).toBeLessThan(5000 + slackMs());
	}
	room.touch('go-a');
	await room.when('the merge', () => isIn(room, 'a', 'merged'));
	expect(room.mergedCommit().toSorted()).toEqual(['a', 'b0', 'b1', 'b2', 'b3']);
	expect(room.events.filter(({type}) => type === 'task_claimed').filter(({task}) => task === 'a')).toHaveLength(3);
	expect([...room.team().tasks.values()].map(({failures}) => failures)).toEqual([0, 0, 0, 0, 0]);
});

test('a step back by an hour keeps no dead room’s task and locks, and no retry, for an hour', async () => {
	const fails = `if [ "$AGENT_ROOM_ATTEMPT" = 1 ]; then exit 7; fi\n${WRITES}`;
	const {room, redis} = await steppedRoom({agents: {developer: fails}, config: {backoff: '3s'}});
	const elsewhere = coordinationOn(await redis.connect());
	await joins(elsewhere, 'agent:far:001', 'developer', ['far'], 'room:elsewhere:1');
	await room.must({type: 'add-task', title: 'far', id: 'far', needs: ['far']});
	await elsewhere.heartbeat({room: 'room:elsewhere:1', leaseMs: LEASE_MS, ttlMs: 30_000, agents: ['agent:far:001'], held: []});
	const taken = await takes(elsewhere, 'agent:far:001', {leaseMs: LEASE_MS, room: 'room:elsewhere:1'});
	await elsewhere.lock({name: 'path:src', owner: 'agent:far:001', token: taken.token, ttlMs: 60_000, waitMs: 0});
	await add(room, 'again');
	await room.when('the failure', () => isIn(room, 'again', 'delayed'));
	const steppedAt = performance.now();
	redis.step(-HOUR);
	await room.when('the end of the dead room', () => isIn(room, 'far', 'ready'), 30_000);
	expect(performance.now() - steppedAt).toBeLessThan(10_000 + slackMs());
	await until(async () => (await room.redis('EXISTS', 'workflow:locks:path:src')) === 0, {what: 'the end of its lock'});
	await room.when('the retry', () => isIn(room, 'again', 'merged'), 30_000);
});
