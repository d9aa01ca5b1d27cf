import {mkdirSync, readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {isWorkingIn} from '../../os/at-work.ts';
import {attemptSocketFolders, makePrivateFolder} from '../../socket/path.ts';

/** Longest path of a folder in which programs can still make a socket. */
const LONGEST = 75;

/** Folders of the TMPDIRs of attempts: in the state folder, or, where that is too long, under /tmp. */
export const temporaryFolders = (stateFolder: string): readonly [inside: string, short: string] => [
	join(stateFolder, 'tmp'),
	`${attemptSocketFolders(stateFolder)[1]}.tmp`,
];

/**
 * Makes the folder of an attempt (`name`) for what its programs write to TMPDIR outside a sandbox. It goes with the attempt: CLIs leave
 * hundreds of megabytes there.
 */
export const makeTemporary = (stateFolder: string, name: string): string => {
	const [inside, short] = temporaryFolders(stateFolder);
	const own = join(inside, name);
	if (Buffer.byteLength(own) <= LONGEST) {
		mkdirSync(own, {recursive: true, mode: 0o700});
		return own;
	}
	const folder = join(short, name);
	makePrivateFolder(join(folder, 'file'));
	return folder;
};

/** Removes those of attempts that were killed with their room; one in which a process still works stays. Never throws. */
export const sweepTemporary = (stateFolder: string): void => {
	for (const folder of temporaryFolders(stateFolder)) {
		try {
			for (const name of readdirSync(folder)) {
				const left = join(folder, name);
				if (!isWorkingIn(left)) rmSync(left, {recursive: true, force: true});
			}
		} catch {
			// There is none, or it cannot be read.
		}
	}
};
