import type {RoomEvent} from '../core/event/event.ts';
import type {RedisConnection} from './connection.ts';
import {RedisLost} from './errors.ts';
import {untilConnected} from './retry.ts';
import {eventsOf, listOf} from './scripts/replies.ts';

/** Entries of one answer at most: one that is full may be of a reader that has fallen behind. */
export const TAIL_ENTRIES = 500;

/**
 * Waits for entries of a stream on a blocking connection of its own, opened at the first call. While Redis is away it waits for the
 * connection, at most `blockMs`, and then throws `RedisLost`: a caller's loop never runs hot.
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
		// One stream was asked for: [name, entries], nested as RESP2 does or flat as RESP3 maps come.
		const [first, second] = listOf(reply);
		return eventsOf(Array.isArray(first) ? first[1] : second);
	};
};
