import {accessSync, constants, statSync} from 'node:fs';
import {delimiter, isAbsolute, join} from 'node:path';

const NAMES = ['redis-server', 'valkey-server'] as const;

const isProgram = (path: string): boolean => {
	try {
		accessSync(path, constants.X_OK);
		return statSync(path).isFile();
	} catch {
		return false;
	}
};

/**
 * The server program: `AGENT_ROOM_REDIS_SERVER` where set (it must be a program), else `redis-server` or `valkey-server` from the PATH.
 * Relative entries of the PATH are left out: a repository must not bring its own.
 */
export const findServerBinary = (environment: Readonly<Record<string, string | undefined>>): string | undefined => {
	const chosen = environment.AGENT_ROOM_REDIS_SERVER;
	if (chosen) return isProgram(chosen) ? chosen : undefined;
	const folders = (environment.PATH ?? '').split(delimiter).filter(isAbsolute);
	return NAMES.flatMap(name => folders.map(folder => join(folder, name))).find(isProgram);
};
