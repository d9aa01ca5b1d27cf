import {accessSync, constants, readFileSync, statfsSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {fileURLToPath} from 'node:url';

const MEMORY = '/dev/shm';
/** Far more than four workers hold at once (under 1 GB), as space of the file system and as memory that nothing else needs. */
const ENOUGH_BYTES = 6e9;
/** `f_type` of a file system in memory, <linux/magic.h>. */
const TMPFS = 0x01021994;

const freeMemory = () => {
	const available = Number(/^MemAvailable: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;
	const limit = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
	return Math.min(available, limit);
};

/** Programs of tests must be allowed to run from there. */
const isFitting = () => {
	const {type, bavail, bsize} = statfsSync(MEMORY);
	const mounted = readFileSync('/proc/self/mounts', 'utf8')
		.split('\n')
		.map(line => line.split(' '))
		.findLast(([, folder]) => folder === MEMORY);
	accessSync(MEMORY, constants.R_OK | constants.W_OK | constants.X_OK);
	return type === TMPFS && bavail * bsize > ENOUGH_BYTES && freeMemory() > ENOUGH_BYTES && !mounted?.[3]?.split(',').includes('noexec');
};

/**
 * Where the folders of tests are made: TMPDIR if it is set, else in memory where there is room, else the usual place. A run makes and
 * removes a hundred thousand small files, and ext4 looks through every inode that was freed in the last minutes before it takes one
 * (`recently_deleted` in its ialloc.c): on the same machine the tests of worktrees took 119 and 188 s on a disk, 53 and 29 s in memory.
 */
export const temporaryFolder = env => {
	if (env.TMPDIR) return env.TMPDIR;
	try {
		if (isFitting()) return MEMORY;
	} catch {
		// Not Linux, or no such folder.
	}
	return tmpdir();
};

// The CI run asks by command.
if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(temporaryFolder(process.env));
