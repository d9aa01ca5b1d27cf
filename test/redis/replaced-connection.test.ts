import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {connectRedis} from '../../source/redis/connection.ts';
import {RedisLost} from '../../source/redis/errors.ts';
import {startProxy} from '../helpers/proxy.ts';
import {eventually, startTestRedis, type TestRedis} from '../helpers/redis.ts';

const TIMEOUT_MS = 200;
let redis: TestRedis;
beforeAll(async () => {
	redis = await startTestRedis();
});
afterAll(() => redis.stop());

test('commands of a connection that is gone do not end the next one when their time is over', async () => {
	const proxy = await startProxy(redis.socketPath, join(redis.folder, 'proxy.sock'));
	const connection = await connectRedis({socketPath: String(proxy.address)}, {commandTimeoutMs: TIMEOUT_MS});
	let lost = 0;
	connection.onLost(() => lost++);
	proxy.hang();
	const unanswered = Promise.allSettled(Array.from({length: 20}, () => connection.call('GET', 'x')));
	proxy.cut();
	proxy.restore();
	for (const result of await unanswered) expect(result).toMatchObject({status: 'rejected', reason: expect.any(RedisLost)});
	await eventually(() => connection.isConnected, 'a new connection');
	// Long enough for each of the twenty to be called late on the new connection.
	await wait(2 * TIMEOUT_MS);
	expect([lost, await connection.call('PING')]).toEqual([1, 'PONG']);
	connection.close();
	await proxy.close();
});

test('a connection on which many commands go unanswered is replaced once', async () => {
	const proxy = await startProxy(redis.socketPath, join(redis.folder, 'proxy2.sock'));
	const connection = await connectRedis({socketPath: String(proxy.address)}, {commandTimeoutMs: TIMEOUT_MS});
	const warnings: string[] = [];
	const note = (warning: Error): void => void warnings.push(warning.message);
	process.on('warning', note);
	proxy.mute();
	await Promise.allSettled(Array.from({length: 20}, () => connection.call('GET', 'x')));
	proxy.restore();
	const ping = (): Promise<unknown> => connection.call('PING').catch(() => undefined);
	await eventually(async () => (await ping()) === 'PONG', 'an answer on a new connection');
	expect(warnings).toEqual([]);
	process.off('warning', note);
	connection.close();
	await proxy.close();
});
