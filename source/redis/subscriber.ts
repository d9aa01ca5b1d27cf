import type {RedisOptions} from 'ioredis';
import type {RedisAddress} from './address.ts';
import {createClient} from './client.ts';

export type Subscriber = {
	/** Leaves its server for whichever is the primary now. */
	leave(): void;
	close(): void;
};

/**
 * Listens to channels on a connection of its own (one that listens can do nothing else). Messages are hints: what is published while the
 * connection is away is lost for ever, so `onMessage` must never be the only way to learn something. It connects again by itself, for as
 * long as it takes, and listens again; `onListening` is called each time, for what was missed. Never throws.
 */
export const createSubscriber = (
	address: RedisAddress,
	{
		channels,
		patterns,
		onMessage,
		onListening,
	}: {
		/** Told the number of the database, which is part of the names of keyspace events. */
		readonly channels: (database: number) => readonly string[];
		readonly patterns: (database: number) => readonly string[];
		readonly onMessage: (channel: string, message: string) => void;
		readonly onListening: () => void;
	},
): Subscriber => {
	const options: RedisOptions = {
		lazyConnect: true,
		// Listening again is done below, at each `ready`, the first one included.
		autoResubscribe: false,
		enableOfflineQueue: false,
		maxRetriesPerRequest: null,
		maxLoadingRetryTime: 50,
		connectTimeout: 5000,
		disableClientInfo: true,
		connectionName: 'agent-room-hints',
		retryStrategy: times => Math.min(50 * 2 ** Math.min(times - 1, 5), 1000),
	};
	const {client, moves} = createClient(address, options);
	// A hint that cannot come is no error: the sweep comes all the same.
	client.on('error', () => undefined);
	client.on('message', onMessage);
	client.on('pmessage', (_, channel, message) => onMessage(channel, message));
	client.on('ready', () => {
		const database = client.options.db ?? 0;
		Promise.all([client.subscribe(...channels(database)), client.psubscribe(...patterns(database))]).then(onListening, () =>
			client.disconnect(true),
		);
	});
	client.connect().catch(() => undefined);
	return {leave: () => void (moves && client.disconnect(true)), close: () => client.disconnect()};
};
