import {closeSync, openSync, rmSync} from 'node:fs';
import {connect, createServer} from 'node:net';
import {basename, dirname, join} from 'node:path';
import {codeOf} from './error-code.ts';
import {hasProc} from './proc.ts';

/** A unix socket that a process keeps open: the kernel closes it with the process, whatever kills that. */
export type Beacon = {readonly close: () => void};

/** A socket's path holds 107 bytes. */
const LONGEST = 100;
/** Time limit of a connection to a socket of this machine, ms. The kernel answers: no process has to accept it. */
const ANSWER_MS = 2000;

/** Calls with a path of that socket which is short enough: a long one leads through the open folder. */
const withShortPath = <T>(path: string, use: (short: string) => T, after: (end: () => void) => void = end => end()): T => {
	if (Buffer.byteLength(path) <= LONGEST) return use(path);
	const folder = openSync(dirname(path), 'r');
	try {
		return use(join(`/proc/self/fd/${folder}`, basename(path)));
	} finally {
		after(() => closeSync(folder));
	}
};

/** Listens on `path`. Undefined where there are no process namespaces to look across, or where sockets cannot be made there. */
export const openBeacon = (path: string): Beacon | undefined => {
	if (!hasProc) return undefined;
	const server = createServer(socket => void socket.destroy());
	server.on('error', () => undefined);
	try {
		withShortPath(path, short => server.listen({path: short, exclusive: true}));
	} catch {
		return undefined;
	}
	if (!server.listening) return undefined;
	server.unref();
	return {
		close: () => {
			rmSync(path, {force: true});
			server.close();
		},
	};
};

/**
 * Whether the process that opened this beacon is surely gone, also one in a process namespace that is not seen from here. Only on a disk that no other
 * kernel has mounted: the kernel refuses a connection then if no process listens, and a stopped one still does. False if there is no socket.
 */
export const isDark = (path: string): Promise<boolean> =>
	new Promise(resolve => {
		const end = (isGone: boolean): void => {
			clearTimeout(timer);
			socket.destroy();
			resolve(isGone);
		};
		const timer = setTimeout(() => end(false), ANSWER_MS);
		let close = (): void => undefined;
		const socket = withShortPath(
			path,
			short => connect({path: short}),
			later => {
				close = later;
			},
		);
		socket.once('close', () => close());
		socket.once('connect', () => end(false));
		socket.once('error', error => end(codeOf(error) === 'ECONNREFUSED'));
	});
