import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {isListening, socketPathOf} from '../../../source/redis/server/files.ts';
import {openRedis} from '../../../source/room/redis/redis.ts';
import {isRunning, signalEach, temporaryFolder} from '../../helpers/cleanup.ts';
import {startTestRedis} from '../../helpers/redis.ts';
import {until} from '../../helpers/wait.ts';

const kin = {identity: 'identity', isShallow: false, isSame: async (known: string) => known === 'identity'};

/** A state folder whose servers, each known by the line that tells its pid, are ended after the test. */
const stateFolder = (onServer: (pid: number) => void = () => undefined) => {
	const folder = temporaryFolder('rr');
	const lines: string[] = [];
	const pids: number[] = [];
	onTestFinished(() => {
		signalEach(pids.filter(isRunning), 'SIGKILL');
	});
	const log = (line: string): void => {
		lines.push(line);
		const pid = Number(/started \(pid (\d+)\)/.exec(line)?.[1]);
		if (!pid) return;
		pids.push(pid);
		onServer(pid);
	};
	return {
		open: () => openRedis({redisUrl: undefined, stateFolder: folder, namespace: 'workflow'}, async () => kin, log),
		socketPath: socketPathOf(join(folder, 'redis')),
		starting: join(folder, 'redis', 'redis.starting'),
		lines,
		pids,
	};
};

test('a server that is killed while the room opens it is started again', async () => {
	let kills = 2;
	const {open, pids} = stateFolder(pid => {
		if (kills-- > 0) process.kill(pid, 'SIGKILL');
	});
	const redis = await open();
	expect(await redis.connection.call('PING')).toBe('PONG');
	expect(pids).toHaveLength(3);
	await redis.close();
	expect(pids.some(isRunning)).toBe(false);
});

test('a server that dies each time is refused in the end, not started for ever', async () => {
	const {open, pids} = stateFolder(pid => process.kill(pid, 'SIGKILL'));
	await expect(open()).rejects.toThrow();
	expect(pids).toHaveLength(6);
});

test('a room that closes while its server is started again leaves none behind', async () => {
	const {open, socketPath, starting, pids} = stateFolder();
	const redis = await open();
	process.kill(pids[0] ?? 0, 'SIGKILL');
	await until(() => existsSync(starting), {everyMs: 1, what: 'the restart'});
	await redis.close();
	expect(await isListening(socketPath)).toBe(false);
	expect([existsSync(starting), pids.some(isRunning)]).toEqual([false, false]);
});

test('a room that closes before its server is started again starts none', async () => {
	const {open, socketPath, pids, lines} = stateFolder();
	const redis = await open();
	process.kill(pids[0] ?? 0, 'SIGKILL');
	await until(() => lines.includes('redis-server has exited; restarting it'), {what: 'the end to be seen'});
	await redis.close();
	expect(await isListening(socketPath)).toBe(false);
	expect(pids).toHaveLength(1);
});

test('a server of others that stumbles while the room opens is waited for; one that stays away, or keeps nothing on disk, is refused', async () => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	const folder = temporaryFolder('rr');
	const lines: string[] = [];
	const open = (redisUrl: string, patienceMs?: number, isVolatile = false) =>
		openRedis(
			{redisUrl, redisAccess: {isVolatile}, stateFolder: folder, namespace: 'workflow'},
			async () => kin,
			line => lines.push(line),
			patienceMs === undefined ? {} : {patienceMs},
		);
	await redis.kill();
	const opening = open(redis.socketPath);
	await until(() => lines.length > 0, {what: 'an attempt'});
	await redis.restart();
	const opened = await opening;
	expect([await opened.connection.call('PING'), opened.note]).toEqual(['PONG', '']);
	await opened.connection.call('CONFIG', 'SET', 'appendonly', 'no');
	await opened.close();
	await expect(open(redis.socketPath)).rejects.toMatchObject({code: 'volatile', hint: expect.stringContaining('`--redis-volatile`')});
	const volatile = await open(redis.socketPath, undefined, true);
	expect(volatile.note).toMatch(/^Redis does not save to disk/);
	await volatile.close();
	await redis.kill();
	await expect(open(redis.socketPath, 300)).rejects.toMatchObject({code: 'unreachable'});
	await expect(open('redis://no-such-host.invalid')).rejects.toMatchObject({code: 'unreachable'});
});

test('a managed server without CONFIG is taken, and a person is told what cannot be seen', async () => {
	const redis = await startTestRedis(['--rename-command', 'CONFIG', '', '--appendonly', 'no']);
	onTestFinished(() => redis.stop());
	const opened = await openRedis(
		{redisUrl: redis.socketPath, stateFolder: temporaryFolder('rr'), namespace: 'workflow'},
		async () => kin,
		() => undefined,
	);
	expect(opened.note).toMatch(/^Redis does not say whether it saves to disk/);
	await opened.close();
});
