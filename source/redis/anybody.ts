import {setTimeout as wait} from 'node:timers/promises';
import {parseRedisUrl, type RedisAddress, withoutSecrets} from './address.ts';
import {connectRedis} from './connection.ts';
import {RedisRefused} from './errors.ts';

const ATTEMPTS = 10;
const AGAIN_MS = 250;

/**
 * Does the server of an address obey whoever reaches it over the network, without a password? A server on a unix socket counts as closed, since the folder
 * of the socket guards it; so does one that cannot be reached, for whoever needs it says that better.
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
			// One that stumbles just now has not said no.
			const isSilent = error instanceof RedisRefused && error.code === 'unreachable';
			if (!isSilent || attempt === ATTEMPTS) return false;
			await wait(AGAIN_MS);
		}
	}
};
