import {accessSync, constants, existsSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {PINNED, type RealCli} from './pinned.ts';

/** Where real CLIs are kept between runs; they are 100 to 400 MB each, so they are no dependencies. Tests, whose HOME is their own, are told where. */
export const cacheFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
	environment.AGENT_ROOM_CLIS || join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'agent-room-clis');

export const folderOf = (name: RealCli, cache = cacheFolder()): string => join(cache, `${name}-${PINNED[name].version}`);
export const programOf = (name: RealCli, folder: string): string => join(folder, 'node_modules', '.bin', PINNED[name].program);
/** Written when the program in the folder has told its version. */
export const MARK = 'complete';

export type Installed = {readonly program: string} | {readonly reason: string};

/** The program of a CLI in the cache, or why there is none. Nothing is installed. */
export const installed = (name: RealCli, cache = cacheFolder()): Installed => {
	const folder = folderOf(name, cache);
	const program = programOf(name, folder);
	if (!existsSync(join(folder, MARK))) return {reason: `${name} ${PINNED[name].version} is not installed: \`npm run clis\` does it.`};
	try {
		accessSync(program, constants.X_OK);
		return {program};
	} catch {
		return {reason: `${name} in ${folder} is broken: \`npm run clis\` replaces it.`};
	}
};
