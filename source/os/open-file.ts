import {readdirSync, readlinkSync} from 'node:fs';
import {hasProc} from './proc.ts';

const namesIn = (folder: string): readonly string[] => {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
};

/** Whether a process of this user, or of any for root, has the file open; false where the system cannot say. */
export const isOpen = (file: string): boolean => {
	if (!hasProc) return false;
	return namesIn('/proc')
		.filter(name => /^\d+$/.test(name))
		.some(pid =>
			namesIn(`/proc/${pid}/fd`).some(descriptor => {
				try {
					return readlinkSync(`/proc/${pid}/fd/${descriptor}`) === file;
				} catch {
					return false;
				}
			}),
		);
};
