import {type ChildProcess, spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {connect} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {connectRedis, type RedisConnection} from '../../source/redis/connection.ts';
import {until} from './wait.ts';

/** A Redis (or Valkey) server of a test's own, on a unix socket in a temporary folder. */
export type TestRedis = {
	readonly socketPath: string;
	readonly folder: string;
	readonly connect: () => Promise<RedisConnection>;
	/** SIGKILL, waited for. */
	readonly kill: () => Promise<void>;
	/** The same folder again, with what its AOF holds. */
	readonly restart: () => Promise<void>;
	/** Ends connections, server and folder. */
	readonly stop: () => Promise<void>;
};

const running = new Set<ChildProcess>();
// A test run that is broken off leaves no server behind.
process.once('exit', () => {
	for (const server of running) server.kill('SIGKILL');
});

/** Polls a condition every few ms until it holds; fails after `timeoutMs`, saying what did not happen. */
export const eventually = async (condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> => {
	await until(condition, {timeoutMs, everyMs: 5, what});
};

const answers = (socketPath: string): Promise<boolean> =>
	new Promise(resolve => {
		const socket = connect(socketPath, () => socket.write('PING\r\n'));
		socket.once('data', data => {
			socket.destroy();
			resolve(data.toString().startsWith('+PONG'));
		});
		socket.once('error', () => resolve(false));
	});

/** Starts a fresh server; further settings as command-line arguments, further names of its environment. Call `stop` when done. */
export const startTestRedis = async (
	settings: readonly string[] = [],
	binary = process.env.AGENT_ROOM_REDIS_SERVER ?? 'redis-server',
	environment: Readonly<Record<string, string>> = {},
): Promise<TestRedis> => {
	const folder = mkdtempSync(join(tmpdir(), 'room-redis-'));
	const socketPath = join(folder, 'redis.sock');
	const connections = new Set<RedisConnection>();
	let child: ChildProcess | undefined;

	const restart = async (): Promise<void> => {
		const args = [
			'--port',
			'0',
			'--unixsocket',
			socketPath,
			'--dir',
			folder,
			'--save',
			'',
			'--appendonly',
			'yes',
			'--appendfsync',
			'always',
		];
		const started = spawn(binary, [...args, ...settings], {stdio: 'ignore', env: {...process.env, ...environment}});
		child = started;
		started.once('exit', () => running.delete(started));
		running.add(started);
		await eventually(() => {
			if (started.exitCode !== null) throw new Error(`${binary} ended with ${started.exitCode}`);
			return answers(socketPath);
		}, `${binary} answers`);
	};
	const kill = async (): Promise<void> => {
		const server = child;
		if (!server || server.exitCode !== null || server.signalCode !== null) return;
		const ended = new Promise(resolve => server.once('exit', resolve));
		server.kill('SIGKILL');
		await ended;
	};

	await restart();
	return {
		socketPath,
		folder,
		async connect() {
			const connection = await connectRedis({socketPath});
			connections.add(connection);
			return connection;
		},
		kill,
		restart,
		async stop() {
			for (const connection of connections) connection.close();
			await kill();
			rmSync(folder, {recursive: true, force: true});
		},
	};
};
