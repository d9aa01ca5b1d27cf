import type {RedisConnection} from './connection.ts';
import {RedisLost} from './errors.ts';

const PAUSE_MS = 50;

/** Waits at most `timeoutMs` for the connection; true if it is back. */
export const untilConnected = (connection: RedisConnection, timeoutMs: number): Promise<boolean> =>
	new Promise(resolve => {
		if (connection.isConnected) {
			resolve(true);
			return;
		}
		const finish = (isConnected: boolean): void => {
			clearTimeout(timer);
			stop();
			resolve(isConnected);
		};
		const stop = connection.onRestored(() => finish(true));
		const timer = setTimeout(() => finish(false), Math.max(0, timeoutMs));
	});

/**
 * Repeats `attempt` while its reply is lost, for at most `forMs`. It must be one intent with one op-id: so it has one effect, and the first
 * reply returns. What was surely not sent the first time fails at once.
 */
export const resending = async <Answer>(connection: RedisConnection, attempt: () => Promise<Answer>, forMs: number): Promise<Answer> => {
	const deadline = performance.now() + forMs;
	let wasSent = false;
	for (;;) {
		try {
			return await attempt();
		} catch (error) {
			if (!(error instanceof RedisLost)) throw error;
			wasSent ||= error.wasSent;
			if (!wasSent) throw error;
			await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
			if (!(await untilConnected(connection, deadline - performance.now())) || performance.now() > deadline)
				throw new RedisLost(true, error);
		}
	}
};
