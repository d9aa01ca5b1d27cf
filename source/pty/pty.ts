import {writeSync} from 'node:fs';
import {createRequire} from 'node:module';
import type {Socket} from 'node:net';
import {codeOf} from '../os/error-code.ts';

/**
 * The part of node-pty used here, including private fields for raw bytes and the output's tail; the exact version is pinned.
 * 1.2.0-beta.15 ships binaries for Linux and macOS and closes inherited descriptors in the child: with 1.1.0 every pane inherited the
 * terminals of earlier panes.
 */
export type Pty = {
	readonly pid: number;
	/** The master side; closed once the process ended and its output was read. */
	readonly fd: number;
	/** Stream over `fd`. */
	readonly _socket: Socket;
	onData(listener: (data: Uint8Array) => void): void;
	/** After a death by signal `exitCode` is 0: check `signal` too. */
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

let pty: typeof import('node-pty') | undefined;

/** Loads node-pty, a native module that takes some milliseconds: a room's start does it while it waits. Throws if it is missing. */
export const loadPty = (): typeof import('node-pty') => {
	pty ??= createRequire(import.meta.url)('node-pty') as typeof import('node-pty');
	return pty;
};

export const spawnPty = (file: string, args: readonly string[], options: PtyOptions): Pty =>
	loadPty().spawn(file, [...args], options) as unknown as Pty;

/** Unread bytes above which input is refused. */
const UNREAD_LIMIT = 1024 * 1024;
const RETRY_MS = 5;
const RETRY_MAX_MS = 100;

const isAgain = (error: unknown): boolean => codeOf(error) === 'EAGAIN';

/**
 * Writes to a terminal without blocking: node-pty's stream spins while the program does not read (libuv treats terminals as blocking),
 * which would freeze the room. Queues what does not fit. A closed descriptor's number may be reused: `isOpen` is checked first.
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
		/** Writes in order; false if refused: terminal closed, or 1 MB unread. */
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
