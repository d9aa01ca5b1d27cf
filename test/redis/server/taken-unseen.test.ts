import {mkdirSync, readFileSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {connectRedis, type RedisConnection} from '../../../source/redis/connection.ts';
import {endOfCommands, follow, nothingUnseen, readCommands} from '../../../source/redis/server/append-log.ts';
import {startServer} from '../../../source/redis/server/server.ts';
import {followTaken} from '../../../source/redis/server/taken-unseen.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {until} from '../../helpers/wait.ts';

const KEYS = new Set(['w:tasks:pending', 'w:tasks:priority', 'w:tasks:intake']);

const opens = async () => {
	const folder = temporaryFolder('taken');
	const server = await startServer({folder});
	const waits: RedisConnection[] = [];
	onTestFinished(async () => {
		for (const connection of waits) connection.close();
		await server.stop();
	});
	const connects = async () => {
		const connection = await connectRedis(server.address);
		waits.push(connection);
		return connection;
	};
	const own = await connects();
	const types = (...[command = '', ...words]: readonly string[]) => own.call(command, ...words);
	const waitsWith = async (...[command = '', ...words]: readonly string[]): Promise<void> => {
		const blocked = async () => Number(/blocked_clients:(\d+)/.exec(String(await types('INFO', 'clients')))?.[1]);
		const before = await blocked();
		(await connects()).call(command, ...words).catch(() => undefined);
		await until(async () => (await blocked()) === before + 1, {what: 'it waits'});
	};
	const taken = followTaken(folder, 'w', line => expect(line).toBe(''));
	onTestFinished(() => taken.close());
	await taken.missed();
	const missed = async () => (await taken.missed()).map(({source, text}) => `${source} ${text}`);
	return {folder, types, waitsWith, missed};
};

test('what waiting consumers are handed is read from the file, in the order of the list, also across a rewrite', async () => {
	const {types, waitsWith, missed} = await opens();
	await waitsWith('BRPOP', 'w:tasks:pending', '0');
	await waitsWith('BLMOVE', 'w:tasks:pending', 'w:tasks:taken:x', 'RIGHT', 'LEFT', '0');
	await waitsWith('BLPOP', 'w:tasks:pending', '0');
	await waitsWith('BZPOPMAX', 'w:tasks:priority', '0');
	await types('LPUSH', 'w:tasks:pending', 'a', 'b', 'c', 'd');
	await types('ZADD', 'w:tasks:priority', '5', 'low', '70', 'high');
	expect(await missed()).toEqual(['l a', 'l b', 'l d', 'z high']);
	await types('BGREWRITEAOF');
	await types('RPOP', 'w:tasks:pending');
	await types('LPUSH', 'w:tasks:pending', 'e\r\n$1\r\nf');
	await types('RPOP', 'w:tasks:pending');
	await until(async () => String(await types('INFO', 'persistence')).includes('aof_rewrite_in_progress:0'), {what: 'the rewrite ends'});
	await types('LPUSH', 'w:tasks:pending', 'g');
	await types('RPOP', 'w:tasks:pending');
	expect(await missed()).toEqual(['l c', 'l e\r\n$1\r\nf', 'l g']);
	expect(await missed()).toEqual([]);
});

test('what a sweep has noted, and what another database holds, was not missed', async () => {
	const {types, missed} = await opens();
	await types('LPUSH', 'w:tasks:pending', 'seen');
	await types('HSETNX', 'w:tasks:intake', 'l1', 'seen');
	await types('RPOP', 'w:tasks:pending');
	await types('LPUSH', 'w:tasks:pending', 'noted');
	await types('LMOVE', 'w:tasks:pending', 'w:tasks:taken:x', 'LEFT', 'LEFT');
	await types('HSETNX', 'w:tasks:intake', 'l2', 'noted');
	await types('EVAL', "redis.call('SELECT', 1) redis.call('LPUSH', KEYS[1], 'x') redis.call('RPOP', KEYS[1])", '1', 'w:tasks:pending');
	expect(await missed()).toEqual([]);
	await types('EVAL', "redis.call('LPUSH', KEYS[1], 'y') redis.call('RPOP', KEYS[1])", '1', 'w:tasks:pending');
	expect(await missed()).toEqual(['l y']);
});

test('a file that is cut off at any byte is read up to its last whole command', async () => {
	const {folder, types} = await opens();
	await types('LPUSH', 'w:tasks:pending', 'ä', '*3\r\n$5\r\nLPUSH\r\n$15\r\nw:tasks:pending\r\n$4\r\nevil\r\n');
	await types('SET', 'w:other', 'x'.repeat(300));
	await types('RPOP', 'w:tasks:pending');
	const bytes = readFileSync(join(folder, 'appendonlydir', 'appendonly.aof.1.incr.aof'));
	const whole = readCommands(bytes, KEYS);
	expect(whole).toMatchObject({
		length: bytes.length,
		commands: [
			['SELECT', '0'],
			['LPUSH', 'w:tasks:pending', 'ä', expect.stringContaining('evil')],
			['RPOP', 'w:tasks:pending'],
		],
	});
	for (let at = 0; at <= bytes.length; at++) {
		const first = readCommands(bytes.subarray(0, at), KEYS);
		const rest = readCommands(bytes.subarray(first.length), KEYS);
		expect([...first.commands, ...rest.commands]).toEqual(whole.commands);
	}
	// Entered anywhere, the end is that of a whole command, or none is found.
	const ends = Array.from({length: bytes.length}, (_, from) => (endOfCommands(bytes.subarray(from, -5)) ?? -from) + from);
	const last = readCommands(bytes.subarray(0, -5), KEYS).length;
	expect(new Set(ends)).toEqual(new Set([last, 0]));
	expect(ends[0]).toBe(last);
	const unseen = nothingUnseen();
	for (const command of whole.commands) follow(unseen, command);
	expect(unseen.taken).toEqual([{source: 'l', text: 'ä'}]);
	expect(() => readCommands(bytes.subarray(3), KEYS)).toThrow('not read from a command on');
});

test('a file that is missing, foreign or shorter than before is told once and costs nothing', async () => {
	const folder = temporaryFolder('taken');
	const told: string[] = [];
	const taken = followTaken(folder, 'w', line => told.push(line));
	for (let look = 0; look < 3; look++) expect(await taken.missed()).toEqual([]);
	expect(told).toEqual([expect.stringContaining('cannot follow what external workers take')]);
	const files = join(folder, 'appendonlydir');
	mkdirSync(files);
	writeFileSync(
		join(files, 'appendonly.aof.manifest'),
		'file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.7.incr.aof seq 7 type i\n',
	);
	const file = join(files, 'appendonly.aof.7.incr.aof');
	const push = (text: string) =>
		`*3\r\n$5\r\nLPUSH\r\n$15\r\nw:tasks:pending\r\n$${text.length}\r\n${text}\r\n*2\r\n$4\r\nRPOP\r\n$15\r\nw:tasks:pending\r\n`;
	writeFileSync(file, '');
	expect(await taken.missed()).toEqual([]);
	writeFileSync(file, `#TS:1700000000\r\n${push('a')}*3\r\n$5\r\nLPU`, {flag: 'a'});
	expect(await taken.missed()).toEqual([{source: 'l', text: 'a'}]);
	truncateSync(file, 10);
	expect(await taken.missed()).toEqual([]);
	// A long one is entered in its last, cut command.
	writeFileSync(file, `${push('a').repeat(3000)}${push('b').slice(0, -9)}`);
	const again = followTaken(folder, 'w', line => told.push(line));
	expect(await again.missed()).toEqual([]);
	writeFileSync(file, `${push('b').slice(-9)}${push('c')}`, {flag: 'a'});
	expect(await again.missed()).toEqual([{source: 'l', text: 'c'}]);
	expect(told).toHaveLength(1);
	await Promise.all([taken.close(), again.close()]);
});
