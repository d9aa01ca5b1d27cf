import {existsSync, type FSWatcher, watch} from 'node:fs';
import {dirname, join} from 'node:path';
import {git} from '../process/run.ts';
import {readRef} from './refs.ts';
import type {Repository} from './repository.ts';

export type BaseWatch = {readonly close: () => void};

/** File events are only hints; reading the ref at this interval decides, ms. Costs 0.1 ms. */
const LOOK_MS = 2000;

/**
 * Calls back with the new commit each time a ref moves (also backwards), by anyone; never twice in a row for one commit. Short-lived
 * positions may be skipped. Does not keep the process alive.
 */
export const watchRef = ({root, commonDir}: Repository, ref: string, listener: (head: string) => void): BaseWatch => {
	let isClosed = false;
	let isReading = false;
	let isAgain = false;
	const first = read(root, commonDir, ref);
	let last: string | undefined;
	const look = async (): Promise<void> => {
		if (isReading) {
			isAgain = true;
			return;
		}
		isReading = true;
		do {
			isAgain = false;
			last ??= await first;
			const head = await read(root, commonDir, ref);
			if (isClosed || head === '' || head === last) continue;
			last = head;
			listener(head);
		} while (isAgain && !isClosed);
		isReading = false;
	};
	// Creates nothing in the user's repository. A ref without a folder is packed, or found by the timer.
	const folders = [dirname(join(commonDir, ref)), commonDir].filter(folder => existsSync(folder));
	const watchers = folders.flatMap(folder => watchFolder(folder, () => void look()));
	const timer = setInterval(() => void look(), LOOK_MS);
	timer.unref();
	return {
		close: () => {
			isClosed = true;
			clearInterval(timer);
			for (const watcher of watchers) watcher.close();
		},
	};
};

/** '' while the ref cannot be read. */
const read = async (root: string, commonDir: string, ref: string): Promise<string> => {
	const head = readRef(commonDir, ref);
	if (head) return head;
	const {stdout} = await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', ref], {accept: [1, 128]}).catch(() => ({
		stdout: '',
	}));
	return stdout.trim();
};

/** Watches folders, since a rename replaces a ref file. If watching fails, the timer decides. */
const watchFolder = (folder: string, look: () => void): readonly FSWatcher[] => {
	try {
		const watcher = watch(folder, {persistent: false}, look);
		watcher.on('error', () => watcher.close());
		return [watcher];
	} catch {
		return [];
	}
};
