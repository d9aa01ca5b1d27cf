import type {RedisOptions} from 'ioredis';
import type {RedisAddress} from './address.ts';
import {createClient} from './client.ts';

/** The channel of what `tracked` keys were written: their names with commas. */
export const WRITTEN = '__redis__:invalidate';

export type Subscriber = {
	/** Moves to the present primary. */
	leave(): void;
	close(): void;
};

/**
 * Subscribes to channels on its own connection. Messages are hints: those sent while disconnected are lost, so `onMessage` must never be
 * the only source. Reconnects and resubscribes without limit; `onListening` is called each time, to catch up. Never throws.
 */
export const createSubscriber = (
	address: RedisAddress,
	{
		channels,
		patterns,
		tracked,
		onMessage,
		onListening,
	}: {
		/** Gets the database number, which is part of keyspace events' names. */
		readonly channels: (database: number) => readonly string[];
		readonly patterns: (database: number) => readonly string[];
		/** Beginnings of keys whose every write is reported on `WRITTEN`, whatever the server notifies of; not to a user who may not. */
		readonly tracked: readonly string[];
		readonly onMessage: (channel: string, message: string) => void;
		readonly onListening: () => void;
	},
): Subscriber => {
	const options: RedisOptions = {
		// A client of the older protocol can be told of written keys by a message to itself.
		protocol: 2,
		lazyConnect: true,
		// Resubscribes itself at each `ready`, including the first.
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
	// A lost hint is no error: the sweep runs anyway.
	client.on('error', () => undefined);
	client.on('message', onMessage);
	client.on('pmessage', (_, channel, message) => onMessage(channel, message));
	const track = async (): Promise<void> => {
		const id = String(await client.call('CLIENT', 'ID'));
		await client.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', ...tracked.flatMap(prefix => ['PREFIX', prefix]));
		await client.subscribe(WRITTEN);
	};
	client.on('ready', async () => {
		const database = client.options.db ?? 0;
		await track().catch(() => undefined);
		// A user who may not hear some of them hears the others: a new connection would be refused the same again.
		const unlessForbidden = (error: unknown): void => {
			if (!(error instanceof Error && error.message.startsWith('NOPERM'))) throw error;
		};
		Promise.all([
			client.subscribe(...channels(database)).catch(unlessForbidden),
			client.psubscribe(...patterns(database)).catch(unlessForbidden),
		]).then(onListening, () => client.disconnect(true));
	});
	client.connect().catch(() => undefined);
	return {leave: () => void (moves && client.disconnect(true)), close: () => client.disconnect()};
};
