import {constants, type FSWatcher, watch} from 'node:fs';
import {type FileHandle, open} from 'node:fs/promises';
import {isAbsolute} from 'node:path';

/** Read at once, bytes. */
const CHUNK = 64 * 1024;
/** A longer line is left out: what tells a state is short. */
const LONGEST_LINE = 1024 * 1024;

/**
 * Calls `onLine` with every line that is added to a file from now on: what is in it already belongs to an earlier time. Only regular
 * files are opened, whatever the path names; one that is cut off goes on at its new end. Resolves with the way to stop, or with
 * undefined where there is nothing to follow.
 */
export const followLines = async (path: string, onLine: (line: string) => void): Promise<(() => void) | undefined> => {
	if (!isAbsolute(path)) return undefined;
	// Without waiting: a FIFO would hold the open until somebody writes into it.
	const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
	if (!file) return undefined;
	const stat = await file.stat();
	if (!stat.isFile()) {
		await file.close();
		return undefined;
	}
	let at = stat.size;
	let isStopped = false;
	let isReading = false;
	let isAsked = false;
	const take = splitter(onLine);

	const readOn = async (): Promise<void> => {
		const buffer = Buffer.alloc(CHUNK);
		do {
			isAsked = false;
			at = Math.min(at, (await file.stat()).size);
			for (let read = await readAt(file, buffer, at); read > 0 && !isStopped; read = await readAt(file, buffer, at)) {
				at += read;
				take(buffer.subarray(0, read));
			}
		} while (isAsked && !isStopped);
	};
	const wake = (): void => {
		isAsked = true;
		if (isReading || isStopped) return;
		isReading = true;
		readOn()
			.catch(() => {})
			.finally(() => {
				isReading = false;
				if (isStopped) void file.close().catch(() => {});
				else if (isAsked) wake();
			});
	};
	const watcher = watching(path, wake);
	if (!watcher) {
		await file.close();
		return undefined;
	}
	wake();
	return () => {
		if (isStopped) return;
		isStopped = true;
		watcher.close();
		if (!isReading) void file.close().catch(() => {});
	};
};

const readAt = async (file: FileHandle, buffer: Buffer, at: number): Promise<number> =>
	(await file.read(buffer, 0, buffer.length, at)).bytesRead;

/** Undefined where the system watches no more files. */
const watching = (path: string, wake: () => void): FSWatcher | undefined => {
	try {
		return watch(path, {persistent: false}, wake).on('error', () => {});
	} catch {
		return undefined;
	}
};

/** Cuts bytes into lines; what has no end yet waits for it, and a line that gets too long is dropped as it comes. */
const splitter = (onLine: (line: string) => void): ((bytes: Buffer) => void) => {
	let held: Buffer[] = [];
	let size = 0;
	let isDropped = false;
	const hold = (bytes: Buffer): void => {
		size += bytes.length;
		isDropped ||= size > LONGEST_LINE;
		if (isDropped) held = [];
		else held.push(Buffer.from(bytes));
	};
	return bytes => {
		let start = 0;
		for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
			hold(bytes.subarray(start, end));
			start = end + 1;
			if (!isDropped && size > 0) onLine(Buffer.concat(held).toString('utf8'));
			held = [];
			size = 0;
			isDropped = false;
		}
		hold(bytes.subarray(start));
	};
};
