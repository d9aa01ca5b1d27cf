import type {RedisConnection} from '../../source/redis/connection.ts';

/** What a namespace holds at one moment, by the names of its keys without the namespace. */
export type Stored = {
	/** The names that begin like this. */
	names(prefix: string): readonly string[];
	/** A string; undefined where there is none. */
	text(name: string): string | undefined;
	/** The members of a set, or those of a sorted one in its order. */
	members(name: string): readonly string[];
	/** A sorted set with its scores. */
	scores(name: string): readonly (readonly [member: string, score: number])[];
	hash(name: string): ReadonlyMap<string, string>;
};

/** The records of tasks and the stream are left out: what they say is read by a snapshot. */
const READ = `
local found = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
	local name = string.sub(key, #ARGV[1] + 1)
	local kind = redis.call('TYPE', key).ok
	local value = {}
	if kind == 'string' then value = {redis.call('GET', key)} end
	if kind == 'set' then value = redis.call('SMEMBERS', key) end
	if kind == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') end
	if kind == 'hash' and string.sub(name, 1, 6) ~= 'tasks:' then value = redis.call('HGETALL', key) end
	found[#found + 1] = {name, kind, value}
end
return found`;

const pairs = (values: readonly string[]): (readonly [string, string])[] =>
	values.flatMap((value, index) => (index % 2 === 0 ? [[value, values[index + 1] ?? ''] as const] : []));

/**
 * Reads everything in one step, as an outsider would: not through the team's scripts. One look takes one round trip, however much there is to
 * be looked at; on a busy machine each round trip costs a turn of the processor.
 */
export const readStored = async (connection: RedisConnection, namespace: string): Promise<Stored> => {
	const rows = (await connection.call('EVAL', READ, 0, `${namespace}:`)) as [unknown, unknown, unknown[]][];
	const all = new Map(rows.map(([name, kind, value]) => [String(name), {kind: String(kind), value: value.map(String)}]));
	const valuesOf = (name: string): readonly string[] => all.get(name)?.value ?? [];
	const scores: Stored['scores'] = name => pairs(valuesOf(name)).map(([member, score]) => [member, Number(score)]);
	return {
		names: prefix => [...all.keys()].filter(name => name.startsWith(prefix)),
		text: name => all.get(name)?.value[0],
		members: name => (all.get(name)?.kind === 'zset' ? scores(name).map(([member]) => member) : valuesOf(name)),
		scores,
		hash: name => new Map(pairs(valuesOf(name))),
	};
};
