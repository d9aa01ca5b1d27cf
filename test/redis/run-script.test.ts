import {afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test} from 'vitest';
import {connectRedis, type RedisConnection} from '../../source/redis/connection.ts';
import {assembleLibrary} from '../../source/redis/scripts/assemble.ts';
import {fragmentOf} from '../../source/redis/scripts/pieces.ts';
import {argumentList, IN_LIBRARY, loadScript, makeLibrary} from '../../source/redis/scripts/table.ts';
import {startTestRedis, type TestRedis} from '../helpers/redis.ts';
import {until} from '../helpers/wait.ts';

const OTHER = 'agent_room_0123456789ab';

describe.each(['redis-server', 'valkey-server'])('a script on %s', binary => {
	let redis: TestRedis;
	let admin: RedisConnection;
	const opened: RedisConnection[] = [];
	beforeAll(async () => {
		redis = await startTestRedis([], binary);
		admin = await redis.connect();
	});
	afterAll(() => redis.stop());
	afterEach(async () => {
		for (const connection of opened.splice(0)) connection.close();
		await admin.call('CONFIG', 'SET', 'maxmemory', 0);
		await flush();
		await admin.call('SCRIPT', 'FLUSH');
	});

	const connect = async (...rules: readonly string[]): Promise<RedisConnection> => {
		if (rules.length === 0) return redis.connect();
		await admin.call('ACL', 'SETUSER', 'someone', 'reset', 'on', '>secret', '~*', '&*', '+@all', ...rules);
		const connection = await connectRedis({socketPath: redis.socketPath, username: 'someone', password: 'secret'});
		opened.push(connection);
		return connection;
	};
	const list = (connection: RedisConnection): Promise<unknown> =>
		connection.run(loadScript('list'), ['w:events'], argumentList('list', 'w', '', {cursor: '', size: 10}));
	/**
	 * SYNC, for Valkey below 8.1.5 frees functions in a thread of its own by default and then crashes now and then where the next ones
	 * are loaded meanwhile: https://github.com/valkey-io/valkey/pull/1826
	 */
	const flush = (): Promise<unknown> => admin.call('FUNCTION', 'FLUSH', 'SYNC');
	/** Calls of a command since `before`, as the server counts them. */
	const calls = async (): Promise<(command: string) => number> => {
		const info = String(await admin.call('INFO', 'commandstats'));
		return command => Number(new RegExp(`cmdstat_${command.replace('|', '\\|')}:calls=(\\d+)`).exec(info)?.[1] ?? 0);
	};
	const libraries = async (): Promise<readonly unknown[]> =>
		((await admin.call('FUNCTION', 'LIST')) as unknown[][]).map(fields => fields[1]);

	test('is a function of one library, loaded once however many ask at once, and again when it is gone', async () => {
		const connection = await connect();
		await admin.call('CONFIG', 'RESETSTAT');
		const answers = await Promise.all(Array.from({length: 20}, () => list(connection)));
		expect(answers).toHaveLength(20);
		expect(await libraries()).toEqual([makeLibrary().name]);
		await flush();
		await list(connection);
		const count = await calls();
		expect([count('function|load'), count('evalsha'), count('eval')]).toEqual([2, 0, 0]);
	});

	test('is sent as text where its user may not call or load functions, or memory is too full to load any', async () => {
		const refused = [
			() => connect('-fcall'),
			() => connect('-function|load'),
			async () => {
				await admin.call('CONFIG', 'SET', 'maxmemory', 1);
				return connect();
			},
		];
		for (const [at, open] of refused.entries()) {
			const connection = await open();
			await admin.call('CONFIG', 'RESETSTAT');
			await list(connection);
			await list(connection);
			const count = await calls();
			expect([count('eval'), count('evalsha')], `case ${at}`).toEqual(at === 0 ? [1, 2] : [0, 2]);
			// Asked once, and not with each call again: a library is 140 KB.
			const info = String(await admin.call('INFO', 'commandstats'));
			expect(/cmdstat_function\|load:\S*rejected_calls=(\d+)/.exec(info)?.[1], `case ${at}`).toBe(at === 0 ? undefined : '1');
			expect(await libraries()).toEqual([]);
			await admin.call('CONFIG', 'SET', 'maxmemory', 0);
		}
	});

	test('is left alone where a key or a command inside of it is refused: that says so itself', async () => {
		const connection = await connect('resetkeys', '~other:*');
		await expect(list(connection)).rejects.toThrow(/^NOPERM/);
		const count = await calls();
		expect(count('eval')).toBe(0);
	});
});

test('a library of another version goes when this process first loads its own on that server; what only looks like one stays', async () => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	const connection = await redis.connect();
	const load = (name: string): Promise<unknown> =>
		connection.call('FUNCTION', 'LOAD', `#!lua name=${name}\nredis.register_function('${name}_f', function() end)`);
	const names = async (): Promise<readonly string[]> =>
		((await connection.call('FUNCTION', 'LIST')) as string[][]).map(fields => fields[1] ?? '').toSorted();
	const list = (): Promise<unknown> =>
		connection.run(loadScript('list'), ['w:events'], argumentList('list', 'w', '', {cursor: '', size: 10}));
	const own = makeLibrary().name;
	for (const name of [OTHER, 'agent_room_mine', 'somebody']) await load(name);
	await list();
	await until(async () => !(await names()).includes(OTHER), {what: 'its end'});
	expect(await names()).toEqual([own, 'agent_room_mine', 'somebody'].toSorted());
	// Of two versions at work, neither ends the other's again and again.
	await connection.call('FUNCTION', 'DELETE', own);
	await load(OTHER);
	await list();
	expect(await names()).toEqual([OTHER, own, 'agent_room_mine', 'somebody'].toSorted());
});

describe('the library', () => {
	test('has no more than 32 functions, so that those of two versions are never freed apart', () => {
		expect(makeLibrary().text.match(/register_function\(/g)?.length).toBe(IN_LIBRARY.length);
		expect(IN_LIBRARY.length).toBeLessThanOrEqual(32);
	});

	const given: Readonly<Record<string, string>> = {
		base: 'local namespace = ARGV[1]\n\nlocal function key(name)\n\treturn namespace .. name\nend\n\nlocal function never()\nend\n',
		a: '--- uses: c\n\nlocal SEEN = {one = true}\nlocal seen, last = {}, nil\n--- Says it.\nlocal function read()\n\t--- Once.\n\tseen[#seen + 1] = SEEN\n\treturn c.LETTER .. key(last)\nend\n\nreturn {read = read}\n',
		c: "local LETTER = 'C'\n\nreturn {LETTER = LETTER}\n",
	};
	const fragments = new Map(Object.entries(given).map(([name, text]) => [name, fragmentOf(text)] as const));
	const read = (name: string) => fragments.get(name);

	test('has functions and constants once, gives variables their value at each call, and flags as the headers say', () => {
		const scripts = {
			'see-it':
				'--- see-it: reads.\n--- flags: no-writes\n--- uses: a\n\nlocal WORDS = {a = true}\nlocal op = ARGV[2]\nreturn a.read(WORDS[op])\n',
			other: '--- other: reads.\n\nreturn key(1)\n',
		};
		expect(assembleLibrary(scripts, read, () => 'lib')).toEqual({
			name: 'lib',
			text: [
				'#!lua name=lib\nlocal KEYS, ARGV\nlocal fragments = {}\nlocal namespace',
				'local function key(name)\nreturn namespace .. name\nend',
				'local a_SEEN = {one = true}\nlocal a_seen, a_last',
				"fragments.a_read = function()\na_seen[#a_seen + 1] = a_SEEN\nreturn 'C' .. key(a_last)\nend",
				"do\nlocal WORDS = {a = true}\nredis.register_function({function_name = 'lib_see_it', callback = function(keys, argv)",
				'KEYS, ARGV = keys, argv\nnamespace = ARGV[1]\na_seen, a_last = {}, nil',
				"\nlocal op = ARGV[2]\nreturn fragments.a_read(WORDS[op])\n\nend, flags = {'no-writes'}})\nend",
				"do\nredis.register_function({function_name = 'lib_other', callback = function(keys, argv)",
				'KEYS, ARGV = keys, argv\nnamespace = ARGV[1]\n\nreturn key(1)\n\nend, flags = {}})\nend\n',
			].join('\n'),
		});
	});
});
