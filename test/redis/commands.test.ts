import {globSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest';
import {checkCommands, commandsUsed} from '../../source/redis/commands-used.ts';
import {connectRedis} from '../../source/redis/connection.ts';
import {luaFolder} from '../../source/redis/scripts/table.ts';
import {startTestRedis, type TestRedis} from '../helpers/redis.ts';

const source = join(import.meta.dirname, '../../source');
const texts = (pattern: string, folder: string): readonly string[] =>
	globSync(pattern, {cwd: folder}).map(file => readFileSync(join(folder, file), 'utf8'));
const lua = texts('**/*.lua', luaFolder());

/** Flat name, value, ... or a map, as RESP2 and RESP3 answer. */
const named = (reply: unknown): ReadonlyMap<string, unknown> => {
	const flat = reply as readonly unknown[];
	return new Map(Array.from({length: flat.length / 2}, (_, at) => [String(flat[at * 2]), flat[at * 2 + 1]]));
};
/** The options of a command by token, each with the version it came in, those of options within options too. */
const optionsIn = (reply: unknown): readonly {token: string; since: string}[] =>
	((reply ?? []) as readonly unknown[]).flatMap(argument => {
		const fields = named(argument);
		const own = fields.has('token') ? [{token: String(fields.get('token')), since: String(fields.get('since') ?? '0')}] : [];
		return [...own, ...optionsIn(fields.get('arguments'))];
	});
const isNewer = (version: string): boolean => {
	const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
	return major * 10_000 + minor * 100 + patch > 70_000;
};

describe('the commands that the room uses', () => {
	let redis: TestRedis;
	beforeAll(async () => {
		redis = await startTestRedis();
	});
	afterAll(() => redis.stop());

	test('are all known to the probe: of scripts and of the program', () => {
		const used = commandsUsed();
		const called = lua.flatMap(text => [...text.matchAll(/(?:redis\.p?call|softly)\('([A-Z]+)'/g)].map(([, name]) => name ?? ''));
		const sent = texts('{redis,room}/*.ts', source).flatMap(text =>
			[...text.matchAll(/(?:\bcall|\bsend|\bask)\('([A-Z]+)'/g)].map(([, name]) => name ?? ''),
		);
		const known = new Set(used.map(name => name.split(' ')[0]));
		// The probe itself is a script, and only our own server is ever shut down; the others are asked of Sentinels and Clusters, or may be refused: what a
		// user sees of other teams' keys is not asked for to be allowed, and `leave` says so.
		const apart = ['CLIENT', 'EVAL', 'EVALSHA', 'FCALL', 'FUNCTION', 'SHUTDOWN', 'SENTINEL', 'CLUSTER', 'CONFIG', 'WAIT', 'SCAN'];
		const asked = [...called, ...sent].filter(name => !apart.includes(name));
		expect(asked.length).toBeGreaterThan(100);
		expect(asked.filter(name => !known.has(name))).toEqual([]);
	});

	test('and their options are of Redis 7.0 or older', async () => {
		const connection = await redis.connect();
		const names = [...new Set(commandsUsed().map(name => name.split(' ')[0] ?? ''))];
		let options = 0;
		for (const name of names) {
			const [, reply] = (await connection.call('COMMAND', 'DOCS', name)) as unknown[];
			const docs = named(reply);
			expect(isNewer(String(docs.get('since'))), name).toBe(false);
			for (const {token, since} of optionsIn(docs.get('arguments'))) {
				options++;
				if (!isNewer(since)) continue;
				const uses = new RegExp(`'${name}'[^\\n]*'${token}'`);
				expect(
					[...lua, ...texts('{redis,room}/*.ts', source)].filter(text => uses.test(text)),
					`${name} ${token}`,
				).toEqual([]);
			}
		}
		expect(options).toBeGreaterThan(30);
	});
});

describe('a server', () => {
	const own = async (settings: readonly string[] = []): Promise<TestRedis> => {
		const redis = await startTestRedis(settings);
		onTestFinished(() => redis.stop());
		return redis;
	};
	const check = async (redis: TestRedis, user = ''): Promise<unknown> => {
		const connection = await connectRedis(user === '' ? {socketPath: redis.socketPath} : {url: user});
		try {
			return await checkCommands(connection, 'here', 'workflow');
		} finally {
			connection.close();
		}
	};

	test('that has them all is taken', async () => {
		await expect(check(await own())).resolves.toBeUndefined();
	});

	test.each(['ZADD', 'PEXPIRETIME', 'XINFO'])('that lacks %s is refused by name, and nothing was changed', async name => {
		const redis = await own(['--rename-command', name, '']);
		await expect(check(redis)).rejects.toMatchObject({
			name: 'RedisRefused',
			code: 'lacks-command',
			message: expect.stringContaining(`lacks the command \`${name}`),
		});
		expect(await (await redis.connect()).call('DBSIZE')).toBe(0);
	});

	test('that holds something else in a key of ours is refused by the name of that key; what the seed writes to is looked at later', async () => {
		const redis = await own();
		const connection = await redis.connect();
		const named = new Set(lua.flatMap(text => [...text.matchAll(/\bkey\('([\w:]+)'\)/g)].map(([, name]) => name ?? '')));
		for (const hash of ['locks:owner', 'locks:takenAt', 'locks:fence']) named.add(hash);
		for (const name of ['tasks:pending', 'tasks:priority', 'agents:registry', 'beats:full', 'events:task_completed']) named.delete(name);
		expect(named.size).toBeGreaterThan(35);
		for (const name of named) {
			await connection.call(name === 'tasks:refused' ? 'SADD' : 'LPUSH', `workflow:${name}`, '1');
			await expect(check(redis), `${name} of another type`).rejects.toMatchObject({
				code: 'other-data',
				message: expect.stringContaining(`Key \`workflow:${name}\``),
			});
			await connection.call('DEL', `workflow:${name}`);
		}
		await connection.call('SET', 'workflow:tasks:pending', 'x');
		await expect(check(redis)).resolves.toBeUndefined();
	});

	test('whose user may not run one, or not on our keys, is refused by name', async () => {
		const redis = await own();
		const admin = await redis.connect();
		await admin.call('ACL', 'SETUSER', 'default', 'reset', 'on', 'nopass', '~workflow:*', '&workflow:*', '+@all', '-incr');
		await expect(check(redis)).rejects.toMatchObject({code: 'forbidden', message: expect.stringContaining('`INCR` on `workflow:*`')});
		await admin.call('ACL', 'SETUSER', 'default', 'reset', 'on', 'nopass', '~other:*', '&*', '+@all');
		await expect(check(redis)).rejects.toMatchObject({code: 'forbidden', message: expect.stringContaining('may not use `workflow:*`')});
	});
});
