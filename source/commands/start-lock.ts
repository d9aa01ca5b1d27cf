import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {tryLock} from '../git/lock-file.ts';
import {CommandError} from './command-error.ts';

const PATIENCE_MS = 60_000;
const PAUSE_MS = 20;

/**
 * Runs `work` while nobody else starts or ends a room or an embedded Redis of this state folder. So two rooms never start side by
 * side, and a command that borrows Redis for a moment never stops the one of a room that just came up. Freed by the holder's death.
 */
export const withStartLock = async <T>(stateFolder: string, work: () => Promise<T>): Promise<T> => {
	const file = join(stateFolder, 'start.lock');
	const since = performance.now();
	for (;;) {
		const answer = tryLock(file);
		if ('release' in answer) {
			try {
				return await work();
			} finally {
				answer.release();
			}
		}
		if (performance.now() - since > PATIENCE_MS) {
			const pid = answer.holder?.pid ?? 0;
			throw new CommandError('busy', `Process ${pid} has been starting a room here for a minute.`, `See what it does: ps -p ${pid}`);
		}
		await delay(PAUSE_MS);
	}
};
