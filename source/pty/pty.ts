import {writeSync} from 'node:fs';
import type {Socket} from 'node:net';
import {spawn} from 'node-pty';
import {codeOf} from '../os/error-code.ts';

/**
 * The part of node-pty that this folder uses. Its own types leave out what raw bytes and the tail of the output need; the version is
 * pinned exactly, so these private parts stay put.
 *
 * Chosen: 1.2.0-beta.15. It ships binaries for Linux and macOS, so nobody needs a compiler, and it closes foreign descriptors in the
 * child: with 1.1.0 (also prebuilt by others) every pane inherited the terminals of the panes before it.
 */
export type Pty = {
	readonly pid: number;
	/** The master side; closed once the process ended and its output was read. */
	readonly fd: number;
	/** Stream over `fd`. */
	readonly _socket: Socket;
	onData(listener: (data: Uint8Array) => void): void;
	/** After a death by signal `exitCode` is 0, so `signal` must be read too. */
	onExit(listener: (end: {exitCode: number; signal?: number}) => void): void;
	on(event: 'end' | 'error', listener: (error?: Error) => void): void;
	resize(columns: number, rows: number): void;
	pause(): void;
	resume(): void;
};

export type PtyOptions = {
	readonly name: string;
	readonly cols: number;
	readonly rows: number;
	readonly cwd: string;
	readonly env: Record<string, string>;
	readonly encoding: null;
};

export const spawnPty = (file: string, args: readonly string[], options: PtyOptions): Pty =>
	spawn(file, [...args], options) as unknown as Pty;

/** Bytes that a program may leave unread before more are refused. */
const UNREAD_LIMIT = 1024 * 1024;
const RETRY_MS = 5;
const RETRY_MAX_MS = 100;

const isAgain = (error: unknown): boolean => codeOf(error) === 'EAGAIN';

/**
 * Writes to the master side of a terminal without ever waiting for the program behind it. The stream that node-pty puts over the
 * descriptor spins inside `write` while the program does not read (libuv takes terminals for blocking), which would freeze the whole
 * room; so the non-blocking descriptor is written directly, and what does not fit waits here. `isOpen` is asked before every write, since
 * a closed descriptor's number may already name another file.
 */
export const createWriteQueue = (fd: number, isOpen: () => boolean) => {
	let queue: Buffer[] = [];
	let waiting = 0;
	let delay = RETRY_MS;
	let timer: NodeJS.Timeout | undefined;

	const clear = (): void => {
		queue = [];
		waiting = 0;
	};
	const flush = (): void => {
		timer = undefined;
		try {
			while (isOpen() && queue[0]) {
				const written = writeSync(fd, queue[0]);
				waiting -= written;
				delay = RETRY_MS;
				if (written < queue[0].length) queue[0] = queue[0].subarray(written);
				else queue.shift();
			}
			if (!isOpen()) clear();
		} catch (error) {
			if (isAgain(error)) {
				timer = setTimeout(flush, delay).unref();
				delay = Math.min(delay * 2, RETRY_MAX_MS);
			} else clear();
		}
	};

	return {
		/** In order; false if the bytes were refused because the terminal is closed or the program has left a megabyte unread. */
		write: (bytes: Uint8Array | string): boolean => {
			const buffer = Buffer.from(bytes);
			if (!isOpen() || waiting + buffer.length > UNREAD_LIMIT) return false;
			if (buffer.length === 0) return true;
			queue.push(buffer);
			waiting += buffer.length;
			if (!timer) flush();
			return true;
		},
		close: (): void => {
			clearTimeout(timer);
			clear();
		},
	};
};
