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
const shown = (room: TestRoom) => room.store.getSnapshot().team.agents.get(DEV_1);
const told = (room: TestRoom) => room.events.filter(({text}) => text === 'paused by you');

test.each(['down', 'hang'] as const)(
	'a pause waits for no Redis (%s): the agent stands still at once, and it is written when Redis is back',
	async fault => {
		const {room, proxy} = await atWork();
		proxy[fault]();
		const ordered = room.ask({type: 'pause-agent', agent: DEV_1});
		await room.when('the pause', () => shown(room)?.status === 'paused');
		// A stopped program does not see that it may go on.
		room.touch('go-a');
		expect(told(room)).toEqual([]);
		proxy.restore();
		expect(await ordered).toMatchObject({ok: true});
		await room.when('the record', () => told(room).length > 0 && room.agent(DEV_1).paused);
		expect(room.has('moved')).toBe(false);
		await room.must({type: 'resume-agent', agent: DEV_1});
		await room.when('the end', () => room.task('a').state === 'merged');
	},
);

test('a pause that Redis never knew is taken back without it, and is not written later', async () => {
	const {room, proxy} = await atWork();
	proxy.down();
	await room.when('the loss', () => !room.store.getSnapshot().redis.isConnected);
	expect(await room.ask({type: 'pause-agent', agent: DEV_1})).toMatchObject({text: expect.stringContaining('dev-1 stands still')});
	expect(await room.ask({type: 'resume-agent', agent: DEV_1})).toMatchObject({ok: true, text: 'dev-1 goes on'});
	room.touch('go-a');
	await room.when('its last step', () => room.has('moved'));
	proxy.restore();
	await room.when('the end', () => room.task('a').state === 'merged');
	expect(told(room)).toEqual([]);
});
