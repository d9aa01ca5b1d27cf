import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest';
import {connectRedis} from '../../source/redis/connection.ts';
import {checkServer} from '../../source/redis/requirements.ts';
import {type RedisProxy, startProxy} from '../helpers/proxy.ts';
import {eventually, startTestRedis, type TestRedis} from '../helpers/redis.ts';

const stops: (() => Promise<void>)[] = [];
const server = async (settings: readonly string[]): Promise<TestRedis> => {
	const started = await startTestRedis(settings);
	stops.push(started.stop);
	return started;
};
let redis: TestRedis;

beforeAll(async () => {
	redis = await server([]);
});
afterAll(() => Promise.all(stops.map(stop => stop())));

describe('connecting', () => {
	test('an address where nothing listens is refused at once', async () => {
		await expect(connectRedis({socketPath: join(redis.folder, 'none.sock')})).rejects.toMatchObject({code: 'unreachable'});
		await expect(connectRedis({url: 'redis://:secret@127.0.0.1:1'})).rejects.toSatisfy(
			(error: Error) => error.message.includes('127.0.0.1:1') && !error.message.includes('secret'),
		);
	});

	test('a missing or wrong password is named as such', async () => {
		const locked = await server([]);
		const connection = await locked.connect();
		await connection.call('CONFIG', 'SET', 'requirepass', 'right');
		await expect(connectRedis({socketPath: locked.socketPath})).rejects.toMatchObject({code: 'password'});
	});

	test('a server that evicts keys is refused', async () => {
		const evicting = await server(['--maxmemory-policy', 'allkeys-lru']);
		await expect(connectRedis({socketPath: evicting.socketPath})).rejects.toMatchObject({
			code: 'eviction',
			message: expect.stringContaining('`allkeys-lru`'),
		});
	});

	test('a replica is refused', async () => {
		const replica = await server(['--replicaof', '127.0.0.1 1', '--replica-serve-stale-data', 'yes']);
		await expect(connectRedis({socketPath: replica.socketPath})).rejects.toMatchObject({code: 'read-only'});
	});

	test('an old Redis is refused, a Valkey of any version is not, and something else is not Redis', () => {
		const info = (fields: Record<string, string>) => new Map(Object.entries(fields));
		expect(() => checkServer('x', info({redis_version: '6.2.14', role: 'master'}))).toThrow('6.2.14');
		expect(() => checkServer('x', info({redis_version: '7.0.0', role: 'master'}))).not.toThrow();
		expect(() => checkServer('x', info({redis_version: '6.9', valkey_version: '8.1.1', role: 'master'}))).not.toThrow();
		expect(() => checkServer('x', info({}))).toThrow('does not answer like Redis');
	});
});

/** A proxy in front of the server, ended after the test. */
const proxied = async (): Promise<{proxy: RedisProxy; socketPath: string}> => {
	const socketPath = join(redis.folder, `proxy-${++proxies}.sock`);
	const proxy = await startProxy(redis.socketPath, socketPath);
	onTestFinished(() => proxy.close());
	return {proxy, socketPath};
};
let proxies = 0;

describe('a connection that is back', () => {
	test('is not given free before what verifies it is content; until then nothing was sent, and the reason can be read', async () => {
		const {proxy, socketPath} = await proxied();
		let looks = 0;
		const answers = [() => Promise.resolve(), () => Promise.reject(new Error('not the one that went')), () => free.promise];
		const free = Promise.withResolvers<void>();
		const connection = await connectRedis(
			{socketPath},
			{
				verify: async greeting => {
					expect(await greeting.call('PING')).toBe('PONG');
					await answers[looks++]?.();
				},
			},
		);
		const heard: string[] = [];
		connection.onLost(() => heard.push('lost'));
		connection.onRestored(() => heard.push('restored'));
		expect([connection.isConnected, looks]).toEqual([true, 1]);
		proxy.cut();
		await eventually(() => looks === 2, 'the second look');
		await eventually(() => connection.problem === 'not the one that went', 'the reason');
		expect(connection.isConnected).toBe(false);
		await eventually(() => looks === 3, 'the third look');
		expect(connection.isConnected).toBe(false);
		await expect(connection.call('INCR', 'early')).rejects.toMatchObject({name: 'RedisLost', wasSent: false});
		free.resolve();
		await eventually(() => connection.isConnected, 'the connection is free');
		expect(await connection.call('EXISTS', 'early')).toBe(0);
		expect([heard, connection.problem]).toEqual([['lost', 'restored'], '']);
		connection.close();
	});

	test('is of the server that these tests run on', async () => {
		const isValkey = /valkey/.test(process.env.AGENT_ROOM_REDIS_SERVER ?? '');
		expect((await redis.connect()).version).toMatch(isValkey ? /^Valkey / : /^Redis /);
	});
});

describe('a server that falls silent', () => {
	test('a command without an answer is lost after its time, the connection is replaced, and nothing hangs', async () => {
		const {proxy, socketPath} = await proxied();
		const connection = await connectRedis({socketPath}, {commandTimeoutMs: 150});
		const heard: string[] = [];
		connection.onLost(() => heard.push('lost'));
		connection.onRestored(() => heard.push('restored'));
		proxy.mute();
		const waiting = [connection.call('INCR', 'n'), connection.call('INCR', 'n')];
		for (const call of waiting) await expect(call).rejects.toMatchObject({name: 'RedisLost', wasSent: true});
		await eventually(() => heard.includes('lost'), 'the loss is heard');
		proxy.restore();
		await eventually(() => connection.isConnected, 'the connection is back');
		expect(await connection.call('GET', 'n')).toBe('2');
		expect(heard).toEqual(['lost', 'restored']);
		connection.close();
		await expect(connection.call('PING')).rejects.toMatchObject({name: 'RedisLost', wasSent: false});
	});

	test('a partition that ends in time delivers what it held up; a cut fails at once and is over with the next connection', async () => {
		const {proxy, socketPath} = await proxied();
		const connection = await connectRedis({socketPath}, {commandTimeoutMs: 5000});
		proxy.hang();
		const held = connection.call('SET', 'held', '1');
		proxy.restore();
		expect(await held).toBe('OK');
		proxy.delay(50);
		const startedAt = performance.now();
		expect(await connection.call('GET', 'held')).toBe('1');
		expect(performance.now() - startedAt).toBeGreaterThan(45);
		proxy.down();
		await eventually(() => !connection.isConnected, 'the loss');
		await expect(connection.call('GET', 'held')).rejects.toMatchObject({name: 'RedisLost', wasSent: false});
		proxy.restore();
		await eventually(() => connection.isConnected, 'the connection is back');
		connection.close();
	});
});

test('one that is away says how long until it is tried again, and is tried at once where that is wished for', async () => {
	const {proxy, socketPath} = await proxied();
	const connection = await connectRedis({socketPath});
	onTestFinished(() => connection.close());
	expect(connection.retryInMs).toBe(0);
	connection.retryNow();
	expect(connection.isConnected).toBe(true);
	proxy.down();
	await eventually(() => connection.retryInMs > 600, 'a wait');
	connection.retryNow();
	await new Promise(process.nextTick);
	expect(connection.retryInMs).toBe(0);
	await eventually(() => connection.retryInMs > 600, 'another wait');
	proxy.restore();
	connection.retryNow();
	await eventually(() => connection.isConnected, 'the connection');
	expect(await connection.call('PING')).toBe('PONG');
});
