import {createHash} from 'node:crypto';
import {chmodSync, lstatSync, mkdirSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {notReady} from './command-error.ts';

/** Where the state of one repository's room lives: `$XDG_STATE_HOME/agent-room/<repo>-<hash>`. Pure; `ensureStateFolder` makes it. */
export const stateFolderFor = (
	repository: {readonly name: string; readonly commonDir: string},
	environment: Readonly<Record<string, string | undefined>>,
): string => {
	const home = environment.XDG_STATE_HOME;
	// A relative XDG path is invalid and to be ignored (XDG Base Directory Specification).
	const base = home?.startsWith('/') ? home : join(environment.HOME || homedir(), '.local', 'state');
	const name = repository.name.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 32) || 'repository';
	const hash = createHash('sha256').update(repository.commonDir).digest('hex').slice(0, 10);
	return join(base, 'agent-room', `${name}-${hash}`);
};

/** Makes the folder with mode 0700. Refuses what is no folder, a link, or somebody else's: the socket inside is the door to the room. */
export const ensureStateFolder = (folder: string): void => {
	try {
		mkdirSync(folder, {recursive: true, mode: 0o700});
		const found = lstatSync(folder);
		if (!found.isDirectory()) throw new Error('it is not a folder');
		if (process.getuid && found.uid !== process.getuid()) throw new Error('it belongs to another user');
		if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw notReady(
			'state-folder',
			`The state folder \`${folder}\` cannot be used: ${reason}.`,
			'Set XDG_STATE_HOME to a folder of your own.',
		);
	}
};
