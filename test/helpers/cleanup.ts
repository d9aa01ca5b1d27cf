import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {isPidTaken} from '../../source/os/process-identity.ts';
import {onFinished} from './side-by-side.ts';

/**
 * A folder for the running test, removed after it. Its path is short, since sockets live below it: a unix socket's path may have at
 * most about 100 bytes.
 */
export const temporaryFolder = (name = 't'): string => {
	const folder = mkdtempSync(join(tmpdir(), `ar-${name}-`));
	onFinished(() => rmSync(folder, {recursive: true, force: true, maxRetries: 5, retryDelay: 50}));
	return folder;
};

/**
 * The folders of the running test lie outside of /dev: the sandbox that a real agent CLI puts around its commands has a /dev of its own, so that
 * nothing in /dev/shm is there for them.
 */
export const stayOutOfDevices = (): void => {
	const before = process.env.TMPDIR;
	if (before === undefined || !before.startsWith('/dev/')) return;
	process.env.TMPDIR = '/tmp';
	onFinished(() => {
		process.env.TMPDIR = before;
	});
};

/** Sends each process the signal; one that has ended since they were looked up, as a shell's `sleep` does all the time, is no error. */
export const signalEach = (pids: readonly number[], signal: NodeJS.Signals): void => {
	for (const pid of pids) {
		try {
			process.kill(pid, signal);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
		}
	}
};

/** True while the process runs; a zombie that its parent has not waited for yet counts as gone. */
export const isRunning = isPidTaken;
