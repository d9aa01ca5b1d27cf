import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {bootId} from './proc.ts';
import {startTimeOf} from './process-identity.ts';

/** Names one process for all time, next to its pid. */
const markOf = (startTime: string): string => createHash('sha256').update(`${startTime} ${bootId()}`).digest('hex').slice(0, 8);

/** What the name of an unfinished folder of this process ends with. */
export const halfName = (): string => `${process.pid}-${markOf(startTimeOf(process.pid))}-`;

/** Unfinished folders of processes that are gone: `<prefix><pid>-<mark>-...`, or without a mark. */
export const leftHalves = (folder: string, prefix: string): readonly string[] => {
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.filter(name => {
			const [pid = '', mark = '', rest] = name.startsWith(prefix) ? name.slice(prefix.length).split('-') : [];
			if (!/^\d+$/.test(pid)) return false;
			const startTime = startTimeOf(Number(pid));
			return startTime === '' || (rest !== undefined && /^[0-9a-f]{8}$/.test(mark) && mark !== markOf(startTime));
		})
		.map(name => join(folder, name));
};

/** Removes them. */
export const removeHalves = (folder: string, prefix: string): void => {
	for (const left of leftHalves(folder, prefix)) rmSync(left, {recursive: true, force: true});
};

export const HALF = '.half-';

/**
 * Makes a folder that appears under its name only when `fill` has completed it: a kill at any step leaves nothing that passes for it, and
 * what it leaves is removed by the next. Of several at once one is taken. One in its place that is not whole (`isWhole`) is put aside as
 * `<folder>.broken-<time>`.
 */
export const makeWhole = async (folder: string, isWhole: () => boolean, fill: (half: string) => Promise<void> | void): Promise<void> => {
	if (isWhole()) return;
	mkdirSync(dirname(folder), {recursive: true, mode: 0o700});
	removeHalves(dirname(folder), `${basename(folder)}${HALF}`);
	const half = mkdtempSync(`${folder}${HALF}${halfName()}`);
	try {
		await fill(half);
		if (existsSync(folder) && !isWhole()) renameSync(folder, `${folder}.broken-${Date.now()}`);
		renameSync(half, folder);
	} catch (error) {
		rmSync(half, {recursive: true, force: true});
		// Another process was first; its folder is as good.
		if (!isWhole()) throw error;
	}
};
