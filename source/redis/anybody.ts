import {setTimeout as wait} from 'node:timers/promises';
import {parseRedisUrl, type RedisAddress, withoutSecrets} from './address.ts';
import {connectRedis} from './connection.ts';
import {RedisRefused} from './errors.ts';

const ATTEMPTS = 10;
const AGAIN_MS = 250;

/**
 * Whether the server obeys anyone on the network without a password. False for a unix socket, guarded by its folder, and for an unreachable
 * server, which others report better.
 */
export const obeysAnybody = async (address: RedisAddress): Promise<boolean> => {
	if ('socketPath' in address || parseRedisUrl(address.url).kind === 'socket') return false;
	const {password: _, ...nobody} = address;
	for (let attempt = 1; ; attempt++) {
		try {
			const connection = await connectRedis({...nobody, url: withoutSecrets(address.url)});
			connection.close();
			return true;
		} catch (error) {
			// A temporary failure is no refusal.
			const isSilent = error instanceof RedisRefused && error.code === 'unreachable';
			if (!isSilent || attempt === ATTEMPTS) return false;
			await wait(AGAIN_MS);
		}
	}
};
