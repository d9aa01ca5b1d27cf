import {closeSync, openSync, readFileSync, renameSync, rmSync, writeSync} from 'node:fs';
import {codeOf} from './error-code.ts';
import {mayBeAlive, ownIdentity, type PlacedProcess} from './process-identity.ts';

const tryTake = (file: string): boolean => {
	try {
		const handle = openSync(file, 'wx', 0o600);
		writeSync(handle, JSON.stringify(ownIdentity()));
		closeSync(handle);
		return true;
	} catch (error) {
		if (codeOf(error) === 'EEXIST') return false;
		throw error;
	}
};

/** The holder; undefined if not written yet. */
const holderOf = (file: string): PlacedProcess | undefined => {
	try {
		const {pid, startTime, place, boot}: Partial<PlacedProcess> = JSON.parse(readFileSync(file, 'utf8'));
		return pid === undefined || startTime === undefined || place === undefined || boot === undefined
			? undefined
			: {pid, startTime, place, boot};
	} catch (error) {
		if (error instanceof SyntaxError || codeOf(error) === 'ENOENT') return undefined;
		throw error;
	}
};

/** Removes the lock of an ended process. The rename decides among concurrent callers. */
const breakStale = (file: string): void => {
	const holder = holderOf(file);
	if (!holder || mayBeAlive(holder)) return;
	try {
		renameSync(file, `${file}.${process.pid}`);
		rmSync(`${file}.${process.pid}`, {force: true});
	} catch (error) {
		if (codeOf(error) !== 'ENOENT') throw error;
	}
};

/**
 * Runs `work` under a machine-wide lock on this file: two servers started for one folder would write the same AOF. Throws after
 * `timeoutMs`.
 */
export const withStartLock = async <Result>(file: string, timeoutMs: number, work: () => Promise<Result>): Promise<Result> => {
	const deadline = performance.now() + timeoutMs;
	while (!tryTake(file)) {
		breakStale(file);
		if (performance.now() > deadline)
			throw new Error(`Another process has been starting Redis for ${timeoutMs / 1000} s. If none is running, remove \`${file}\`.`);
		await new Promise(resolve => setTimeout(resolve, 20));
	}
	try {
		return await work();
	} finally {
		rmSync(file, {force: true});
	}
};
