import {createHash} from 'node:crypto';
import {lstatSync, mkdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {getuid} from 'node:process';
import {LONGEST_SOCKET} from '../os/platform.ts';
import {SocketUnsafe} from './errors.ts';

/** Refuses with `SocketUnsafe` unless the socket's folder is a real folder of this user that no one else may enter. */
export const assertPrivateFolder = (path: string): void => {
	const folder = dirname(path);
	const stat = lstatSync(folder);
	if (stat.isDirectory() && stat.uid === (getuid?.() ?? stat.uid) && (stat.mode & 0o077) === 0) return;
	throw new SocketUnsafe(`The folder \`${folder}\` must belong to you and be closed to others: run \`chmod 700\` on it or remove it.`);
};

const isTooLong = (path: string): boolean => Buffer.byteLength(path) > LONGEST_SOCKET;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);

/** Private folder of this user for paths that are too long. Independent of TMPDIR, so that room and programs agree. */
const shortFolder = (): string => join('/tmp', `agent-room-${getuid?.() ?? 0}`);

/** The user's socket of a state folder: inside it or, if the path is too long, in a private folder under /tmp. */
export const socketPathFor = (folder: string): string => {
	const path = join(folder, 'room.sock');
	return isTooLong(path) ? join(shortFolder(), `${digest(folder)}.sock`) : path;
};

/** Parent folders of the attempts' sockets: below the state folder, or for paths that are too long. */
export const attemptSocketFolders = (stateFolder: string): readonly [inside: string, short: string] => [
	join(stateFolder, 'sockets'),
	join(shortFolder(), `${digest(stateFolder)}.d`),
];

/**
 * The socket of one attempt (`name` is the attempt's file name), the only part of the room its agent can reach. It is alone in its folder,
 * so that a sandbox can bind exactly that (`dirname`).
 */
export const attemptSocketFor = (stateFolder: string, name: string): string => {
	const [inside, short] = attemptSocketFolders(stateFolder);
	const path = join(inside, name, 's');
	return isTooLong(path) ? join(short, digest(name), 's') : path;
};

/** Proxy socket of an attempt without its own network. */
export const proxySocketFor = (folder: string, attempt: string): string => {
	const path = join(folder, 'proxy', `${digest(attempt).slice(0, 12)}.sock`);
	return isTooLong(path) ? join(shortFolder(), `${digest(`${folder} ${attempt}`)}.sock`) : path;
};

/** Creates the socket's folder with mode 0700 if missing. */
export const makePrivateFolder = (path: string): void => {
	// Others could have created the folder under /tmp first, and put their own socket there.
	if (path.startsWith(`${shortFolder()}/`)) {
		mkdirSync(shortFolder(), {recursive: true, mode: 0o700});
		assertPrivateFolder(join(shortFolder(), 's'));
	}
	mkdirSync(dirname(path), {recursive: true, mode: 0o700});
	assertPrivateFolder(path);
};
