import {setTimeout as wait} from 'node:timers/promises';
import {isRefusedForNow, RedisLost} from '../../redis/errors.ts';

/** How often a server that refuses for now (its disk is full) is asked again, ms. */
const AGAIN_MS = 250;

/**
 * Retries a write until Redis has taken it. Guarantee: no finished result is dropped because the server was away or its disk was full. Throws once
 * the room has ended, and at once on an error that waiting does not fix.
 */
export const isWriting =
	(room: {
		readonly whenConnected: () => Promise<void>;
		readonly isRunning: () => boolean;
		/** Called with the server's words while it refuses, with '' once it takes writes again. */
		readonly onRefused: (words: string) => void;
	}) =>
	async <T>(write: () => Promise<T>): Promise<T> => {
		let wasRefused = false;
		for (;;) {
			try {
				const answer = await write();
				if (wasRefused) room.onRefused('');
				return answer;
			} catch (error) {
				if (!room.isRunning()) throw error;
				if (isRefusedForNow(error)) {
					wasRefused = true;
					room.onRefused(error.message);
					await wait(AGAIN_MS);
				} else if (error instanceof RedisLost) await room.whenConnected();
				else throw error;
			}
		}
	};
