import {connectRedis} from './connection.ts';

/**
 * Does the server of a URL obey whoever reaches it over the network, without a password? A server on a unix socket counts as closed, since the folder
 * of the socket guards it; so does one that cannot be reached, for whoever needs it says that better.
 */
export const obeysAnybody = async (url: string): Promise<boolean> => {
	const place = URL.parse(url);
	if (!place || place.hostname === '') return false;
	place.username = '';
	place.password = '';
	try {
		const connection = await connectRedis({url: place.href});
		connection.close();
		return true;
	} catch {
		return false;
	}
};
