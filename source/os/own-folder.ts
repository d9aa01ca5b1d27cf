import {chmodSync, lstatSync, mkdirSync, rmSync} from 'node:fs';
import {isAbsolute} from 'node:path';

/**
 * Whether only this user can have written a folder: absolute, no link, owned by this user, closed to others. Code is only read from such
 * folders.
 */
export const isOwnFolder = (folder: string): boolean => {
	const found = isAbsolute(folder) ? lstatSync(folder, {throwIfNoEntry: false}) : undefined;
	return found !== undefined && found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
};

/** Creates the folder or closes it to others; empties one that others could write. False if impossible. */
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
