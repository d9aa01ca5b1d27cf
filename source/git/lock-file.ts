import {randomUUID} from 'node:crypto';
import {linkSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {mayBeAlive, ownIdentity, type ProcessIdentity, startOf} from './process-identity.ts';

/** Who holds a lock file; the nonce names this one holding, never another. */
export type Holder = ProcessIdentity & {readonly nonce: string};

const isCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;

/** The holder written in a lock file; undefined when there is no file. */
export const readHolder = (file: string): Holder | undefined => {
	try {
		const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
		if (typeof value === 'object' && value && 'pid' in value && 'startedAt' in value && 'place' in value && 'nonce' in value) {
			return {pid: Number(value.pid), startedAt: String(value.startedAt), place: String(value.place), nonce: String(value.nonce)};
		}
	} catch (error) {
		if (isCode(error, 'ENOENT')) return undefined;
	}
	// Not written by us: files come into being whole (link), so this is damage or an outsider's; nobody may take it by guessing.
	return {pid: 0, startedAt: '?', place: '?', nonce: ''};
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
			if (!isCode(error, 'EEXIST')) throw error;
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

/** Removes what processes left beside a lock file that were killed while they took it. */
export const sweepBeside = (file: string): void => {
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
		if (!isElsewhere && startOf(Number(name.slice(prefix.length).split('-')[0])) === '') rmSync(left, {force: true});
	}
};
