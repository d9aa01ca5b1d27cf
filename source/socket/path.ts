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
	throw new SocketUnsafe(`The folder \`${folder}\` must belong to you and be closed to others: run \`chmod 700\` on it, or remove it.`);
};

/** The address of a unix socket holds 104 bytes on macOS and 108 on Linux, with a closing NUL. */
const LONGEST = 100;

/**
 * The room's socket for a state folder: inside it, or, where that path is too long for a socket, in a private folder of this user under
 * /tmp. Room and terminals compute the same path whatever TMPDIR says on either side.
 */
export const socketPathFor = (folder: string): string => {
	const path = join(folder, 'room.sock');
	if (Buffer.byteLength(path) <= LONGEST) return path;
	const name = createHash('sha256').update(folder).digest('hex').slice(0, 24);
	return join('/tmp', `agent-room-${getuid?.() ?? 0}`, `${name}.sock`);
};

/** Makes the socket's folder with mode 0700 where it is missing. */
export const makePrivateFolder = (path: string): void => {
	mkdirSync(dirname(path), {recursive: true, mode: 0o700});
	assertPrivateFolder(path);
};
