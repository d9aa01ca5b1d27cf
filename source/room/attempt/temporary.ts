import {mkdirSync, readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {isWorkingIn} from '../../os/at-work.ts';
import {attemptSocketFolders, makePrivateFolder} from '../../socket/path.ts';

/** Longest path of a folder in which programs can still create a socket. */
const LONGEST = 75;

/** Parent folders of attempts' TMPDIRs: in the state folder or, where that path is too long, under /tmp. */
export const temporaryFolders = (stateFolder: string): readonly [inside: string, short: string] => [
	join(stateFolder, 'tmp'),
	`${attemptSocketFolders(stateFolder)[1]}.tmp`,
];

/** Creates an attempt's TMPDIR (`name`) outside a sandbox. It is removed with the attempt: CLIs leave hundreds of megabytes there. */
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

/** Removes those of attempts killed with their room, except where a process still works. Never throws. */
export const sweepTemporary = (stateFolder: string): void => {
	for (const folder of temporaryFolders(stateFolder)) {
		try {
			for (const name of readdirSync(folder)) {
				const left = join(folder, name);
				if (!isWorkingIn(left)) rmSync(left, {recursive: true, force: true});
			}
		} catch {
			// Missing or unreadable.
		}
	}
};
