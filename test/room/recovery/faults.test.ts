import {chmodSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, onTestFinished, test, vi} from 'vitest';
import type {RedisConnection} from '../../../source/redis/connection.ts';
import {readInfo} from '../../../source/redis/requirements.ts';
import {isRunning, temporaryFolder} from '../../helpers/cleanup.ts';
import {APPROVES, DEV_1, type EngineOptions, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';
import {type RedisProxy, startProxy} from '../../helpers/proxy.ts';
import {startTestRedis, type TestRedis} from '../../helpers/redis.ts';
import {slackMs, until} from '../../helpers/wait.ts';

const bannerOf = (room: TestRoom, id: string): string => room.store.getSnapshot().banners.find(banner => banner.id === id)?.text ?? '';
const isIn = (room: TestRoom, task: string, state: string): boolean => room.team().tasks.get(task)?.state === state;
const add = (room: TestRoom, id: string) => room.must({type: 'add-task', title: id, id});

type Behind = {readonly room: TestRoom; readonly redis: TestRedis; readonly proxy: RedisProxy; readonly admin: RedisConnection};

/** A room whose Redis stands behind a proxy; `admin` reaches it directly. */
const behindProxy = async (options: EngineOptions): Promise<Behind> => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	const path = join(redis.folder, 'proxy.sock');
	const proxy = await startProxy(redis.socketPath, path);
	onTestFinished(() => proxy.close());
	const admin = await redis.connect();
	return {room: await openEngine({...options, options: {redisUrl: path}}), redis, proxy, admin};
};

type Fault = {
	readonly inflict: (behind: Behind) => unknown;
	readonly cure: (behind: Behind) => unknown;
	/** The banner that names it, and what it says. */
	readonly banner: string;
	readonly says: RegExp;
};

const FAULTS: Readonly<Record<string, Fault>> = {
	'answers half a second late': {
		inflict: ({proxy}) => proxy.delay(500),
		cure: ({proxy}) => proxy.restore(),
		banner: 'redis-slow',
		says: /slowly \(0\.\d s\)|not answered for 0\.4 s/,
	},
	'answers five seconds late': {
		inflict: ({proxy}) => proxy.delay(5000),
		cure: ({proxy}) => proxy.restore(),
		banner: 'redis-slow',
		says: /not answered/,
	},
	'answers nothing and closes nothing': {
		inflict: ({proxy}) => proxy.hang(),
		cure: ({proxy}) => proxy.restore(),
		banner: 'redis-slow',
		says: /not answered/,
	},
	'is away': {
		inflict: ({proxy}) => proxy.down(),
		cure: ({proxy}) => proxy.restore(),
		banner: 'redis-lost',
		says: /^Redis disconnected. Agents keep running/,
	},
	'has no memory left': {
		inflict: ({admin}) => admin.call('CONFIG', 'SET', 'maxmemory', 1),
		cure: ({admin}) => admin.call('CONFIG', 'SET', 'maxmemory', 0),
		banner: 'redis-full',
		says: /Redis memory is full/,
	},
	'may evict keys': {
		inflict: ({admin}) => admin.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru'),
		cure: ({admin}) => admin.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction'),
		banner: 'redis-evicts',
		says: /`allkeys-lru`/,
	},
	'became a replica': {
		inflict: ({admin}) => admin.call('REPLICAOF', '127.0.0.1', 1),
		cure: ({admin}) => admin.call('REPLICAOF', 'NO', 'ONE'),
		banner: 'redis-readonly',
		says: /read-only replica/,
	},
	'runs somebody’s endless script': {
		inflict: async ({admin, redis}) => {
			await admin.call('CONFIG', 'SET', 'busy-reply-threshold', 100);
			const endless = await redis.connect();
			endless.call('EVAL', 'while true do end', 0).catch(() => undefined);
		},
		cure: ({admin}) => admin.call('SCRIPT', 'KILL'),
		banner: 'redis-busy',
		says: /busy with another client’s long script/,
	},
};

describe('a Redis that', () => {
	test('is slow, silent, away, full, evicting, read-only or busy is named on the screen and in the status within 2 s, kills nobody, and work goes on', {
		timeout: 180_000,
	}, async () => {
		const behind = await behindProxy({agents: {developer: `${WRITES}\n${WAITS}`}, config: {review: 'off', lease: '1s'}});
		const {room} = behind;
		await add(room, 'a');
		await room.when('its work', () => room.read('at-a-1'));
		const {token} = room.task('a');
		for (const [name, fault] of Object.entries(FAULTS)) {
			const inflictedAt = performance.now();
			await fault.inflict(behind);
			await room.when(`the banner where it ${name}`, () => bannerOf(room, fault.banner) !== '', 10_000);
			expect(performance.now() - inflictedAt, name).toBeLessThan(2000 + slackMs());
			expect(bannerOf(room, fault.banner)).toMatch(fault.says);
			expect(JSON.stringify(await room.call({op: 'status'}))).toContain(fault.banner);
			// Longer than a lease: what is alive stays its task's holder.
			await new Promise(resolve => setTimeout(resolve, 1500));
			await fault.cure(behind);
			await room.when(
				`no banner where it ${name} no more`,
				() => bannerOf(room, fault.banner) === '' && bannerOf(room, 'redis-lost') === '',
			);
			expect(room.task('a'), name).toMatchObject({state: 'leased', token, attempt: 1});
			await room.when('a further task', async () => (await room.ask({type: 'add-task', title: name, after: ['a']})).ok);
		}
		// The last of them is known when its entry has been read.
		await room.when('all tasks', () => room.team().tasks.size === 1 + Object.keys(FAULTS).length);
		// One of the further tasks goes all the way; that each was taken is enough of the others.
		const [last = '', ...others] = [...room.team().tasks.keys()].filter(id => id !== 'a').toReversed();
		for (const id of others) await room.must({type: 'cancel-task', task: id});
		for (const id of ['a', last]) room.touch(`go-${id}`);
		await room.when('the merges', () => isIn(room, 'a', 'merged') && isIn(room, last, 'merged'));
		expect(room.task('a')).toMatchObject({attempt: 1, failures: 0});
		expect(room.mergedCommit().toSorted()).toEqual(['a', last].toSorted());
	});

	test('forgets the scripts again and again is told them again, and nobody sees an error', async () => {
		const room = await openEngine({agents: {developer: [WRITES, WRITES], 'code-sentinel': APPROVES}});
		let isOver = false;
		const flushing = (async () => {
			while (!isOver) {
				await room.redis('SCRIPT', 'FLUSH');
				await room.redis('FUNCTION', 'FLUSH', 'SYNC');
				await new Promise(resolve => setTimeout(resolve, 2));
			}
		})();
		for (const id of ['a', 'b', 'c']) await add(room, id);
		await room.when('the merges', () => ['a', 'b', 'c'].every(id => isIn(room, id, 'merged')));
		isOver = true;
		await flushing;
		expect(room.mergedCommit()).toHaveLength(3);
		expect(readFileSync(join(dirname(room.folder), 's', 'room.log'), 'utf8')).not.toMatch(/NOSCRIPT|not found|ERR/);
	});

	test('loses the answer to an order is asked again, and the order has one effect', async () => {
		const {room, proxy, admin} = await behindProxy({agents: {developer: WRITES}, config: {review: 'off'}});
		await room.must({type: 'pause-all'});
		// So that Redis knows the script: its answer that it does not would be lost as well.
		await add(room, 'first');
		proxy.mute();
		const adding = room.ask({type: 'add-task', title: 'once'});
		await until(async () => Number(await admin.call('ZCARD', 'workflow:tasks:live')) === 2, {what: 'its effect'});
		proxy.restore();
		expect(await adding).toMatchObject({ok: true, ids: ['t-1']});
		expect(Number(await admin.call('ZCARD', 'workflow:tasks:live'))).toBe(2);
	});
});

test('an AOF that is broken in its middle is not thrown away: the room says what the server says, keeps the agents, and goes on once it is mended', async () => {
	const room = await openEngine({agents: {developer: `${WRITES}\n${WAITS}`}, config: {review: 'off'}});
	await add(room, 'a');
	await room.when('its work', () => room.read('at-a-1'));
	const pid = Number(readInfo(String(await room.redis('INFO', 'server'))).get('process_id'));
	const folder = join(dirname(room.store.getSnapshot().redis.address), 'appendonlydir');
	process.kill(pid, 'SIGKILL');
	await until(() => !isRunning(pid), {everyMs: 1, what: 'the end of Redis'});
	const file = join(folder, readdirSync(folder).find(name => name.endsWith('.incr.aof')) ?? '');
	const whole = readFileSync(file);
	// Behind the scripts, which are the file's first command.
	const at = whole.indexOf('\r\n*', whole.indexOf('workflow:tasks:live')) + 2;
	writeFileSync(file, Buffer.concat([whole.subarray(0, at), Buffer.alloc(60, 255), whole.subarray(at + 60)]));
	await room.when('the banner', () => /Bad file format/.test(bannerOf(room, 'redis-lost')));
	expect(statSync(file).size).toBe(whole.length);
	writeFileSync(file, whole);
	await room.when('Redis', () => bannerOf(room, 'redis-lost') === '');
	room.touch('go-a');
	await room.when('the merge', () => isIn(room, 'a', 'merged'));
	expect(room.task('a')).toMatchObject({attempt: 1, failures: 0});
	expect(room.agent(DEV_1).task).toBe('');
});

test('a disk that is full ends the server: the room says why, loses nothing that it was told is done, and goes on once there is room again', {
	timeout: 120_000,
}, async () => {
	const folder = temporaryFolder('full');
	const [limit, server] = [join(folder, 'limit'), join(folder, 'server.sh')];
	// No file may grow beyond it, as on a disk that is full: at first 320 kB, of which the scripts take 215.
	writeFileSync(limit, '640');
	writeFileSync(
		server,
		`#!/bin/sh\ntrap '' XFSZ\nulimit -f "$(cat '${limit}')"\nexec ${process.env.AGENT_ROOM_REDIS_SERVER ?? 'redis-server'} "$@"\n`,
	);
	chmodSync(server, 0o755);
	vi.stubEnv('AGENT_ROOM_REDIS_SERVER', server);
	onTestFinished(() => void vi.unstubAllEnvs());
	const room = await openEngine({agents: {developer: `${WRITES}\n${WAITS}`}, config: {review: 'off'}});
	await add(room, 'a');
	await room.when('its work', () => room.read('at-a-1'));
	await room.must({type: 'pause-all'});
	const accepted: string[] = [];
	for (let number = 0; number < 6 && bannerOf(room, 'redis-lost') === ''; number++) {
		const told = await room.ask({type: 'add-task', title: 'large', description: 'x'.repeat(45_000)}).catch(() => undefined);
		if (told?.ok) accepted.push(...(told.ids ?? []));
	}
	await room.when('the banner', () => /AOF/.test(bannerOf(room, 'redis-lost')));
	writeFileSync(limit, 'unlimited');
	await room.when('Redis', async () => (await room.ask({type: 'resume-all'})).ok);
	expect(accepted.length).toBeGreaterThan(0);
	for (const id of ['a', ...accepted]) room.touch(`go-${id}`);
	await room.when('the merges', () => ['a', ...accepted].every(id => isIn(room, id, 'merged')));
	expect(room.task('a')).toMatchObject({attempt: 1, failures: 0});
});
