import {readSync} from 'node:fs';
import {constants} from 'node:os';
import {findProgram} from '../os/find-program.ts';
import {isAlive, startTimeOf} from '../os/process-identity.ts';
import type {Marker} from '../os/process-table.ts';
import {createWriteQueue, type Pty, spawnPty} from './pty.ts';

export type ProcessStart = {
	/** Program and arguments; never passes through a shell. */
	readonly command: readonly string[];
	readonly cwd: string;
	/** The whole environment; TERM, COLORTERM, PWD and the marker are added. */
	readonly env: Readonly<Record<string, string>>;
	readonly columns: number;
	readonly rows: number;
	/** Variable that marks this process's tree. */
	readonly marker: Marker;
};

/** `signal` names the signal that ended it, '' after an exit; `exitCode` is then its own, else 128 + the signal's number. */
export type ProcessEnd = {readonly exitCode: number; readonly signal: string};

/** A program in its own pseudo terminal and session. */
export type PaneProcess = {
	readonly pid: number;
	/** Identifies the process together with `pid` (`os/process-identity.ts`). */
	readonly startTime: string;
	readonly marker: Marker;
	onData(listener: (bytes: Uint8Array) => void): void;
	/** Called once, after the process ended and its output was read; at once for a late listener. */
	onEnd(listener: (end: ProcessEnd) => void): void;
	/** False if refused: the program ended, or left 1 MB unread. */
	write(bytes: Uint8Array | string): boolean;
	/** Clamps to 1x1 to 4096; ignored after the end. */
	resize(columns: number, rows: number): void;
	/** Flow control: the program blocks once the kernel's buffer is full. */
	pauseReading(): void;
	resumeReading(): void;
};

/** node-pty closes the terminal 200 ms after the exit, read or not: a paused reader must check more often. */
const PAUSED_LOOK_MS = 50;
const bounded = (size: number): number => Math.max(1, Math.min(4096, Math.trunc(size) || 1));

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/**
 * Reads the rest after a hang-up. Before Node 24 the stream takes a short read for the end and loses some kilobytes; this reads them before
 * the descriptor closes.
 */
const readTail = (fd: number, deliver: (bytes: Uint8Array) => void): void => {
	try {
		for (;;) {
			const bytes = Buffer.allocUnsafe(65_536);
			const length = readSync(fd, bytes);
			if (length === 0) return;
			deliver(bytes.subarray(0, length));
		}
	} catch {
		// EIO is the end; after EAGAIN or EBADF nothing more comes.
	}
};

const endOf = ({exitCode, signal = 0}: {exitCode: number; signal?: number}): ProcessEnd =>
	signal > 0 ? {exitCode: 128 + signal, signal: signalNames.get(signal) ?? `signal ${signal}`} : {exitCode, signal: ''};

/** Keeps a paused reader from losing output: after the exit, at most a kernel buffer remains, so it is read. */
const createReader = (pty: Pty, isRunning: () => boolean) => {
	let look: NodeJS.Timeout | undefined;
	const resume = (): void => {
		clearInterval(look);
		look = undefined;
		pty.resume();
	};
	const pause = (): void => {
		pty.pause();
		look ??= setInterval(() => isRunning() || resume(), PAUSED_LOOK_MS).unref();
	};
	return {pause, resume, stop: () => clearInterval(look)};
};

/**
 * Starts a program in a pseudo terminal. Refuses with `ProcessRefused`: no such program, not executable, no such folder. Guarantees:
 * `onEnd` follows the last byte, and a death by signal is never exit code 0; a pane inherits no other pane's terminal, and redis-server
 * none (`os/inherited.ts`). Short programs without a PTY (git) inherit the masters, so a pane may briefly outlive a killed room; recovery
 * finds it by its marker.
 */
export const startProcess = ({command, cwd, env, columns, rows, marker}: ProcessStart): PaneProcess => {
	const [program = '', ...args] = command;
	const file = findProgram(program, cwd, env.PATH ?? '/usr/local/bin:/usr/bin:/bin');
	const pty = spawnPty(file, args, {
		name: 'xterm-256color',
		cols: bounded(columns),
		rows: bounded(rows),
		cwd,
		env: {...env, COLORTERM: 'truecolor', [marker[0]]: marker[1]},
		encoding: null,
	});
	const identity = {pid: pty.pid, startTime: startTimeOf(pty.pid)};
	const dataListeners: ((bytes: Uint8Array) => void)[] = [];
	const endListeners: ((end: ProcessEnd) => void)[] = [];
	let end: ProcessEnd | undefined;
	const deliver = (bytes: Uint8Array): void => {
		for (const listener of dataListeners) listener(bytes);
	};
	const isOpen = (): boolean => !end && !pty._socket.destroyed;
	const queue = createWriteQueue(pty.fd, isOpen);
	const reader = createReader(pty, () => isAlive(identity));

	pty.onData(deliver);
	pty.on('end', () => readTail(pty.fd, deliver));
	// Without our listener node-pty throws other stream errors into the event loop; the end follows anyway.
	pty.on('error', () => undefined);
	pty.onExit(exit => {
		reader.stop();
		queue.close();
		end = endOf(exit);
		for (const listener of endListeners) listener(end);
	});

	return {
		...identity,
		marker,
		onData: listener => void dataListeners.push(listener),
		onEnd: listener => (end ? listener(end) : void endListeners.push(listener)),
		write: queue.write,
		resize: (nextColumns, nextRows) => {
			if (!isOpen()) return;
			try {
				pty.resize(bounded(nextColumns), bounded(nextRows));
			} catch {
				// It ended in between; the size no longer matters.
			}
		},
		pauseReading: () => isOpen() && reader.pause(),
		resumeReading: () => isOpen() && reader.resume(),
	};
};
