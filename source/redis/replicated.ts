import type {Greeting, RedisConnection} from './connection.ts';
import {RedisLost, RedisRefused} from './errors.ts';
import {readInfo} from './requirements.ts';

/** How long a replica may take, ms. Everything else on the connection waits as long. */
const WAIT_MS = 500;

/**
 * Resolves once a replica has all that was acknowledged on this connection before. Throws `RedisLost` where none has it in time: then it is not known
 * to last, and whoever asked sends its intent again. Many who ask at once are answered by one question.
 */
export const createBarrier = (connection: RedisConnection, namespace: string): (() => Promise<void>) => {
	let running: Promise<void> | undefined;
	let next: Promise<void> | undefined;
	const ask = async (): Promise<void> => {
		// WAIT looks at the last write of its own connection, and the first answer to an intent may have come on another: so there is always one.
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
	// One that is on its way may have been sent before what was written last.
	return () => {
		if (!running) return start();
		next ??= running.then(start, start);
		return next;
	};
};

/** What `durability: replicated` needs. Throws `RedisRefused` where the server has no replica, or does not know or allow WAIT. */
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
