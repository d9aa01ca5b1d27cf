import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';

/**
 * A folder for the running test, removed after it. Its path is short, since sockets live below it: a unix socket's path may have at
 * most about 100 bytes.
 */
export const temporaryFolder = (name = 't'): string => {
	const folder = mkdtempSync(join(tmpdir(), `ar-${name}-`));
	onTestFinished(() => rmSync(folder, {recursive: true, force: true, maxRetries: 5, retryDelay: 50}));
	return folder;
};

/** True while the process runs; a zombie that its parent has not waited for yet counts as gone, where /proc can tell. */
export const isRunning = (pid: number): boolean => {
	try {
		process.kill(pid, 0);
		if (process.platform !== 'linux') return true;
		return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0] !== 'Z';
	} catch {
		return false;
	}
};
