import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {isPidTaken} from '../../source/os/process-identity.ts';

/**
 * A folder for the running test, removed after it. Its path is short, since sockets live below it: a unix socket's path may have at
 * most about 100 bytes.
 */
export const temporaryFolder = (name = 't'): string => {
	const folder = mkdtempSync(join(tmpdir(), `ar-${name}-`));
	onTestFinished(() => rmSync(folder, {recursive: true, force: true, maxRetries: 5, retryDelay: 50}));
	return folder;
};

/** True while the process runs; a zombie that its parent has not waited for yet counts as gone. */
export const isRunning = isPidTaken;
