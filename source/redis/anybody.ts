import {parseRedisUrl, type RedisAddress, withoutSecrets} from './address.ts';
import {connectRedis} from './connection.ts';

/**
 * Does the server of an address obey whoever reaches it over the network, without a password? A server on a unix socket counts as closed, since the folder
 * of the socket guards it; so does one that cannot be reached, for whoever needs it says that better.
 */
export const obeysAnybody = async (address: RedisAddress): Promise<boolean> => {
	if ('socketPath' in address || parseRedisUrl(address.url).kind === 'socket') return false;
	try {
		const {password: _, ...nobody} = address;
		const connection = await connectRedis({...nobody, url: withoutSecrets(address.url)});
		connection.close();
		return true;
	} catch {
		return false;
	}
};
