import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {DEV_1, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';
import {type RedisProxy, startProxy} from '../../helpers/proxy.ts';
import {startTestRedis} from '../../helpers/redis.ts';

const atWork = async (): Promise<{room: TestRoom; proxy: RedisProxy}> => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	const path = join(redis.folder, 'proxy.sock');
	const proxy = await startProxy(redis.socketPath, path);
	onTestFinished(() => proxy.close());
	const room = await openEngine({
		agents: {developer: `${WRITES}\n${WAITS}\ntouch "$D/moved"`},
		config: {review: 'off', lease: '30s'},
		options: {redisUrl: path},
	});
	await room.must({type: 'add-task', title: 'a', id: 'a'});
	await room.atWork('a', 1);
	return {room, proxy};
};
const isFrozen = (room: TestRoom): boolean => room.store.getSnapshot().team.control.frozen;
const orders = (room: TestRoom) => room.events.map(({controlFields}) => controlFields.frozen).filter(word => word !== undefined);

test.each(['down', 'hang'] as const)(
	'a freeze waits for no Redis (%s): agents stop at once, and it is written when Redis is back',
	async fault => {
		const {room, proxy} = await atWork();
		proxy[fault]();
		const ordered = room.ask({type: 'freeze', on: true});
		await room.when('the freeze', () => isFrozen(room));
		// A stopped program does not see that it may go on.
		room.touch('go-a');
		expect(orders(room)).toEqual([]);
		proxy.restore();
		expect(await ordered).toMatchObject({ok: true});
		await room.when('the record', () => orders(room).includes('1') && room.agent(DEV_1).status === 'paused');
		expect(room.has('moved')).toBe(false);
		expect(room.task('a')).toMatchObject({state: 'leased', attempt: 1});
		await room.must({type: 'freeze', on: false});
		await room.when('the end', () => room.task('a').state === 'merged');
	},
);

test('a freeze that Redis never knew is taken back without it, and is not written later', async () => {
	const {room, proxy} = await atWork();
	proxy.down();
	await room.when('the loss', () => !room.store.getSnapshot().redis.isConnected);
	expect(await room.ask({type: 'freeze', on: true})).toMatchObject({text: expect.stringContaining('this room stands still')});
	await room.when('the freeze', () => isFrozen(room));
	expect(await room.ask({type: 'freeze', on: false})).toMatchObject({ok: true, text: 'this room goes on'});
	room.touch('go-a');
	await room.when('its last step', () => room.has('moved'));
	proxy.restore();
	await room.when('the end', () => room.task('a').state === 'merged');
	expect(orders(room)).toEqual([]);
});
