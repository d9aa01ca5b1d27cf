import {createServer, type Socket} from 'node:net';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {connectRedis} from '../../source/redis/connection.ts';
import {checkServer} from '../../source/redis/probe.ts';
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

/** A proxy in front of the server that can fall silent without closing: a partition. */
const startProxy = async (): Promise<{path: string; mute: (isMuted: boolean) => void; close: () => Promise<void>}> => {
	const {connect} = await import('node:net');
	const path = join(redis.folder, 'proxy.sock');
	const sockets = new Set<Socket>();
	let isMuted = false;
	const proxy = createServer(near => {
		const far = connect(redis.socketPath);
		for (const socket of [near, far]) {
			sockets.add(socket);
			socket.on('error', () => undefined);
		}
		near.on('data', data => far.write(data));
		far.on('data', data => isMuted || near.write(data));
		near.on('close', () => far.destroy());
		far.on('close', () => near.destroy());
	});
	await new Promise<void>(resolve => proxy.listen(path, resolve));
	return {
		path,
		mute(value) {
			isMuted = value;
		},
		async close() {
			for (const socket of sockets) socket.destroy();
			await new Promise(resolve => proxy.close(resolve));
		},
	};
};

describe('a server that falls silent', () => {
	test('a command without an answer is lost after its time, the connection is replaced, and nothing hangs', async () => {
		const proxy = await startProxy();
		const connection = await connectRedis({socketPath: proxy.path}, {commandTimeoutMs: 150});
		const heard: string[] = [];
		connection.onLost(() => heard.push('lost'));
		connection.onRestored(() => heard.push('restored'));
		proxy.mute(true);
		const waiting = [connection.call('INCR', 'n'), connection.call('INCR', 'n')];
		for (const call of waiting) await expect(call).rejects.toMatchObject({name: 'RedisLost', wasSent: true});
		await eventually(() => heard.includes('lost'), 'the loss is heard');
		proxy.mute(false);
		await eventually(() => connection.isConnected, 'the connection is back');
		expect(await connection.call('GET', 'n')).toBe('2');
		expect(heard).toEqual(['lost', 'restored']);
		connection.close();
		await expect(connection.call('PING')).rejects.toMatchObject({name: 'RedisLost', wasSent: false});
		await proxy.close();
	});
});
