import {createHash} from 'node:crypto';
import {lstatSync, mkdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {getuid} from 'node:process';
import {SocketUnsafe} from './errors.ts';

/** Refuses with `SocketUnsafe` unless the socket's folder is a real folder of this user that nobody else may enter. */
export const assertPrivateFolder = (path: string): void => {
	const folder = dirname(path);
	const stat = lstatSync(folder);
	if (stat.isDirectory() && stat.uid === (getuid?.() ?? stat.uid) && (stat.mode & 0o077) === 0) return;
	throw new SocketUnsafe(`The folder \`${folder}\` must belong to you and be closed to others: run \`chmod 700\` on it or remove it.`);
};

/** The address of a unix socket holds 104 bytes on macOS and 108 on Linux, with a closing NUL. */
const LONGEST = 100;

const isTooLong = (path: string): boolean => Buffer.byteLength(path) > LONGEST;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);

/** A private folder of this user for what has too long a path elsewhere. Room and programs compute the same whatever TMPDIR says on either side. */
const shortFolder = (): string => join('/tmp', `agent-room-${getuid?.() ?? 0}`);

/**
 * The user's socket for a state folder: inside it, or, where that path is too long for a socket, in a private folder of this user under
 * /tmp.
 */
export const socketPathFor = (folder: string): string => {
	const path = join(folder, 'room.sock');
	return isTooLong(path) ? join(shortFolder(), `${digest(folder)}.sock`) : path;
};

/** Folders in which the sockets of attempts lie, each in a folder of its own: below the state folder, and where that is too long. */
export const attemptSocketFolders = (stateFolder: string): readonly [inside: string, short: string] => [
	join(stateFolder, 'sockets'),
	join(shortFolder(), `${digest(stateFolder)}.d`),
];

/**
 * The socket of one attempt (`name` is that of its files): all that its agent may reach of the room. It lies in a folder of its own that holds
 * nothing else, so that a sandbox can bind that folder (`dirname`) and with it exactly this attempt's socket.
 */
export const attemptSocketFor = (stateFolder: string, name: string): string => {
	const [inside, short] = attemptSocketFolders(stateFolder);
	const path = join(inside, name, 's');
	return isTooLong(path) ? join(short, digest(name), 's') : path;
};

/** The socket of the proxy that an attempt without a network of its own goes out by. */
export const proxySocketFor = (folder: string, attempt: string): string => {
	const path = join(folder, 'proxy', `${digest(attempt).slice(0, 12)}.sock`);
	return isTooLong(path) ? join(shortFolder(), `${digest(`${folder} ${attempt}`)}.sock`) : path;
};

/** Makes the socket's folder with mode 0700 if it is missing. */
export const makePrivateFolder = (path: string): void => {
	// The folder under /tmp is one that others could have made before us: with it in their hands they could put another socket in place of ours.
	if (path.startsWith(`${shortFolder()}/`)) {
		mkdirSync(shortFolder(), {recursive: true, mode: 0o700});
		assertPrivateFolder(join(shortFolder(), 's'));
	}
	mkdirSync(dirname(path), {recursive: true, mode: 0o700});
	assertPrivateFolder(path);
};
