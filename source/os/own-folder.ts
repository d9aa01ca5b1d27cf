import {chmodSync, lstatSync, mkdirSync, rmSync} from 'node:fs';
import {isAbsolute} from 'node:path';

/**
 * Whether what lies in this folder can have been written by its owner alone, who runs this program: an absolute path, a folder and no link, of this
 * user, that nobody else enters. Code is read only from such a folder.
 */
export const isOwnFolder = (folder: string): boolean => {
	const found = isAbsolute(folder) ? lstatSync(folder, {throwIfNoEntry: false}) : undefined;
	return found !== undefined && found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
};

/**
 * The same folder, made or closed to others where it is this user's; one that others could write into is emptied first. False if it cannot
 * be had.
 */
export const ensureOwnFolder = (folder: string): boolean => {
	try {
		if (!isAbsolute(folder)) return false;
		const found = lstatSync(folder, {throwIfNoEntry: false});
		if (found && (!found.isDirectory() || found.uid !== process.getuid?.())) return false;
		if (found && (found.mode & 0o022) !== 0) rmSync(folder, {recursive: true});
		mkdirSync(folder, {recursive: true, mode: 0o700});
		chmodSync(folder, 0o700);
		return isOwnFolder(folder);
	} catch {
		return false;
	}
};
