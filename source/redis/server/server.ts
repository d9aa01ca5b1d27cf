import {spawn} from 'node:child_process';
import {closeSync, existsSync, openSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {withoutTerminals} from '../../os/inherited.ts';
import {readHolder, withLock} from '../../os/lock.ts';
import {isAlive, isPidTaken, ownIdentity, type ProcessIdentity, signalProcess, startTimeOf} from '../../os/process-identity.ts';
import type {SocketAddress} from '../address.ts';
import {connectRedis, type RedisConnection} from '../connection.ts';
import {RedisRefused} from '../errors.ts';
import {readInfo} from '../requirements.ts';
import {findServerBinary} from './binary.ts';
import {addressOf, ensurePassword, passwordDigest, passwordFileOf, ROOM_USER} from './credentials.ts';
import {isListening, privateFolder, socketPathOf, watchSocket, writeConfiguration} from './files.ts';

const START_MS = 15_000;
const STOP_MS = 5000;
/** Until a server whose connection broke at its start is seen to have ended. */
const ENDS_MS = 1000;
/** How often the socket's file is looked at, ms: the server does not notice that it was removed. */
const LOOK_MS = 1000;

export type EmbeddedServer = {
	readonly socketPath: string;
	/** With password. */
	readonly address: SocketAddress;
	readonly pid: number;
	/** Already running: left by an earlier room, or started by another process of this repository. */
	readonly wasAdopted: boolean;
	readonly version: string;
	/** Called once if the server exits without `stop`, with its last error or ''; returns the unsubscribe function. */
	onExit(listener: (lastWords: string) => void): () => void;
	/** Shuts the server down, by force after 5 s. Everything acknowledged is on disk either way. */
	stop(): Promise<void>;
	/** The same, unless others are authenticated: then the last user stops it. For borrowed servers. */
	stopUnlessUsed(): Promise<void>;
};

const pause = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms));

/** Waits for a condition; false after `timeoutMs`. */
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

/** The server's warning that the default user is off, which is intended. */
const IS_AS_WRITTEN = /The user 'default' is disabled/;

/** The server's last error, without prefix; '' for none. */
const lastWords = (folder: string): string => {
	const told = lastLines(join(folder, 'redis.log'), 6)
		.split('; ')
		.findLast(line => /\bbad\b|error|can't|cannot|fail|fatal/i.test(line) && !IS_AS_WRITTEN.test(line));
	return told?.replace(/^\d+:\w \d+ \w+ \d+ [\d:.]+ [.*#-] /, '') ?? '';
};

/** Ends a server that cannot be reached, by force after 5 s. What it acknowledged is on disk. */
const endProcess = async (server: ProcessIdentity): Promise<void> => {
	for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
		if (!signalProcess(server, signal) || (await until(() => !isPidTaken(server.pid), STOP_MS))) return;
	}
};

/** Names the folder's last server. */
const processFileOf = (folder: string): string => join(folder, 'server.json');

const noteProcess = (folder: string, pid: number): void => {
	const file = processFileOf(folder);
	writeFileSync(`${file}.${process.pid}`, JSON.stringify({...ownIdentity(), pid, startTime: startTimeOf(pid)}), {mode: 0o600});
	renameSync(`${file}.${process.pid}`, file);
};

/**
 * Ends the folder's last server if it lives on behind a socket that was removed or no longer answers. Guarantee: before another starts, so two never
 * write one AOF.
 */
const endUnreachable = async (folder: string, log: (line: string) => void): Promise<void> => {
	const last = readHolder(processFileOf(folder));
	if (last?.place !== ownIdentity().place || last.boot !== ownIdentity().boot || !isAlive(last)) return;
	log(`ending a Redis that cannot be reached (pid ${last.pid})`);
	await endProcess(last);
	if (isAlive(last))
		throw new RedisRefused(
			'unreachable',
			`The Redis of \`${folder}\`, process ${last.pid}, neither answers nor ends.`,
			`kill -9 ${last.pid}`,
		);
};

/**
 * Starts the server in its own session, so that it outlives a killed room, and waits for it. It inherits no pane's terminal:
 * those hang up when the room is killed, so no agent lives on. Returns a connection once it has read its file.
 */
const launch = async (
	folder: string,
	socketPath: string,
	password: string,
	{environment = process.env, onLaunched}: Pick<ServerStart, 'environment' | 'onLaunched'>,
): Promise<RedisConnection> => {
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
	if (child.pid) noteProcess(folder, child.pid);
	let ended = '';
	child.once('error', error => {
		ended = error.message;
	});
	child.once('exit', (code, signal) => {
		ended = signal ? `ended by ${signal}` : `exit code ${code}`;
	});
	child.unref();
	onLaunched?.();
	const hasStarted = await until(async () => ended !== '' || (existsSync(socketPath) && (await isListening(socketPath))), START_MS);
	if (hasStarted && ended === '') {
		try {
			return await open(addressOf(folder));
		} catch (error) {
			// It listens before it has read its file, and ends if that is broken.
			if (!(await until(async () => ended !== '', ENDS_MS))) throw error;
		}
	}
	if (ended === '' && child.pid) process.kill(child.pid, 'SIGKILL');
	const hasLog = existsSync(join(folder, 'redis.log'));
	const log = join(folder, hasLog ? 'redis.log' : 'redis.out');
	throw new RedisRefused(
		'unreachable',
		`\`${binary}\` did not start (${ended || 'no answer'}): ${(hasLog && lastWords(folder)) || lastLines(log)}`,
		`See its log: \`${log}\`.`,
	);
};

/** Waits for a server that replies LOADING while it reads its AOF. */
const open = async (address: SocketAddress): Promise<RedisConnection> => connectRedis(address, {commandTimeoutMs: START_MS});

const pidOf = async (connection: RedisConnection): Promise<number> =>
	Number(readInfo(String(await connection.call('INFO', 'server'))).get('process_id'));

/** Whether others have authenticated: connections that only watch the socket have not. */
const isUsed = async (connection: RedisConnection): Promise<boolean> => {
	const own = String(await connection.call('CLIENT', 'ID'));
	const clients = String(await connection.call('CLIENT', 'LIST')).split('\n');
	return clients.some(line => line.includes(` user=${ROOM_USER} `) && !line.startsWith(`id=${own} `));
};

/** Shuts a server down, by force after 5 s; `connection` belongs to it. */
const shutDown = async (connection: RedisConnection, server: ProcessIdentity): Promise<void> => {
	await connection.call('SHUTDOWN', 'NOSAVE').catch(() => undefined);
	if (!(await until(() => !isPidTaken(server.pid), STOP_MS))) await endProcess(server);
};

/**
 * Stops a passwordless server of an earlier version in this folder: acknowledged data is on disk, and its successor requires the password.
 * No running room uses it, since a running room is never opened twice. One that accepts neither the password nor an anonymous client is
 * refused and left running.
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
		const pid = await pidOf(connection);
		await shutDown(connection, {pid, startTime: startTimeOf(pid)});
	} finally {
		connection.close();
	}
};

const removeIfEmpty = (folder: string): void => {
	try {
		rmdirSync(folder);
	} catch {
		// Another process's socket is in it again.
	}
};

/** Two that start the server of one folder at once would write one AOF with two servers. */
export const STARTING = 'redis.starting';

const startLock = (home: string): Parameters<typeof withLock>[1] => ({
	timeoutMs: START_MS * 2,
	busy: holder =>
		new Error(
			`Process ${holder?.pid ?? 0} has been starting Redis for ${(START_MS * 2) / 1000} s. If it is none, remove \`${join(home, STARTING)}\`.`,
		),
});

export type ServerStart = {
	readonly folder: string;
	readonly log?: (line: string) => void;
	readonly environment?: NodeJS.ProcessEnv;
	/** Its process was started, and is waited for. Not called for a server that runs already. */
	readonly onLaunched?: () => void;
};

/**
 * Returns the folder's running server, or starts one. No TCP port; folder and socket are private, and only the password in the folder gives
 * access. Throws `RedisRefused`, with code `no-binary` if none is installed.
 */
export const startServer = async (start: ServerStart): Promise<EmbeddedServer> => {
	const {folder, log = () => undefined} = start;
	const home = resolve(folder);
	const socketPath = socketPathOf(home);
	privateFolder(home);
	privateFolder(dirname(socketPath));
	const {wasAdopted, connection, address} = await withLock(join(home, STARTING), startLock(home), async () => {
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
		await endUnreachable(home, log);
		return {wasAdopted: false, connection: await launch(home, socketPath, password, start), address: known};
	});
	const pid = await pidOf(connection);
	const server = {pid, startTime: startTimeOf(pid)};
	const {version} = connection;
	connection.close();
	log(`${version} ${wasAdopted ? 'adopted' : 'started'} (pid ${pid}) on ${socketPath}`);

	/** Another server may listen there by now, which is not ours to stop. */
	const reach = async (): Promise<RedisConnection | undefined> => {
		const reached = await open(address).catch(() => undefined);
		if (reached && (await pidOf(reached)) === pid) return reached;
		reached?.close();
		return undefined;
	};
	const listeners = new Set<(lastWords: string) => void>();
	let isStopping = false;
	const tell = (): void => {
		const words = lastWords(home);
		for (const listener of [...listeners]) listener(words);
	};
	const stopWatching = watchSocket(socketPath, () => {
		if (isStopping) return;
		clearInterval(looking);
		log(`${version} (pid ${pid}) has exited`);
		tell();
	});
	// The next to connect would find nothing; the next server makes the file again.
	const looking = setInterval(async () => {
		// Without its folder nothing could be kept by another either: that is the room's to judge.
		if (isStopping || existsSync(socketPath) || !existsSync(home)) return;
		clearInterval(looking);
		stopWatching();
		log(`the socket of ${version} (pid ${pid}) was removed: ending it`);
		await endProcess(server);
		if (!isStopping) tell();
	}, LOOK_MS).unref();

	const stop = async (isKept: (connection: RedisConnection) => Promise<boolean> = async () => false): Promise<void> => {
		isStopping = true;
		clearInterval(looking);
		stopWatching();
		const closing = await reach();
		const isLeft = closing !== undefined && (await isKept(closing));
		if (closing && !isLeft) await shutDown(closing, server);
		closing?.close();
		if (isLeft) return;
		// Its socket was removed, or it hangs; by its identity, for another may listen there.
		if (!closing) await endProcess(server);
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
