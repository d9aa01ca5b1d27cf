import {statfsSync} from 'node:fs';

/** Below this a file system takes nothing that is worth a file, bytes. */
const NOTHING = 256 * 1024;

/** Whether the file system of a folder has no space left for this user; false where it does not say. */
export const isDiskFull = (folder: string): boolean => {
	try {
		const {bavail, bsize, blocks} = statfsSync(folder);
		return blocks > 0 && bavail * bsize < NOTHING;
	} catch {
		return false;
	}
};
