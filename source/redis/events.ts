import type {RoomEvent} from '../core/event/event.ts';
import type {RedisConnection} from './connection.ts';
import {RedisLost} from './errors.ts';
import {untilConnected} from './retry.ts';
import {eventsOf, listOf} from './scripts/replies.ts';

/** Limit of events in one reply: a full one suggests a reader that fell behind. */
export const TAIL_ENTRIES = 500;

/**
 * Waits for events of a stream on its own blocking connection, opened at the first call. While Redis is disconnected it waits at most
 * `blockMs` and then throws `RedisLost`, so that a caller's loop never spins.
 */
export const createTail = (connection: RedisConnection, stream: string) => {
	let opening: Promise<RedisConnection> | undefined;
	const open = (): Promise<RedisConnection> => {
		opening ??= connection.duplicateBlocking().catch((error: unknown) => {
			opening = undefined;
			throw error;
		});
		return opening;
	};
	return async (since: string, blockMs: number): Promise<readonly RoomEvent[]> => {
		if (!(await untilConnected(connection, blockMs))) throw new RedisLost(false);
		const blocking = await open().catch((error: unknown) => {
			throw new RedisLost(false, error);
		});
		if (!(await untilConnected(blocking, blockMs))) throw new RedisLost(false);
		const reply = await blocking.call('XREAD', 'COUNT', TAIL_ENTRIES, 'BLOCK', Math.max(1, Math.round(blockMs)), 'STREAMS', stream, since);
		if (!reply) return [];
		// One stream: [name, entries], nested in RESP2, flat in RESP3 maps.
		const [first, second] = listOf(reply);
		return eventsOf(Array.isArray(first) ? first[1] : second);
	};
};
