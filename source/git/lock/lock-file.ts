import {randomUUID} from 'node:crypto';
import {linkSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {oneLine} from '../../core/text/quote.ts';
import {codeOf} from '../../os/error-code.ts';
import {mayBeAlive, ownIdentity, type PlacedProcess, startTimeOf} from '../../os/process-identity.ts';
import {GitRefused} from '../process/refused.ts';

/** Who holds a lock file; the nonce names this one holding, never another. */
export type Holder = PlacedProcess & {readonly nonce: string};

/** The holder written in a lock file; undefined when there is no file. */
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
	// Not written by us: files come into being whole (link), so this is damage or an external worker's; nobody may take it by guessing.
	return {pid: 0, startTime: '?', place: '?', boot: '?', nonce: ''};
};

/**
 * Tries once to take the lock: the way to release it, or the holder in the way.
 *
 * The file appears whole and at most once (link fails on an existing name). The file of a dead holder with nonce N changes only in
 * the hands of whoever holds `<file>.after-N`, itself such a lock: there is never a second taker, and a taker that dies is taken
 * over in the same way.
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

/** Removes what processes left next to a lock file that were killed while they took it. */
const sweepBeside = (file: string): void => {
	const prefix = `${basename(file)}.`;
	for (const name of readdirSync(dirname(file)).filter(found => found.startsWith(prefix))) {
		const left = join(dirname(file), name);
		if (name.startsWith(`${prefix}after-`)) {
			// A turn at a take-over: taken over in its order, and given back.
			const turn = tryLock(left);
			if ('release' in turn) turn.release();
			continue;
		}
		const isElsewhere = !['?', ownIdentity().place].includes(readHolder(left)?.place ?? '?');
		if (!isElsewhere && startTimeOf(Number(name.slice(prefix.length).split('-')[0])) === '') rmSync(left, {force: true});
	}
};

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
 * all else, since nobody starts with it). For adding and removing worktrees, creating and deleting branches, landing. The death of a holder
 * frees it. Never nest it. @throws GitRefused `repository-busy` when one and the same holder keeps it for `patienceMs`.
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
