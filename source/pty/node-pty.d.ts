/**
 * The part of node-pty that this folder uses. The alias `@lydell/node-pty` declares its types under its own name only, and they
 * leave out what raw bytes and the tail of the output need; the version is pinned exactly, so these private parts stay put.
 */
declare module 'node-pty' {
	import type {Socket} from 'node:net';

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

	export const spawn: (
		file: string,
		args: string[],
		options: {name: string; cols: number; rows: number; cwd: string; env: Record<string, string>; encoding: null},
	) => Pty;
}
