import {spawn} from 'node:child_process';
import {closeSync, existsSync, openSync, readFileSync, rmdirSync, rmSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {withoutTerminals} from '../../os/inherited.ts';
import {isPidTaken} from '../../os/process-identity.ts';
import {withStartLock} from '../../os/start-lock.ts';
import type {SocketAddress} from '../address.ts';
import {connectRedis, type RedisConnection} from '../connection.ts';
import {RedisRefused} from '../errors.ts';
import {readInfo} from '../requirements.ts';
import {findServerBinary} from './binary.ts';
import {addressOf, ensurePassword, passwordDigest, passwordFileOf, ROOM_USER} from './credentials.ts';
import {isListening, privateFolder, socketPathOf, watchSocket, writeConfiguration} from './files.ts';

const START_MS = 15_000;
const STOP_MS = 5000;

/** The private server of one state folder. */
export type EmbeddedServer = {
	readonly socketPath: string;
	/** The same with what opens it. */
	readonly address: SocketAddress;
	readonly pid: number;
	/** It ran already: an earlier room left it behind, or another process of this repository started it. */
	readonly wasAdopted: boolean;
	readonly version: string;
	/** Called once when the server ends without `stop`, with what it last said of a failure, or ''; returns the way to stop listening. */
	onExit(listener: (lastWords: string) => void): () => void;
	/** Ends the server in order, by force after 5 s. Everything acknowledged is on disk either way. */
	stop(): Promise<void>;
	/** The same, unless somebody else is connected with the password: then whoever goes last ends it. For what borrows a server for a moment. */
	stopUnlessUsed(): Promise<void>;
};

const pause = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms));

/** Waits for a condition; false when it has not come true in `timeoutMs`. */
const until = async (condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> => {
	const deadline = performance.now() + timeoutMs;
	while (!(await condition())) {
		if (performance.now() > deadline) return false;
		await pause(5);
	}
	return true;
};

const lastLines = (file: string, count = 3): string => {
	try {
		return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('; ');
	} catch {
		return 'no log was written';
	}
};

/** It asks whether its default user is meant to be off, which is as its configuration is written. */
const IS_AS_WRITTEN = /The user 'default' is disabled/;

/** What the server of `folder` last said about something that failed, without its prefix; '' where nothing did. */
const lastWords = (folder: string): string => {
	const told = lastLines(join(folder, 'redis.log'), 6)
		.split('; ')
		.findLast(line => /\bbad\b|error|can't|cannot|fail|fatal/i.test(line) && !IS_AS_WRITTEN.test(line));
	return told?.replace(/^\d+:\w \d+ \w+ \d+ [\d:.]+ [.*#-] /, '') ?? '';
};

/**
 * Starts the program in a session of its own, so that a room killed with -9 leaves it behind, and waits until it listens. It holds no terminal of
 * the room's panes: when the room is killed they hang up, and no agent lives on.
 */
const launch = async (folder: string, socketPath: string, password: string, environment: NodeJS.ProcessEnv): Promise<void> => {
	const binary = findServerBinary(environment);
	if (!binary)
		throw new RedisRefused(
			'no-binary',
			environment.AGENT_ROOM_REDIS_SERVER
				? `\`${environment.AGENT_ROOM_REDIS_SERVER}\` (AGENT_ROOM_REDIS_SERVER) is not a program.`
				: 'Neither `redis-server` nor `valkey-server` is on the PATH.',
			'Install one with `agent-room setup`, or use a server with `--redis URL`.',
		);
	rmSync(socketPath, {force: true});
	const output = openSync(join(folder, 'redis.out'), 'w', 0o600);
	const configuration = writeConfiguration(folder, socketPath, {name: ROOM_USER, passwordDigest: passwordDigest(password)});
	const nothing = openSync('/dev/null', 'r+');
	const stdio = ['ignore' as const, output, output, ...withoutTerminals(nothing)];
	const child = spawn(binary, [configuration], {cwd: folder, detached: true, stdio});
	closeSync(nothing);
	closeSync(output);
	let ended = '';
	child.once('error', error => {
		ended = error.message;
	});
	child.once('exit', (code, signal) => {
		ended = signal ? `ended by ${signal}` : `exit code ${code}`;
	});
	child.unref();
	const hasStarted = await until(async () => ended !== '' || (existsSync(socketPath) && (await isListening(socketPath))), START_MS);
	if (hasStarted && ended === '') return;
	if (ended === '' && child.pid) process.kill(child.pid, 'SIGKILL');
	const hasLog = existsSync(join(folder, 'redis.log'));
	const log = join(folder, hasLog ? 'redis.log' : 'redis.out');
	throw new RedisRefused(
		'unreachable',
		`\`${binary}\` did not start (${ended || 'no answer'}): ${(hasLog && lastWords(folder)) || lastLines(log)}`,
		`See its log: \`${log}\`.`,
	);
};

/** Waits for a server that still reads its AOF, which answers LOADING. */
const open = async (address: SocketAddress): Promise<RedisConnection> => connectRedis(address, {commandTimeoutMs: START_MS});

const pidOf = async (connection: RedisConnection): Promise<number> =>
	Number(readInfo(String(await connection.call('INFO', 'server'))).get('process_id'));

/** Whether anybody but this connection has given the password: connections that only watch the socket have not. */
const isUsed = async (connection: RedisConnection): Promise<boolean> => {
	const own = String(await connection.call('CLIENT', 'ID'));
	const clients = String(await connection.call('CLIENT', 'LIST')).split('\n');
	return clients.some(line => line.includes(` user=${ROOM_USER} `) && !line.startsWith(`id=${own} `));
};

/** Ends a server in order, by force after 5 s; `connection` is one to it. */
const shutDown = async (connection: RedisConnection, pid: number): Promise<void> => {
	await connection.call('SHUTDOWN', 'NOSAVE').catch(() => undefined);
	if (await until(() => !isPidTaken(pid), STOP_MS)) return;
	process.kill(pid, 'SIGKILL');
	await until(() => !isPidTaken(pid), STOP_MS);
};

/**
 * Ends a server of this folder that lets everybody in, as earlier versions of the room started it: it loses nothing, since everything that it
 * acknowledged is on disk, and its successor asks for the password. Nobody works on it: a room that lives is never opened a second time. One that
 * takes neither the password nor nobody's name is refused, and left alone.
 */
const endOpenServer = async (folder: string, socketPath: string, refusal: unknown): Promise<void> => {
	const connection = await open({socketPath}).catch(() => undefined);
	if (!connection)
		throw new RedisRefused(
			'password',
			`The Redis on \`${socketPath}\` rejects the password in \`${passwordFileOf(folder)}\`.`,
			'Stop that server; agent-room restarts it with its data.',
			refusal,
		);
	try {
		await shutDown(connection, await pidOf(connection));
	} finally {
		connection.close();
	}
};

const removeIfEmpty = (folder: string): void => {
	try {
		rmdirSync(folder);
	} catch {
		// Somebody's socket is in it again.
	}
};

/**
 * The server of `folder`: the one that listens on its socket already, else a new one. It has no TCP port; folder and socket are the owner's
 * alone, and only who knows the password that lies in the folder can do anything there. Throws `RedisRefused`, with the code `no-binary` where no program is installed.
 */
export const startServer = async ({
	folder,
	log = () => undefined,
	environment = process.env,
}: {
	readonly folder: string;
	readonly log?: (line: string) => void;
	readonly environment?: NodeJS.ProcessEnv;
}): Promise<EmbeddedServer> => {
	const home = resolve(folder);
	const socketPath = socketPathOf(home);
	privateFolder(home);
	privateFolder(dirname(socketPath));
	const {wasAdopted, connection, address} = await withStartLock(join(home, 'redis.starting'), START_MS * 2, async () => {
		const password = ensurePassword(home);
		const known = addressOf(home);
		if (existsSync(socketPath) && (await isListening(socketPath))) {
			try {
				return {wasAdopted: true, connection: await open(known), address: known};
			} catch (error) {
				if (!(error instanceof RedisRefused && error.code === 'password')) throw error;
				await endOpenServer(home, socketPath, error);
				log('stopped the server of an earlier version: it had no password');
			}
		}
		await launch(home, socketPath, password, environment);
		return {wasAdopted: false, connection: await open(known), address: known};
	});
	const pid = await pidOf(connection);
	const {version} = connection;
	connection.close();
	log(`${version} ${wasAdopted ? 'adopted' : 'started'} (pid ${pid}) on ${socketPath}`);

	/** Another server may listen there by now: it is not ours to end. */
	const reach = async (): Promise<RedisConnection | undefined> => {
		const reached = await open(address).catch(() => undefined);
		if (reached && (await pidOf(reached)) === pid) return reached;
		reached?.close();
		return undefined;
	};
	const listeners = new Set<(lastWords: string) => void>();
	let isStopping = false;
	const stopWatching = watchSocket(socketPath, () => {
		if (isStopping) return;
		log(`${version} (pid ${pid}) has exited`);
		const words = lastWords(home);
		for (const listener of [...listeners]) listener(words);
	});

	const stop = async (isKept: (connection: RedisConnection) => Promise<boolean> = async () => false): Promise<void> => {
		isStopping = true;
		stopWatching();
		const closing = await reach();
		const isLeft = closing !== undefined && (await isKept(closing));
		if (closing && !isLeft) await shutDown(closing, pid);
		closing?.close();
		if (isLeft) return;
		if (dirname(socketPath) !== home) removeIfEmpty(dirname(socketPath));
		log(`${version} (pid ${pid}) stopped`);
	};

	return {
		socketPath,
		address,
		pid,
		wasAdopted,
		version,
		onExit(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		stop: () => stop(),
		stopUnlessUsed: () => stop(isUsed),
	};
};
