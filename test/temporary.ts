import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync} from 'node:fs';
import {freemem, tmpdir} from 'node:os';
import {join} from 'node:path';
import {isPidTaken} from '../source/os/process-identity.ts';

const GB = 1024 ** 3;
/** Several times what a run of all tests holds at once. */
const ENOUGH = 4 * GB;

/** Whether tests may keep their files in this mount (of a table like `/proc/mounts`): memory, and programs in it can be started. */
export const isMemory = (mounts: string, folder: string): boolean =>
	mounts.split('\n').some(line => {
		const [, where, kind, options = ''] = line.split(' ');
		return where === folder && kind === 'tmpfs' && !options.split(',').some(option => option === 'noexec' || option === 'ro');
	});

const hasRoom = (folder: string): boolean => {
	const {bavail, bsize} = statfsSync(folder);
	return bavail * bsize > ENOUGH && freemem() > ENOUGH;
};

/**
 * Where the folder of a run lies: in memory where there is plenty. Hundreds of rooms make and remove a hundred thousand small files, and ext4
 * looks through every inode that was freed in the last minutes before it takes one (`recently_deleted` in its ialloc.c): on the same machine
 * the tests of worktrees took 119 and 188 s on a disk, 53 and 29 s in memory.
 */
const base = (): string => {
	const memory = '/dev/shm';
	const mounts = '/proc/mounts';
	const isThere = existsSync(mounts) && isMemory(readFileSync(mounts, 'utf8'), memory);
	return isThere && hasRoom(memory) ? memory : tmpdir();
};

/** One that was killed could not tidy up. */
const removeOfDead = (folder: string, prefix: string): void => {
	for (const name of readdirSync(folder)) {
		const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : Number.NaN;
		if (Number.isInteger(pid) && pid > 0 && !isPidTaken(pid)) rmSync(join(folder, name), {recursive: true, force: true});
	}
};

/** Makes a folder for a run of the tests in `folder`, which ends with this process. Its name is short: sockets lie below it. */
export const makeRunFolder = (folder: string, pid = process.pid): string => {
	const prefix = 'ar-r';
	removeOfDead(folder, prefix);
	const made = join(folder, `${prefix}${pid}`);
	rmSync(made, {recursive: true, force: true});
	mkdirSync(made, {mode: 0o700});
	process.once('exit', () => rmSync(made, {recursive: true, force: true}));
	return made;
};

/** What programs of this run are told: where temporary files lie, and what V8 makes of a program between its hundreds of starts. A caller's choice stands. */
export const runEnvironment = ({TMPDIR, NODE_COMPILE_CACHE}: NodeJS.ProcessEnv): Readonly<Record<string, string>> => {
	if (TMPDIR && NODE_COMPILE_CACHE) return {};
	const folder = makeRunFolder(TMPDIR || base());
	const compiled = join(folder, 'compiled');
	// Rooms take no other's: they run what lies in it.
	if (!NODE_COMPILE_CACHE) mkdirSync(compiled, {mode: 0o700});
	return {...(TMPDIR ? {} : {TMPDIR: folder}), ...(NODE_COMPILE_CACHE ? {} : {NODE_COMPILE_CACHE: compiled})};
};
