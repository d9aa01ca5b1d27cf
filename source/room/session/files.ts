import {constants, type FSWatcher, watch} from 'node:fs';
import {type FileHandle, open} from 'node:fs/promises';
import {basename, dirname, isAbsolute} from 'node:path';
import type {LiveSession} from '../parts/attempt.ts';

/** Read at once, bytes. */
const CHUNK = 64 * 1024;
/** A longer line is left out: what tells a state is short. */
const LONGEST_LINE = 1024 * 1024;

/**
 * Calls `onLine` with every line that is added to a file from now on: what is in it already belongs to an earlier time. Only regular files
 * are opened, whatever the path names; one that is cut off continues at its new end. Resolves with the way to stop, or with undefined if
 * there is nothing to follow.
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
	const requestTick = (): void => {
		isAsked = true;
		if (isReading || isStopped) return;
		isReading = true;
		readOn()
			.catch(() => {})
			.finally(() => {
				isReading = false;
				if (isStopped) void file.close().catch(() => {});
				else if (isAsked) requestTick();
			});
	};
	const watcher = watching(path, requestTick);
	if (!watcher) {
		await file.close();
		return undefined;
	}
	requestTick();
	return () => {
		if (isStopped) return;
		isStopped = true;
		watcher.close();
		if (!isReading) void file.close().catch(() => {});
	};
};

const readAt = async (file: FileHandle, buffer: Buffer, at: number): Promise<number> =>
	(await file.read(buffer, 0, buffer.length, at)).bytesRead;

/** Undefined if the system watches no more files. */
const watching = (path: string, requestTick: () => void): FSWatcher | undefined => {
	try {
		return watch(path, {persistent: false}, requestTick).on('error', () => {});
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

/**
 * Reads along in the file in which a program keeps its session, as soon as it has told which that is: for programs that write there what
 * no hook tells. A path that changes (a new session in the same program) is followed from then on; `outside`
 * says where it lies for the room. Returns the way to stop.
 */
export const followTranscript = (session: LiveSession, outside: (path: string) => string = path => path): (() => void) => {
	const read = session.cli.readTranscript;
	// Without a screen the stream tells all of it, tokens included, which are not to be counted twice.
	if (!read || session.mode === 'headless') return () => {};
	let path = '';
	let isStopped = false;
	let stop: (() => void) | undefined;
	const look = async (): Promise<void> => {
		const wanted = session.now().transcript;
		if (wanted === path) return;
		path = wanted;
		stop?.();
		stop = undefined;
		const started = await followLines(outside(wanted), line => {
			if (!isStopped && wanted === path) session.take(read(line));
		});
		if (isStopped || wanted !== path) started?.();
		else if (started) stop = started;
		// It may be told before it is made: the next change looks again.
		else path = '';
	};
	const unlisten = session.onChange(() => void look());
	void look();
	return () => {
		isStopped = true;
		unlisten();
		stop?.();
	};
};

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
	{
		pid,
		environment,
		outside = path => path,
	}: {
		readonly pid: number;
		readonly environment: Readonly<Record<string, string>>;
		readonly outside?: (path: string) => string;
	},
): (() => void) => {
	const {stateFile} = session.cli;
	if (!stateFile) return () => {};
	const path = outside(stateFile.path(environment, pid));
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
