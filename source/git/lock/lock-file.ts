import {randomUUID} from 'node:crypto';
import {linkSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {oneLine} from '../../core/text/quote.ts';
import {codeOf} from '../../os/error-code.ts';
import {mayBeAlive, ownIdentity, type PlacedProcess, startTimeOf} from '../../os/process-identity.ts';
import {GitRefused} from '../process/refused.ts';

/** The holder of a lock file; the nonce names this one holding. */
export type Holder = PlacedProcess & {readonly nonce: string};

/** Reads a lock file's holder; undefined without a file. */
export const readHolder = (file: string): Holder | undefined => {
	try {
		const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
		if (typeof value === 'object' && value && 'pid' in value && 'startTime' in value && 'place' in value && 'nonce' in value) {
			const boot = 'boot' in value ? String(value.boot) : '';
			return {pid: Number(value.pid), startTime: String(value.startTime), place: String(value.place), boot, nonce: String(value.nonce)};
		}
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return undefined;
	}
	// Our files appear whole (link), so this is damaged or foreign; no one may guess and take it.
	return {pid: 0, startTime: '?', place: '?', boot: '?', nonce: ''};
};

/**
 * Tries once to take the lock; returns the release function, or the holder.
 *
 * The file appears whole and at most once (link fails on an existing name). A dead holder's file with nonce N is only changed by the holder
 * of `<file>.after-N`, itself such a lock: there is never a second taker, and a dead taker is replaced in the same way.
 */
export const tryLock = (file: string): {release: () => void} | {holder: Holder | undefined} => {
	const nonce = randomUUID();
	const own = `${file}.${process.pid}-${nonce}`;
	writeFileSync(own, JSON.stringify({...ownIdentity(), nonce}), {flag: 'wx', mode: 0o600});
	const release = (): void => {
		if (readHolder(file)?.nonce === nonce) unlinkSync(file);
	};
	try {
		try {
			linkSync(own, file);
			return {release};
		} catch (error) {
			if (codeOf(error) !== 'EEXIST') throw error;
		}
		const holder = readHolder(file);
		if (!holder?.nonce || mayBeAlive(holder)) return {holder};
		const turn = tryLock(`${file}.after-${holder.nonce}`);
		if ('holder' in turn) return {holder};
		try {
			if (readHolder(file)?.nonce !== holder.nonce) return {holder: readHolder(file)};
			renameSync(own, file);
			return {release};
		} finally {
			turn.release();
		}
	} finally {
		rmSync(own, {force: true});
	}
};

/** Removes what killed processes left while taking the lock. */
const sweepBeside = (file: string): void => {
	const prefix = `${basename(file)}.`;
	for (const name of readdirSync(dirname(file)).filter(found => found.startsWith(prefix))) {
		const left = join(dirname(file), name);
		if (name.startsWith(`${prefix}after-`)) {
			// A take-over's lock: taken over and released in order.
			const turn = tryLock(left);
			if ('release' in turn) turn.release();
			continue;
		}
		const isElsewhere = !['?', ownIdentity().place].includes(readHolder(left)?.place ?? '?');
		if (!isElsewhere && startTimeOf(Number(name.slice(prefix.length).split('-')[0])) === '') rmSync(left, {force: true});
	}
};

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
 * For adding and removing worktrees, creating and deleting branches, merging. A holder's death frees it. Never nest it.
 * @throws GitRefused `repository-busy` if one holder keeps it for `patienceMs`.
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

/** Once per process: others rarely die. */
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
