import type {Greeting} from './connection.ts';
import {RedisLost, RedisRefused} from './errors.ts';

/** Parses `INFO`; skips lines without a colon. */
export const readInfo = (text: string): ReadonlyMap<string, string> =>
	new Map(
		text.split(/\r?\n/).flatMap(line => {
			const colon = line.indexOf(':');
			return colon > 0 && !line.startsWith('#') ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
		}),
	);

/** The server's name and version, such as `Redis 8.0.2` or `Valkey 8.1.1`. */
export const serverVersion = (info: ReadonlyMap<string, string>): string =>
	info.has('valkey_version') ? `Valkey ${info.get('valkey_version')}` : `Redis ${info.get('redis_version') ?? '?'}`;

/**
 * Refuses a server that cannot keep the guarantees: Redis before 7.0 (any Valkey is fine), a replica, or one that evicts keys. Pure: reads
 * `INFO`.
 */
export const checkServer = (address: string, info: ReadonlyMap<string, string>): void => {
	const version = info.get('redis_version');
	if (!version)
		throw new RedisRefused('not-redis', `\`${address}\` does not answer like Redis.`, 'Give the address of a Redis or Valkey server.');
	if (!info.has('valkey_version') && Number.parseInt(version, 10) < 7)
		throw new RedisRefused('too-old', `Redis \`${version}\` at \`${address}\` is too old.`, 'Redis 7.0 or later, or Valkey, is needed.');
	if ((info.get('role') ?? 'master') !== 'master')
		throw new RedisRefused('read-only', `\`${address}\` is a read-only replica.`, 'Use the address of its primary.');
	const policy = info.get('maxmemory_policy') ?? 'noeviction';
	if (policy !== 'noeviction')
		throw new RedisRefused(
			'eviction',
			`Redis at \`${address}\` may evict keys (maxmemory-policy \`${policy}\`): tasks could be lost.`,
			'Set `maxmemory-policy noeviction` on that server.',
		);
};

/** Whether accepted data survives a restart: `unknown` if the configuration is unreadable. */
export type Persistence = 'disk' | 'unknown' | 'none';

/** `save`: the server's setting, undefined if unknown. Pure. */
export const persistenceOf = (info: ReadonlyMap<string, string>, save: string | undefined): Persistence => {
	if (info.get('aof_enabled') === '1') return 'disk';
	if (save === undefined) return Number(info.get('rdb_saves') ?? 0) > 0 ? 'disk' : 'unknown';
	return save === '' ? 'none' : 'disk';
};

/** Checks that the server persists its data. Throws `RedisRefused` if not, unless the user accepts that (`isVolatile`). */
export const checkPersistence = async (greeting: Greeting, address: string, isVolatile: boolean): Promise<Persistence> => {
	const info = readInfo(String(await greeting.call('INFO')));
	// Managed servers refuse CONFIG or rename it.
	const save = await greeting.call('CONFIG', 'GET', 'save').then(
		reply => (Array.isArray(reply) && reply.length > 1 ? String(reply[1]) : undefined),
		(error: unknown) => {
			if (error instanceof RedisLost) throw error;
			return undefined;
		},
	);
	const found = persistenceOf(info, save);
	if (found === 'none' && !isVolatile)
		throw new RedisRefused(
			'volatile',
			`Redis at \`${address}\` does not save to disk: a restart loses all tasks.`,
			'Set `appendonly yes` on that server, or accept that with `--redis-volatile`.',
		);
	return found;
};

/** A warning for the user, '' for none. */
export const tellPersistence = (found: Persistence): string =>
	({
		disk: '',
		unknown:
			'Redis does not say whether it saves to disk (`appendonly` is off and CONFIG is refused): if it does not, a restart loses all tasks.',
		none: 'Redis does not save to disk (`--redis-volatile`): a restart loses all tasks.',
	})[found];

export const PROBLEMS = ['redis-readonly', 'redis-evicts', 'redis-full', 'redis-disk', 'redis-replica'] as const;

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

/**
 * Problems of a connected server by id, each a sentence. Pure: reads `INFO`. Memory is full by the server's own rule: buffers of replicas
 * and AOF do not count.
 */
export const problemsOf = (
	info: ReadonlyMap<string, string>,
	{isReplicated = false}: {readonly isReplicated?: boolean} = {},
): ReadonlyMap<(typeof PROBLEMS)[number], string> => {
	const number = (name: string): number => Number(info.get(name) ?? 0);
	const policy = info.get('maxmemory_policy') ?? 'noeviction';
	const used = number('used_memory') - number('mem_not_counted_for_evict');
	const isFull = number('maxmemory') > 0 && used > number('maxmemory');
	const found: readonly (readonly [(typeof PROBLEMS)[number], string])[] = [
		[
			'redis-readonly',
			(info.get('role') ?? 'master') === 'master'
				? ''
				: 'Redis has become a read-only replica: no tasks are assigned or submitted until it is a primary again.',
		],
		[
			'redis-evicts',
			policy === 'noeviction'
				? ''
				: `Redis may now evict keys (maxmemory-policy \`${policy}\`): tasks could be lost. Set \`maxmemory-policy noeviction\`.`,
		],
		[
			'redis-full',
			isFull
				? `Redis memory is full (${megabytes(used)} of ${megabytes(number('maxmemory'))}): no tasks are assigned until some is free.`
				: '',
		],
		['redis-disk', info.get('aof_last_write_status') === 'err' ? 'Redis cannot write to disk. Check free space.' : ''],
		[
			'redis-replica',
			isReplicated && number('connected_slaves') === 0
				? 'Redis has no replica (`durability: replicated`): no change is confirmed until one is back.'
				: '',
		],
	];
	return new Map(found.filter(([, text]) => text !== ''));
};
