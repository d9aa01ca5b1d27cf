import {chmodSync, lstatSync, readdirSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';

/** Lets the user write in all folders of a tree, such as those of a module cache. Follows no link. Returns how many could not be written in. */
export const openFolders = (folder: string): number => {
	const stat = lstatSync(folder, {throwIfNoEntry: false});
	if (!stat?.isDirectory()) return 0;
	const isOpen = (stat.mode & 0o700) === 0o700;
	if (!isOpen) chmodSync(folder, (stat.mode & 0o777) | 0o700);
	return readdirSync(folder, {withFileTypes: true}).reduce(
		(sum, entry) => sum + (entry.isDirectory() ? openFolders(join(folder, entry.name)) : 0),
		isOpen ? 0 : 1,
	);
};

/** Removes a folder of programs that have ended, also where they left folders that nothing may be removed from. */
export const removeFolder = (folder: string): Promise<void> =>
	rm(folder, {recursive: true, force: true}).catch(async error => {
		if (openFolders(folder) === 0) throw error;
		await rm(folder, {recursive: true, force: true});
	});
