import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import {findOnPath} from '../../source/os/find-program.ts';
import {cacheFolder} from '../clis/cache.ts';

/**
 * A folder for one test file, which every test of it may use; files of one worker have it one after the other.
 *
 * Whoever runs the tests, and on whichever machine: no process that is started from here on reads their configuration or the machine's own, of git
 * least of all (its filters, hooks and signatures would be in every repository of a test). HOME is an empty folder. That git leaves out what is
 * configured for the machine cannot be said by the environment, since the room gives no `GIT_` variable of its caller to git or to an agent:
 * the first `git` on the PATH says it, where there is such a configuration: a shell before each git costs a third of it.
 */
export const fileFolder = mkdtempSync(join(tmpdir(), 'ar-file-'));

/** After the last test of the file. The end of the process is no place for it: vitest kills those that it no longer needs. */
export const removeFileFolder = (): void => rmSync(fileFolder, {recursive: true, force: true, maxRetries: 5, retryDelay: 50});

const {PATH = ''} = process.env;
const home = join(fileFolder, 'home');
const commands = join(fileFolder, 'bin');
const git = findOnPath('git', PATH);

/** A PATH whose first `git` leaves out what is configured for the machine. */
export const pathOfOwnGit = (): string => {
	if (git === undefined) return PATH;
	mkdirSync(commands, {recursive: true});
	const script = `#!/bin/sh\nexport GIT_CONFIG_NOSYSTEM=1\nexec '${git.replaceAll("'", "'\\''")}' "$@"\n`;
	writeFileSync(join(commands, 'git'), script, {mode: 0o755});
	return `${commands}${delimiter}${PATH}`;
};

// Large, and nobody's configuration: these stay where they are.
process.env.AGENT_ROOM_CLIS = cacheFolder();
process.env.HOME = home;
for (const name of Object.keys(process.env)) if (/^XDG_.*_HOME$/.test(name) || name.startsWith('GIT_')) delete process.env[name];

/** Apple's git also reads one that it does not list. */
const isConfigured =
	git !== undefined && (process.platform === 'darwin' || spawnSync(git, ['config', '--system', '--list'], {stdio: 'ignore'}).status === 0);
process.env.GIT_CONFIG_NOSYSTEM = '1';

/** Makes it, where the file before has removed it. */
export const makeFileFolder = (): void => {
	if (existsSync(home)) return;
	mkdirSync(home, {recursive: true});
	if (isConfigured) process.env.PATH = pathOfOwnGit();
};
makeFileFolder();
