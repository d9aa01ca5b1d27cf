import {RedisRefused} from './errors.ts';

/** A unix socket, with user and password if required. */
export type SocketAddress = {readonly socketPath: string; readonly username?: string; readonly password?: string};

/** How to reach an external server, besides its URL. */
export type RedisAccess = {
	/** Overrides the URL's password. */
	readonly password?: string;
	/** CA certificates instead of Node's, as PEM text. */
	readonly ca?: string;
	/** The client's own certificate and its key, as PEM text: both or none. */
	readonly cert?: string;
	readonly key?: string;
	readonly sentinelPassword?: string;
	/** Prefix of every key; in a Cluster it decides the node. */
	readonly namespace?: string;
};

/** A socket, or a URL that may hold user and password. */
export type RedisAddress = SocketAddress | (RedisAccess & {readonly url: string});

export type Host = {readonly host: string; readonly port: number};

/** A parsed URL. `sentinel`: its hosts are Sentinels, `name` is their name for the primary; `cluster`: any nodes of a Cluster. */
export type RedisTarget = {
	readonly kind: 'socket' | 'server' | 'sentinel' | 'cluster';
	readonly path: string;
	readonly hosts: readonly Host[];
	readonly name: string;
	readonly database: number;
	readonly username: string;
	readonly password: string;
	readonly isTls: boolean;
};

const EXAMPLE =
	'Example: redis://host:6379, rediss://user@host:6380, redis+sentinel://h1,h2/name, redis+cluster://h1,h2, or the path of a socket.';
const URL_FORM = /^(redis|rediss)(?:\+(sentinel|cluster))?:\/\/(?:([^/]*)@)?([^@/]*)(?:\/([^/?#]*))?(?:\/(\d{1,5}))?\/?$/;
const HOST_FORM = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/;

/** The URL without user and password, safe to show and log. */
export const withoutSecrets = (url: string): string => url.replace(/:\/\/.*@/, '://');

/** A URL that may be kept: its user, and no password. */
export const withoutPassword = (url: string): string =>
	url.replace(/:\/\/([^@/]*)@/, (_, user: string) => (user.startsWith(':') ? '://' : `://${user.split(':')[0]}@`));

const refuse = (url: string): RedisRefused => new RedisRefused('address', `\`${withoutSecrets(url)}\` is not a Redis address.`, EXAMPLE);

const decoded = (text: string, url: string): string => {
	try {
		return decodeURIComponent(text);
	} catch {
		throw refuse(url);
	}
};

const hostsOf = (text: string, port: number, url: string): readonly Host[] =>
	text.split(',').map(part => {
		const [, bracketed, plain, given] = HOST_FORM.exec(part) ?? [];
		const host = bracketed ?? plain;
		if (host === undefined || Number(given ?? port) > 65_535) throw refuse(url);
		return {host, port: Number(given ?? port)};
	});

/** Parses a URL or a socket path. Throws `RedisRefused` for anything else, naming it without its password. */
export const parseRedisUrl = (url: string): RedisTarget => {
	const nothing = {path: '', hosts: [], name: '', database: 0, username: '', password: '', isTls: false};
	if (url.startsWith('/')) return {...nothing, kind: 'socket', path: url};
	const [, scheme, form = 'server', user = '', hosts = '', first = '', second = ''] = URL_FORM.exec(url) ?? [];
	const kind = form === 'sentinel' || form === 'cluster' ? form : 'server';
	const [name, database] = kind === 'sentinel' ? [first, second] : ['', first];
	const isNamed = kind === 'sentinel' ? name !== '' : second === '';
	if (scheme === undefined || !isNamed || !/^\d{0,5}$/.test(database) || (kind === 'cluster' && Number(database) > 0)) throw refuse(url);
	const colon = user.indexOf(':');
	return {
		...nothing,
		kind,
		hosts: hostsOf(hosts || '127.0.0.1', kind === 'sentinel' ? 26_379 : 6379, url),
		name: decoded(name, url),
		database: Number(database),
		username: decoded(colon < 0 ? user : user.slice(0, colon), url),
		password: colon < 0 ? '' : decoded(user.slice(colon + 1), url),
		isTls: scheme === 'rediss',
	};
};

/** The address for display, without user and password. */
export const nameOf = (address: RedisAddress): string => ('socketPath' in address ? address.socketPath : withoutSecrets(address.url));
