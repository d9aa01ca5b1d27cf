import {chmodSync, lstatSync, renameSync, rmSync} from 'node:fs';
import {connect, createServer, type Server, type Socket} from 'node:net';
import {type Reply, type Request, readRequest} from '../core/protocol/request.ts';
import {PROVE} from './client.ts';
import {SocketTaken} from './errors.ts';
import {LINE_LIMIT, readFirstLine} from './frames.ts';
import {makePrivateFolder} from './path.ts';
import {ANSWER_LIMIT, type Caller, type Challenge} from './proof.ts';

export type AttachRequest = Extract<Request, {op: 'attach'}>;

export type SocketServing = {
	readonly path: string;
	/**
	 * `reply` with `last: false` may be called repeatedly, otherwise it ends the connection; afterwards it does nothing. A thrown error is
	 * answered with code `failed`. `connection` emits 'close' when the client leaves.
	 */
	readonly onRequest: (
		request: Exclude<Request, AttachRequest>,
		reply: (reply: Reply) => void,
		connection: Socket,
		caller: Caller,
	) => void | Promise<void>;
	/** The connection is paused with the following bytes unread, and belongs to the callee. */
	readonly onAttach: (connection: Socket, request: AttachRequest, caller: Caller) => void;
	/** Identifies each connection's process before its request, except for `ping`. Default: none. */
	readonly challenge?: () => Challenge;
};

export type SocketServer = {
	readonly path: string;
	/** Listens again if the socket's file was removed; existing connections stay. True if it did. Throws if it cannot. */
	keep(): Promise<boolean>;
	/** Stops listening, removes the socket and closes all connections; pending replies get `patienceMs`. */
	close(patienceMs?: number): Promise<void>;
};

const FIRST_LINE_MS = 10_000;
/** A follower with so many unread bytes is disconnected, which bounds the room's memory. */
const UNREAD_LIMIT = 16 * 1024 * 1024;

const write = (connection: Socket, reply: Reply): void => {
	if (connection.destroyed || connection.writableEnded) return;
	if (connection.writableLength > UNREAD_LIMIT) {
		connection.destroy();
		return;
	}
	const line = `${JSON.stringify(reply)}\n`;
	if (reply.last === false) connection.write(line);
	else connection.end(line);
};

const refuse = (connection: Socket, problem: string): void => {
	// Discards pending input: unread bytes would turn the close into a reset and lose the reply.
	connection.removeAllListeners('data').resume();
	write(connection, {
		ok: false,
		code: 'bad-request',
		message: `The request was refused: ${problem}.`,
		hint: 'Use the same version of `agent-room` as the room.',
	});
	setTimeout(() => connection.destroy(), 1000).unref();
};

/** Requests that may take long: a client that leaves must be noticed meanwhile. */
const isLong = (request: Request): boolean =>
	request.op === 'report' && (request.kind === 'ask' || request.kind === 'hook' || (request.kind === 'lock' && (request.waitMs ?? 0) > 0));

const isStream = (request: Request): boolean => request.op === 'events' && request.follow;

const answer = (connection: Socket, line: string, after: Buffer, serving: SocketServing): void => {
	const {challenge} = serving;
	const read = readRequest(line);
	if ('problem' in read) {
		refuse(connection, read.problem);
		return;
	}
	const {request} = read;
	connection.removeAllListeners('data');
	if (!challenge || request.op === 'ping') serve(connection, request, after, {kind: 'unproven'}, serving);
	else prove(connection, challenge(), after, (caller, left) => serve(connection, request, left, caller, serving));
};

/** Asks for the proof and continues with its result and the bytes after it. A wrong answer or a hang-up is no proof. */
const prove = (connection: Socket, {file, read}: Challenge, after: Buffer, goOn: (caller: Caller, after: Buffer) => void): void => {
	const rest: Buffer[] = [];
	let isOver = false;
	const over = (answer: string, left: Buffer): void => {
		if (isOver) return;
		isOver = true;
		connection.removeListener('data', take).removeListener('end', none).removeListener('close', none);
		goOn(read(answer), left);
	};
	const none = (): void => over('', Buffer.alloc(0));
	const take = (chunk: Buffer): void => {
		const first = readFirstLine(rest, chunk);
		if (first) over(first.line, first.after);
		else if (rest.push(chunk) && rest.reduce((sum, {length}) => sum + length, 0) > ANSWER_LIMIT) none();
	};
	connection.on('data', take).once('end', none).once('close', none);
	write(connection, {ok: true, code: PROVE, data: {file}, last: false});
	if (after.length > 0) take(after);
	else if (connection.readableEnded) none();
};

const serve = (connection: Socket, request: Request, after: Buffer, caller: Caller, {onRequest, onAttach}: SocketServing): void => {
	connection.setTimeout(0);
	if (request.op === 'attach') {
		connection.pause();
		if (after.length > 0) connection.unshift(after);
		onAttach(connection, request, caller);
		return;
	}
	// A client may half-close and wait for its reply; a follower that half-closes has left.
	connection.on('end', () => {
		if (isStream(request)) connection.destroy();
		// Clients ignore an empty line; if the client has left, the write fails and the connection closes.
		else if (isLong(request) && connection.writable) connection.write('\n');
	});
	connection.resume();
	const failed = (error: unknown): void =>
		write(connection, {ok: false, code: 'failed', message: error instanceof Error ? error.message : String(error)});
	try {
		Promise.resolve(onRequest(request, reply => write(connection, reply), connection, caller)).catch(failed);
	} catch (error) {
		failed(error);
	}
};

const receive = (connection: Socket, serving: SocketServing): void => {
	let rest: Buffer[] = [];
	let size = 0;
	connection.on('error', () => connection.destroy());
	connection.setTimeout(FIRST_LINE_MS, () => connection.destroy());
	connection.once('end', () => rest.length > 0 && refuse(connection, 'the line has no end'));
	connection.on('data', chunk => {
		const first = readFirstLine(rest, chunk);
		size += chunk.length;
		if (size - (first?.after.length ?? 0) > LINE_LIMIT) refuse(connection, `the line is longer than ${LINE_LIMIT} bytes`);
		else if (first) {
			rest = [];
			answer(connection, first.line, first.after, serving);
		} else rest.push(chunk);
	});
};

/** Whether something accepts connections on the path, even if busy. */
const isLive = (path: string): Promise<boolean> =>
	new Promise((resolve, reject) => {
		const probe = connect(path);
		probe.once('connect', () => {
			probe.destroy();
			resolve(true);
		});
		probe.once('error', (error: NodeJS.ErrnoException) => {
			if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
			else if (error.code === 'EAGAIN') resolve(true);
			else reject(error);
		});
	});

/**
 * Removes the socket file of a crashed room. Guarantee: never that of a running one. It renames the file and compares the inode with the
 * refused one, so that of two rooms that start together the slower restores the faster one's socket.
 */
const removeStale = async (path: string): Promise<void> => {
	const before = lstatSync(path, {throwIfNoEntry: false});
	if (!before) return;
	if (await isLive(path)) throw new SocketTaken(path);
	const blockedByChanges = `${path}.${process.pid}`;
	try {
		renameSync(path, blockedByChanges);
	} catch {
		return;
	}
	if (lstatSync(blockedByChanges).ino !== before.ino) {
		renameSync(blockedByChanges, path);
		throw new SocketTaken(path);
	}
	rmSync(blockedByChanges);
};

const listen = (server: Server, path: string): Promise<void> =>
	new Promise((resolve, reject) => {
		server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? new SocketTaken(path) : error));
		server.listen(path, resolve);
	});

/**
 * Serves the room's socket: mode 0600 in a folder of mode 0700. Refuses with `SocketTaken` if a room listens; replaces a crashed room's
 * file. Invalid input gets at most a `bad-request` and a closed connection.
 */
export const serveSocket = async (serving: SocketServing): Promise<SocketServer> => {
	const {path} = serving;
	makePrivateFolder(path);
	await removeStale(path);
	const connections = new Set<Socket>();
	const listening = async (): Promise<Server> => {
		const server = createServer({allowHalfOpen: true}, connection => {
			connections.add(connection);
			connection.once('close', () => connections.delete(connection));
			receive(connection, serving);
		});
		await listen(server, path);
		chmodSync(path, 0o600);
		return server;
	};
	const stopListening = (server: Server): Promise<void> => new Promise(resolve => void server.close(() => resolve()));
	let server = await listening();
	/** Servers without a file, until their connections have ended. */
	const earlier: Promise<void>[] = [];
	let keeping: Promise<boolean> | undefined;
	const listenAgain = async (): Promise<boolean> => {
		// A server removes the file of its path when it closes: the old one first.
		earlier.push(stopListening(server));
		makePrivateFolder(path);
		const next = await listening();
		if (closed) await stopListening(next);
		else server = next;
		return true;
	};
	let closed: Promise<unknown> | undefined;
	const cut = (): void => {
		for (const connection of connections) connection.destroySoon();
		setTimeout(() => {
			for (const connection of connections) connection.destroy();
		}, 500).unref();
	};
	return {
		path,
		keep: async () => {
			if (closed || keeping || lstatSync(path, {throwIfNoEntry: false})) return false;
			keeping = listenAgain().finally(() => {
				keeping = undefined;
			});
			return keeping;
		},
		close: async (patienceMs = 0) => {
			closed ??= Promise.all([stopListening(server), keeping?.catch(() => undefined), ...earlier]);
			if (patienceMs > 0) setTimeout(cut, patienceMs).unref();
			else cut();
			await closed;
		},
	};
};
