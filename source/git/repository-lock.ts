import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {sweepBeside, tryLock} from './lock-file.ts';
import {oneLine} from './names.ts';
import {GitRefused} from './refused.ts';

/** A single holder that keeps the lock longer than this is refused to wait for, ms. */
const PATIENCE_MS = 300_000;
const LONGEST_PAUSE_MS = 25;

/** Who waits in this process: what somebody waits for first, in order, then what only tidies up. */
type Queue = {readonly first: (() => Promise<void>)[]; readonly later: (() => Promise<void>)[]};
const queues = new Map<string, Queue>();

/** One after another until nobody waits. What is added meanwhile takes its place in the order. */
const serve = async (commonDir: string, queue: Queue): Promise<void> => {
	for (let next = queue.first.shift() ?? queue.later.shift(); next; next = queue.first.shift() ?? queue.later.shift()) await next();
	queues.delete(commonDir);
};

/**
 * Runs `work` alone in the whole repository: across rooms, processes and calls (in order within this process; what `isTidying` comes after
 * all else, since nobody begins with it). For adding and removing work trees, creating and deleting branches, landing. The death of a
 * holder frees it. Never nest it.
 * @throws GitRefused `repository-busy` when one and the same holder keeps it for `patienceMs`.
 */
export const withRepositoryLock = <T>(
	commonDir: string,
	work: () => Promise<T>,
	{patienceMs = PATIENCE_MS, isTidying = false}: {readonly patienceMs?: number; readonly isTidying?: boolean} = {},
): Promise<T> =>
	new Promise((resolve, reject) => {
		const run = async (): Promise<void> => {
			try {
				const release = await acquire(join(commonDir, 'agent-room.lock'), patienceMs);
				try {
					resolve(await work());
				} finally {
					release();
				}
			} catch (error) {
				reject(error);
			}
		};
		const queue = queues.get(commonDir);
		const waits = queue ?? {first: [], later: []};
		(isTidying ? waits.later : waits.first).push(run);
		if (queue) return;
		queues.set(commonDir, waits);
		void serve(commonDir, waits);
	});

/** Once in a process is enough: others do not die often. */
const swept = new Set<string>();

const acquire = async (file: string, patienceMs: number): Promise<() => void> => {
	let holder = '';
	let since = performance.now();
	for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
		const answer = tryLock(file);
		if ('release' in answer) {
			if (!swept.has(file)) sweepBeside(file);
			swept.add(file);
			return answer.release;
		}
		const nonce = answer.holder?.nonce ?? '';
		// Patience counts for one holder: a lock that changes hands is a queue, not a hang.
		if (nonce !== holder) [holder, since] = [nonce, performance.now()];
		if (performance.now() - since > patienceMs) {
			throw new GitRefused(
				'repository-busy',
				`process ${answer.holder?.pid ?? 0} keeps \`${oneLine(file)}\``,
				'Wait for it, end it, or remove the file when it is certain that no room works on this repository.',
			);
		}
		await delay(pause);
	}
};
