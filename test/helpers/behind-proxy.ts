import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {openEngine, type TestRoom, WAITS, WRITES} from './engine.ts';
import {type RedisProxy, startProxy} from './proxy.ts';
import {startTestRedis} from './redis.ts';

/** A room whose Redis lies behind a proxy that can be taken down, with an agent at work on `a`; it makes `moved` once it may go on. */
export const atWorkBehindProxy = async (): Promise<{readonly room: TestRoom; readonly proxy: RedisProxy}> => {
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
