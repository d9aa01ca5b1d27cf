import type {Socket} from 'node:net';
import {spawn} from 'node-pty';

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
