import {randomUUID} from 'node:crypto';
import {
	existsSync,
	linkSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statfsSync,
	statSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {isOpenAnywhere} from './at-work.ts';
import {type Beacon, isDark, openBeacon} from './beacon.ts';
import {codeOf} from './error-code.ts';
import {mayBeAlive, ownIdentity, type PlacedProcess, startTimeOf} from './process-identity.ts';

/** The holder of a lock file; the nonce names this one holding, '' if it has none. */
export type Holder = PlacedProcess & {readonly nonce: string};

/** A file that says nothing of its holder: cut off by an earlier version, or somebody else's. */
const UNKNOWN: Holder = {pid: 0, startTime: '?', place: '?', boot: '?', nonce: ''};

/** Reads a lock file's holder; undefined without a file. */
export const readHolder = (file: string): Holder | undefined => {
	try {
		const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
		if (typeof value === 'object' && value && 'pid' in value && 'startTime' in value && 'place' in value) {
			const [boot, nonce] = ['boot' in value ? String(value.boot) : '', 'nonce' in value ? String(value.nonce) : ''];
			return {pid: Number(value.pid), startTime: String(value.startTime), place: String(value.place), boot, nonce};
		}
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return undefined;
	}
	return UNKNOWN;
};

/** A damaged file that nothing has touched for so long, and nobody has open, is no one's, ms. */
const QUIET_MS = 3000;

/** What names one state of a file: the next holder's is another. */
const stateOf = (file: string): string => {
	const found = statSync(file, {throwIfNoEntry: false});
	return found ? `${found.ino}-${Math.round(found.mtimeMs)}` : '';
};

/** ext, xfs, btrfs, f2fs, tmpfs, overlay. */
const OF_ONE_KERNEL: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x01021994, 0x794c7630]);

/** Whether a file's disk is mounted by one kernel at a time: a process that wrote there runs on this kernel or has ended. */
const isOnOwnDisk = (file: string): boolean => {
	try {
		return OF_ONE_KERNEL.has(statfsSync(dirname(file)).type);
	} catch {
		return false;
	}
};

/** Whether a lock's holder is known to be gone. A file without a holder is, in a folder of the room's own, once nobody writes it. */
const isGone = (file: string, holder: Holder, isOwnFolder: boolean): boolean => {
	if (holder.pid !== 0) return (holder.nonce !== '' || isOwnFolder) && !mayBeAlive(holder);
	const found = isOwnFolder ? statSync(file, {throwIfNoEntry: false}) : undefined;
	return found !== undefined && Date.now() - found.mtimeMs >= QUIET_MS && !isOpenAnywhere(file);
};

/** The beacon of one holding: it is there before the lock is, and as long. */
const beaconOf = (file: string, nonce: string): string => `${file}.live-${nonce}`;

/**
 * Tries once to take the lock; returns the release function, or the holder. `isOwnFolder`: nobody but the room's own programs writes beside
 * it, so that a damaged file may be replaced; elsewhere no one may guess and take it.
 *
 * The file appears whole and at most once (link fails on an existing name). A dead holder's file with nonce N is only changed by the holder
 * of `<file>.after-N`, itself such a lock: there is never a second taker, and a dead taker is replaced in the same way.
 */
export const tryLock = (file: string, isOwnFolder = false): {release: () => void} | {holder: Holder | undefined} => {
	const nonce = randomUUID();
	const own = `${file}.${process.pid}-${nonce}`;
	writeFileSync(own, JSON.stringify({...ownIdentity(), nonce}), {flag: 'wx', mode: 0o600});
	let beacon: Beacon | undefined;
	let isTaken = false;
	const release = (): void => {
		if (readHolder(file)?.nonce === nonce) unlinkSync(file);
		beacon?.close();
	};
	try {
		try {
			if (!existsSync(file)) {
				beacon = openBeacon(beaconOf(file, nonce));
				linkSync(own, file);
				isTaken = true;
				return {release};
			}
		} catch (error) {
			if (codeOf(error) !== 'EEXIST') throw error;
		}
		const state = stateOf(file);
		const holder = readHolder(file);
		if (!holder || !isGone(file, holder, isOwnFolder)) return {holder};
		const turn = tryLock(`${file}.after-${holder.nonce || state}`, isOwnFolder);
		if ('holder' in turn) return {holder};
		try {
			if (stateOf(file) !== state || readHolder(file)?.nonce !== holder.nonce) return {holder: readHolder(file)};
			beacon ??= openBeacon(beaconOf(file, nonce));
			renameSync(own, file);
			isTaken = true;
			rmSync(beaconOf(file, holder.nonce), {force: true});
			return {release};
		} finally {
			turn.release();
		}
	} finally {
		if (!isTaken) beacon?.close();
		rmSync(own, {force: true});
	}
};

/**
 * Takes a lock away whose holder was in another process namespace of this boot, as in a container that was killed; true if it did. From here nobody can
 * see such a process: the caller must know that none of those that take this lock lives there any more.
 */
export const freeFromElsewhere = (file: string): boolean => {
	const holder = readHolder(file);
	const {place, boot} = ownIdentity();
	if (!holder?.nonce || holder.place === place || boot === '' || holder.boot !== boot) return false;
	const turns = `${file}.after-${holder.nonce}`;
	freeFromElsewhere(turns);
	const turn = tryLock(turns);
	if ('holder' in turn) return false;
	try {
		const isSame = readHolder(file)?.nonce === holder.nonce;
		if (isSame) unlinkSync(file);
		return isSame;
	} finally {
		turn.release();
	}
};

/**
 * Frees a lock whose holder was in another process namespace and is surely gone, as in a container that was killed, or before this machine started
 * again: on a disk of this kernel's own its beacon is dark. True if it did. A holder without a beacon, or one that is stopped, keeps its lock.
 */
export const freeDeserted = async (file: string): Promise<boolean> => {
	const holder = readHolder(file);
	if (!holder?.nonce || holder.place === ownIdentity().place || !isOnOwnDisk(file)) return false;
	if (!(await isDark(beaconOf(file, holder.nonce)))) return false;
	const turns = `${file}.after-${holder.nonce}`;
	await freeDeserted(turns);
	const turn = tryLock(turns);
	if ('holder' in turn) return false;
	try {
		const isSame = readHolder(file)?.nonce === holder.nonce;
		if (isSame) unlinkSync(file);
		if (isSame) rmSync(beaconOf(file, holder.nonce), {force: true});
		return isSame;
	} finally {
		turn.release();
	}
};

/** Removes what killed processes left while taking the lock. */
export const sweepBeside = (file: string, isOwnFolder = false): void => {
	const prefix = `${basename(file)}.`;
	for (const name of readdirSync(dirname(file)).filter(found => found.startsWith(prefix))) {
		const left = join(dirname(file), name);
		const [held = '', beacon] = left.split('.live-');
		if (beacon !== undefined) {
			// Kept if it belongs to the current holder, also to that of a take-over's lock.
			if (readHolder(held)?.nonce !== beacon) rmSync(left, {force: true});
			continue;
		}
		if (name.startsWith(`${prefix}after-`)) {
			// A take-over's lock: taken over and released in order.
			const turn = tryLock(left, isOwnFolder);
			if ('release' in turn) turn.release();
			continue;
		}
		const isElsewhere = !['?', ownIdentity().place].includes(readHolder(left)?.place ?? '?');
		if (!isElsewhere && startTimeOf(Number(name.slice(prefix.length).split('-')[0])) === '') rmSync(left, {force: true});
	}
};

/** Whether a lock file of the room's own folder is left over: its holder is gone, or it names none. Takes it away if `removes`. */
export const isLeftLock = (file: string, removes: boolean): boolean => {
	const holder = readHolder(file);
	if (!holder || !isGone(file, holder, true)) return false;
	if (!removes) return true;
	const turn = tryLock(file, true);
	if ('release' in turn) turn.release();
	return 'release' in turn;
};

const PAUSE_MS = 20;
/** How often a waiting process looks whether a holder that it cannot see is gone, ms. */
const DESERTED_MS = 500;

/** `freeDeserted`, asked as often as one likes and done now and then. */
export const freeingDeserted = (file: string): (() => Promise<boolean>) => {
	let next = 0;
	return async () => {
		if (performance.now() < next) return false;
		next = performance.now() + DESERTED_MS;
		return freeDeserted(file);
	};
};

/**
 * Runs `work` while no other process of this machine does so with the same file, which lies in a folder of the room's own. Freed by the
 * holder's death, and by a kill at any step of taking it. Throws what `busy` makes of the holder after `timeoutMs`.
 */
export const withLock = async <T>(
	file: string,
	{timeoutMs, busy}: {readonly timeoutMs: number; readonly busy: (holder: Holder | undefined) => Error},
	work: () => Promise<T>,
): Promise<T> => {
	const free = freeingDeserted(file);
	for (const since = performance.now(); ; await delay(PAUSE_MS)) {
		const answer = tryLock(file, true);
		if ('release' in answer) {
			try {
				sweepBeside(file, true);
				return await work();
			} finally {
				answer.release();
			}
		}
		if (await free()) continue;
		if (performance.now() - since > timeoutMs) throw busy(answer.holder);
	}
};
