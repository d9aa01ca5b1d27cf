import {type FSWatcher, watch} from 'node:fs';
import {open} from 'node:fs/promises';
import {basename, dirname} from 'node:path';
import type {LiveSession} from './live-session.ts';

/** The folder of the file may be made only when the program starts, and a watch may be refused: it is looked for again after this, ms. */
const AGAIN_MS = 500;
/** Such a file says some words; one that is longer is none. */
const MOST_BYTES = 64 * 1024;

const textOf = async (path: string): Promise<string> => {
	const file = await open(path, 'r').catch(() => undefined);
	if (!file) return '';
	try {
		const {bytesRead, buffer} = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
		return bytesRead < MOST_BYTES ? buffer.toString('utf8', 0, bytesRead) : '';
	} catch {
		return '';
	} finally {
		await file.close().catch(() => undefined);
	}
};

/**
 * Watches the small file in which a program keeps what it does at every moment, by events of its folder. A text is taken in once, however often
 * the file is written. Returns the way to stop.
 */
export const followStateFile = (
	session: LiveSession,
	{pid, environment}: {readonly pid: number; readonly environment: Readonly<Record<string, string>>},
): (() => void) => {
	const {stateFile} = session.cli;
	if (!stateFile) return () => {};
	const path = stateFile.path(environment, pid);
	let watcher: FSWatcher | undefined;
	let timer: NodeJS.Timeout | undefined;
	let isStopped = false;
	let isReading = false;
	let isAgain = false;
	let last = '';

	const read = async (): Promise<void> => {
		isAgain = true;
		if (isReading) return;
		isReading = true;
		while (isAgain && !isStopped) {
			isAgain = false;
			const text = await textOf(path);
			if (text === '' || text === last || isStopped) continue;
			last = text;
			try {
				session.take(stateFile.read(text));
			} catch {
				// What is half written is read again with its next event.
			}
		}
		isReading = false;
	};
	const begin = (): void => {
		if (isStopped) return;
		watcher?.close();
		watcher = undefined;
		try {
			watcher = watch(dirname(path), (_, name) => {
				if (name === null || name === basename(path)) void read();
			});
			watcher.on('error', () => later());
			watcher.unref();
		} catch {
			later();
		}
		void read();
	};
	const later = (): void => {
		clearTimeout(timer);
		timer = setTimeout(begin, AGAIN_MS).unref();
	};
	begin();
	return () => {
		isStopped = true;
		clearTimeout(timer);
		watcher?.close();
	};
};
