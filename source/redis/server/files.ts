import {createHash} from 'node:crypto';
import {chmodSync, lstatSync, mkdirSync, writeFileSync} from 'node:fs';
import {connect} from 'node:net';
import {join} from 'node:path';
import {LONGEST_SOCKET} from '../../os/platform.ts';

/** Creates a folder that only its owner can enter; refuses a link or another owner's. */
export const privateFolder = (folder: string): void => {
	mkdirSync(folder, {recursive: true, mode: 0o700});
	const stat = lstatSync(folder);
	if (!stat.isDirectory() || stat.uid !== process.getuid?.()) throw new Error(`\`${folder}\` is not your folder; remove it.`);
	if ((stat.mode & 0o077) !== 0) chmodSync(folder, 0o700);
};

/** The server's socket: in the folder, or if the path is too long in a private one under /tmp, whatever TMPDIR says: all programs must agree. */
export const socketPathOf = (folder: string): string => {
	const inside = join(folder, 'redis.sock');
	if (Buffer.byteLength(inside) <= LONGEST_SOCKET) return inside;
	const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16);
	return join('/tmp', `agent-room-${process.getuid?.()}-${hash}`, 'redis.sock');
};

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;

/**
 * Writes the server's configuration and returns its path. No TCP port; every acknowledged write is on disk (`appendfsync always`: everysec
 * loses some on kill -9); no eviction. Without the password only AUTH works: the default user is off, and `user` is the only other one.
 */
export const writeConfiguration = (
	folder: string,
	socketPath: string,
	user: {readonly name: string; readonly passwordDigest: string},
): string => {
	const file = join(folder, 'redis.conf');
	const lines = [
		'port 0',
		`unixsocket ${quoted(socketPath)}`,
		'unixsocketperm 700',
		// No one can log in by this name. Its rights are for the server, which loads the AOF as this user and silently skips transactions and
		// scripts it may not run (Redis 8.0).
		'user default off resetpass ~* &* +@all',
		`user ${user.name} on #${user.passwordDigest} ~* &* +@all`,
		`dir ${quoted(folder)}`,
		`pidfile ${quoted(join(folder, 'redis.pid'))}`,
		`logfile ${quoted(join(folder, 'redis.log'))}`,
		'daemonize no',
		'save ""',
		'appendonly yes',
		'appendfsync always',
		'maxmemory-policy noeviction',
		// Hints only: lock set, lock or heartbeat expired, a list of the intake written. Not for sorted sets, which every claim writes: rooms track
		// the one of the intake.
		'notify-keyspace-events KElx$',
		// Percentiles of each command, which nobody asks for.
		'latency-tracking no',
		'always-show-logo no',
	];
	writeFileSync(file, `${lines.join('\n')}\n`, {mode: 0o600});
	return file;
};

/** Whether something listens on the socket. */
export const isListening = (socketPath: string): Promise<boolean> =>
	new Promise(resolve => {
		const socket = connect(socketPath);
		socket.once('connect', () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => resolve(false));
	});

/**
 * Calls `onGone` once when nothing listens any more, by an idle connection that the kernel closes with the server's process. Returns the
 * function that stops watching.
 */
export const watchSocket = (socketPath: string, onGone: () => void): (() => void) => {
	let isStopped = false;
	const socket = connect(socketPath);
	socket.unref();
	const stop = (): void => {
		isStopped = true;
		socket.destroy();
	};
	let next = stop;
	socket.on('error', () => undefined);
	socket.once('close', async () => {
		if (isStopped) return;
		// The server may have dropped only this client.
		if (await isListening(socketPath)) {
			if (!isStopped) next = watchSocket(socketPath, onGone);
		} else if (!isStopped) onGone();
	});
	return () => {
		stop();
		if (next !== stop) next();
	};
};
