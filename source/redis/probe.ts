import {RedisRefused} from './redis-refused.ts';

/** `INFO` as a map; lines without a colon are left out. */
export const readInfo = (text: string): ReadonlyMap<string, string> =>
	new Map(
		text.split(/\r?\n/).flatMap(line => {
			const colon = line.indexOf(':');
			return colon > 0 && !line.startsWith('#') ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
		}),
	);

/** What the server calls itself, such as `Redis 8.0.2` or `Valkey 8.1.1`. */
export const serverVersion = (info: ReadonlyMap<string, string>): string =>
	info.has('valkey_version') ? `Valkey ${info.get('valkey_version')}` : `Redis ${info.get('redis_version') ?? '?'}`;

/**
 * Refuses a server on which the promises do not hold: older than Redis 7.0 (any Valkey will do), a replica, or one that evicts keys.
 * Pure: reads what `INFO` said.
 */
export const checkServer = (address: string, info: ReadonlyMap<string, string>): void => {
	const version = info.get('redis_version');
	if (!version)
		throw new RedisRefused('not-redis', `\`${address}\` does not answer like Redis.`, 'Give the address of a Redis or Valkey server.');
	if (!info.has('valkey_version') && Number.parseInt(version, 10) < 7)
		throw new RedisRefused('too-old', `Redis \`${version}\` at \`${address}\` is too old.`, 'Redis 7.0 or later, or Valkey, is needed.');
	if ((info.get('role') ?? 'master') !== 'master')
		throw new RedisRefused('read-only', `\`${address}\` is a read-only replica.`, 'Give the address of its primary.');
	const policy = info.get('maxmemory_policy') ?? 'noeviction';
	if (policy !== 'noeviction')
		throw new RedisRefused(
			'eviction',
			`Redis at \`${address}\` may evict keys (maxmemory-policy \`${policy}\`): tasks could vanish.`,
			'Set `maxmemory-policy noeviction` on that server.',
		);
};
