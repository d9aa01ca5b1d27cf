import {afterAll, beforeAll} from 'vitest';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {startTestRedis, type TestRedis} from './redis.ts';

/** One server for the tests of a file, where none of them breaks it, and for each of them a namespace of its own. */
export type ServerOfFile = {
	readonly redis: TestRedis;
	readonly connection: RedisConnection;
	/** The namespace that was made last. */
	readonly namespace: string;
	/** A namespace that nobody has used yet. */
	newNamespace(): string;
};

/** Starts the server before the tests of the file that calls this and ends it after them; further settings as command-line arguments. */
export const serverOfFile = (settings: readonly string[] = []): ServerOfFile => {
	let running: {readonly redis: TestRedis; readonly connection: RedisConnection} | undefined;
	let namespaces = 0;
	beforeAll(async () => {
		const redis = await startTestRedis(settings);
		running = {redis, connection: await redis.connect()};
	});
	afterAll(() => running?.redis.stop());
	const present = () => {
		if (!running) throw new Error('The server of the file runs only while its tests do.');
		return running;
	};
	return {
		get redis() {
			return present().redis;
		},
		get connection() {
			return present().connection;
		},
		get namespace() {
			return `n${namespaces}`;
		},
		newNamespace: () => `n${++namespaces}`,
	};
};
