import {closeSync, constants, openSync} from 'node:fs';
import {connect, type Socket} from 'node:net';
import type {Reply, Request} from '../core/protocol/request.ts';
import {RoomAbsent, RoomEnded, RoomSilent} from './errors.ts';
import {type Lines, readLines} from './frames.ts';
import {assertPrivateFolder} from './path.ts';

const ABSENT = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'ENOTSOCK']);
const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** Connects to the room's socket. Refuses with `RoomAbsent` if nothing listens, `SocketUnsafe` if others could have created it. */
export const connectToRoom = async (path: string): Promise<Socket> => {
	try {
		assertPrivateFolder(path);
		return await new Promise<Socket>((resolve, reject) => {
			const socket = connect(path);
			socket.once('error', reject);
			socket.once('connect', () => {
				socket.removeListener('error', reject);
				resolve(socket);
			});
		});
	} catch (error) {
		if (ABSENT.has(codeOf(error))) throw new RoomAbsent(path, {isGone: codeOf(error) === 'ENOENT'});
		throw error;
	}
};

/** Opens the file that the room names until the connection closes, which proves our process. If that fails, the room refuses. */
export const giveProof = (socket: Socket, {data}: Reply, command: string): void => {
	const file = typeof data === 'object' && data !== null && 'file' in data ? String(data.file) : '';
	let fd = -1;
	try {
		fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
		socket.once('close', () => closeSync(fd));
	} catch {}
	socket.write(`${JSON.stringify({pid: process.pid, fd, command})}\n`);
};

/** Reply code: the room asks which process this is (`socket/proof.ts`). */
export const PROVE = 'prove';

/**
 * Sends one request and passes each reply to `onReply`; resolves when the room closes the connection or `signal` aborts. Skips lines that
 * are no JSON. `command` is the typed command, for the event log. Refuses with `RoomAbsent`.
 */
export const follow = async (
	path: string,
	request: Request,
	onReply: (reply: Reply) => void,
	{signal, command = ''}: {signal?: AbortSignal; command?: string} = {},
): Promise<void> => {
	const socket = await connectToRoom(path);
	const stop = (): void => void socket.destroy();
	if (signal?.aborted) stop();
	signal?.addEventListener('abort', stop);
	let rest: Lines['rest'] = [];
	socket.on('data', chunk => {
		const read = readLines(rest, chunk);
		rest = read.rest;
		for (const line of read.lines) {
			const reply = readReply(line);
			if (reply?.code === PROVE) giveProof(socket, reply, command);
			else if (reply) onReply(reply);
		}
		if (read.isTooLong) socket.destroy();
	});
	socket.on('error', () => socket.destroy());
	socket.write(`${JSON.stringify(request)}\n`);
	await new Promise(resolve => socket.once('close', resolve));
	signal?.removeEventListener('abort', stop);
};

const readReply = (line: string): Reply | undefined => {
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === 'object' && value !== null && 'ok' in value ? (value as Reply) : undefined;
	} catch {
		return undefined;
	}
};

/**
 * Sends one request and resolves with its last reply. Refuses with `RoomAbsent` without a room, `RoomSilent` if no reply came within
 * `timeoutMs` (default 10 s, 0: no limit), `RoomEnded` if the room ended first.
 */
export const request = async (
	path: string,
	asked: Request,
	{timeoutMs = 10_000, command = ''}: {timeoutMs?: number; command?: string} = {},
): Promise<Reply> => {
	const deadline = new AbortController();
	const timer = timeoutMs > 0 ? setTimeout(() => deadline.abort(), timeoutMs) : undefined;
	let last: Reply | undefined;
	try {
		await follow(
			path,
			asked,
			reply => {
				last = reply;
			},
			{signal: deadline.signal, command},
		);
	} finally {
		clearTimeout(timer);
	}
	if (last && last.last !== false) return last;
	throw deadline.signal.aborted ? new RoomSilent(`The room did not answer within ${timeoutMs} ms.`) : new RoomEnded();
};
