import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {oneLine} from '../../core/text/quote.ts';
import {freeFromElsewhere, freeingDeserted, sweepBeside, tryLock} from '../../os/lock.ts';
import {GitRefused} from '../process/refused.ts';
import {currentGitWork, inThisGitWork} from '../process/work.ts';

/** Longest wait for one holder, ms. */
const PATIENCE_MS = 300_000;
const LONGEST_PAUSE_MS = 25;

/** This process's waiters: awaited work in order, then cleanup. */
type Queue = {readonly first: (() => Promise<void>)[]; readonly later: (() => Promise<void>)[]};
const queues = new Map<string, Queue>();

/** Runs the queue until it is empty, including later additions. */
const serve = async (commonDir: string, queue: Queue): Promise<void> => {
	for (let next = queue.first.shift() ?? queue.later.shift(); next; next = queue.first.shift() ?? queue.later.shift()) await next();
	queues.delete(commonDir);
};

/**
 * Runs `work` alone in the whole repository: across rooms, processes and calls (in order within this process; `isTidying` after all else).
 * For adding and removing worktrees, creating and deleting branches, merging. A holder's death frees it. Never nest it. Work of an attempt that
 * is ended while it waits never begins.
 * @throws GitRefused `repository-busy` if one holder keeps it for `patienceMs`, `ended` if the work that the call belongs to was.
 */
export const withRepositoryLock = <T>(
	commonDir: string,
	work: () => Promise<T>,
	{patienceMs = PATIENCE_MS, isTidying = false}: {readonly patienceMs?: number; readonly isTidying?: boolean} = {},
): Promise<T> =>
	new Promise((resolve, reject) => {
		const ended = currentGitWork()?.signal;
		const refuse = (): void => reject(new GitRefused('ended', 'the work that waited for the repository was ended'));
		ended?.addEventListener('abort', refuse, {once: true});
		const run = inThisGitWork(async (): Promise<void> => {
			try {
				const release = await acquire(lockOf(commonDir), patienceMs, ended);
				// From here on it is as at any kill: git ends first, and only then this call.
				ended?.removeEventListener('abort', refuse);
				try {
					resolve(await work());
				} finally {
					release();
				}
			} catch (error) {
				reject(error);
			}
		});
		const queue = queues.get(commonDir);
		const waits = queue ?? {first: [], later: []};
		(isTidying ? waits.later : waits.first).push(run);
		if (queue) return;
		queues.set(commonDir, waits);
		void serve(commonDir, waits);
	});

const lockOf = (commonDir: string): string => join(commonDir, 'agent-room.lock');

/** Frees a folder of the room's own from a holder in a container that is gone; true if it did. The caller holds what only one room of that folder can. */
export const freeRepositoryLock = (commonDir: string): boolean => freeFromElsewhere(lockOf(commonDir));

/** Once per process: others rarely die. */
const swept = new Set<string>();

const acquire = async (file: string, patienceMs: number, ended: AbortSignal | undefined): Promise<() => void> => {
	const free = freeingDeserted(file);
	let holder = '';
	let since = performance.now();
	for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
		if (ended?.aborted) throw new GitRefused('ended', 'the work that waited for the repository was ended');
		const answer = tryLock(file);
		if ('release' in answer) {
			if (!swept.has(file)) sweepBeside(file);
			swept.add(file);
			return answer.release;
		}
		if (await free()) continue;
		const nonce = answer.holder?.nonce ?? '';
		// The limit is per holder: a lock that changes hands is a queue, not a hang.
		if (nonce !== holder) [holder, since] = [nonce, performance.now()];
		if (performance.now() - since > patienceMs) {
			throw new GitRefused(
				'repository-busy',
				`process ${answer.holder?.pid ?? 0} holds \`${oneLine(file)}\``,
				'Wait for it or end it. Remove the file only if no room works on this repository.',
			);
		}
		await delay(pause);
	}
};
