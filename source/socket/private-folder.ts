import {lstatSync} from 'node:fs';
import {dirname} from 'node:path';
import {getuid} from 'node:process';
import {SocketUnsafe} from './errors.ts';

/** Refuses with `SocketUnsafe` unless the socket's folder is a real folder of this user that nobody else may enter. */
export const assertPrivateFolder = (path: string): void => {
	const folder = dirname(path);
	const stat = lstatSync(folder);
	if (stat.isDirectory() && stat.uid === (getuid?.() ?? stat.uid) && (stat.mode & 0o077) === 0) return;
	throw new SocketUnsafe(`The folder \`${folder}\` must belong to you and be closed to others: run \`chmod 700\` on it, or remove it.`);
};
