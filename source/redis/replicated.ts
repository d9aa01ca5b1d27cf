import type {Greeting, RedisConnection} from './connection.ts';
import {RedisLost, RedisRefused} from './errors.ts';
import {readInfo} from './requirements.ts';

/** Time limit of a replica, ms; it delays everything on the connection. */
const WAIT_MS = 500;

/**
 * Resolves once a replica has all writes acknowledged before on this connection. Throws `RedisLost` otherwise: it is unknown whether they
 * last, and the caller resends. Concurrent calls share one WAIT.
 */
export const createBarrier = (connection: RedisConnection, namespace: string): (() => Promise<void>) => {
	let running: Promise<void> | undefined;
	let next: Promise<void> | undefined;
	const ask = async (): Promise<void> => {
		// WAIT covers the last write of its own connection, but the first reply may have come on another: so this writes too.
		const [, replicas] = await Promise.all([connection.call('SET', `${namespace}:replicated`, '1'), connection.call('WAIT', 1, WAIT_MS)]);
		if (Number(replicas) < 1) throw new RedisLost(true, new Error('no replica of Redis has it yet'));
	};
	const start = (): Promise<void> => {
		next = undefined;
		running = ask().finally(() => {
			running = undefined;
		});
		return running;
	};
	// A WAIT in flight may precede the last write.
	return () => {
		if (!running) return start();
		next ??= running.then(start, start);
		return next;
	};
};

/** Checks the requirements of `durability: replicated`. Throws `RedisRefused` without a replica or WAIT. */
export const checkReplica = async (greeting: Greeting, address: string): Promise<void> => {
	const replicas = Number(readInfo(String(await greeting.call('INFO'))).get('connected_slaves') ?? 0);
	if (replicas === 0)
		throw new RedisRefused(
			'no-replica',
			`\`durability: replicated\` needs a replica, and Redis at \`${address}\` has none.`,
			'Add one to that server, or set `durability: local`.',
		);
	await greeting.call('WAIT', 0, 1).catch((error: unknown) => {
		if (error instanceof RedisLost) throw error;
		throw new RedisRefused(
			'lacks-command',
			`\`durability: replicated\` needs the command \`WAIT\`, which Redis at \`${address}\` refuses.`,
			'Allow it for that user, or set `durability: local`.',
			error,
		);
	});
};
