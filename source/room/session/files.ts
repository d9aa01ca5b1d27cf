import {constants, type FSWatcher, fstatSync, ftruncateSync, watch} from 'node:fs';
import {type FileHandle, open, readlink} from 'node:fs/promises';
import {basename, dirname, isAbsolute, join} from 'node:path';
import type {Logged} from '../../harnesses/shared/cli.ts';
import {parseObject, textField} from '../../harnesses/shared/fields.ts';
import type {LiveSession} from '../parts/attempt.ts';

/** Read at once, bytes. */
const CHUNK = 64 * 1024;
/** A file or its folder may appear only when the program starts, and a watch may be refused: retried after this, ms. */
const AGAIN_MS = 500;
/** Longer lines are skipped: signs of a state are short. */
const LONGEST_LINE = 1024 * 1024;

/** Ends the following; `drain` first reads what was appended until now. */
export type Following = (() => void) & {readonly drain: () => Promise<void>};

/** Most links on the way to a file. */
const MOST_LINKS = 40;

/**
 * The room's path of a file whose path the program told. Links on the way are read as the program sees them: in a sandbox, a link into the home
 * leads to the sandbox's home.
 */
export const seenFromOutside = async (path: string, outside: (path: string) => string): Promise<string> => {
	let done = '/';
	let links = 0;
	const ahead = path.split('/').filter(Boolean);
	for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
		const next = join(done, part);
		const target = await readlink(outside(next)).catch(() => undefined);
		if (target === undefined) done = next;
		else if (++links > MOST_LINKS) return outside(path);
		else {
			done = isAbsolute(target) ? '/' : done;
			ahead.unshift(...target.split('/').filter(Boolean));
		}
	}
	return outside(done);
};

/**
 * Opens a regular file; undefined for anything else. Non-blocking: an agent may have put a FIFO there, whose opening would wait for a writer and keep
 * one of the few threads that all files of the room are read and written by.
 */
const openRegular = async (path: string, access: number): Promise<FileHandle | undefined> => {
	const file = await open(path, access | constants.O_NONBLOCK).catch(() => undefined);
	if (!file) return undefined;
	if ((await file.stat()).isFile()) return file;
	await file.close();
	return undefined;
};

/**
 * Calls `onLine` for every line appended from now on; present contents belong to an earlier time, unless `isNew`. Opens regular files only, whatever
 * the path names; a truncated file continues at its new end. One that has been read to its end is emptied from `most` bytes on: only for a file of the
 * session's folder that its program appends to. Resolves with the unsubscribe function, or undefined if there is nothing to follow.
 */
export const followLines = async (
	path: string,
	onLine: (line: string) => void,
	isNew = false,
	most = Number.POSITIVE_INFINITY,
): Promise<Following | undefined> => {
	if (!isAbsolute(path)) return undefined;
	const file = await openRegular(path, most === Number.POSITIVE_INFINITY ? constants.O_RDONLY : constants.O_RDWR | constants.O_NOFOLLOW);
	if (!file) return undefined;
	let at = isNew ? 0 : (await file.stat()).size;
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
			if (at >= most && isEmptied(file, at)) at = 0;
		} while (isAsked && !isStopped);
	};
	let reading: Promise<void> = Promise.resolve();
	const requestTick = (): void => {
		isAsked = true;
		if (isReading || isStopped) return;
		isReading = true;
		reading = readOn()
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
	const stop = (): void => {
		if (isStopped) return;
		isStopped = true;
		watcher.close();
		if (!isReading) void file.close().catch(() => {});
	};
	const drain = async (): Promise<void> => {
		requestTick();
		await reading;
	};
	return Object.assign(stop, {drain});
};

/** Empties a file that has been read until here; false if more has come, or if it has another name: then it may be another's. */
const isEmptied = ({fd}: FileHandle, at: number): boolean => {
	const {size, nlink} = fstatSync(fd);
	if (size !== at || nlink !== 1) return false;
	ftruncateSync(fd);
	return true;
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

/** Cuts bytes into lines; keeps an unfinished one, and drops one that gets too long as it comes. */
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

/** Whether a line says that it was written before that time, epoch ms. */
const isBefore = (line: string, since: number): boolean => {
	const at = since > 0 ? Date.parse(textField(parseObject(line), 'timestamp') ?? '') : Number.NaN;
	return at < since;
};

/**
 * Follows the file in which a program keeps its session, as soon as its path is known: for what no hook reports. A new path (another session in the
 * same program) is followed from then on; `outside` maps it to the room's view. Lines from before `since` were copied from another session. Returns
 * the unsubscribe function.
 */
export const followTranscript = (session: LiveSession, outside: (path: string) => string = path => path, since = 0): Following => {
	const read = session.cli.readTranscript;
	// A headless program's stream has all of it, tokens included, which must not count twice.
	if (!read || session.mode === 'headless') return Object.assign(() => {}, {drain: async () => {}});
	let path = '';
	let missing = '';
	let isStopped = false;
	let stop: Following | undefined;
	let timer: NodeJS.Timeout | undefined;
	const look = async (): Promise<void> => {
		const wanted = session.now().transcript;
		if (wanted === path) return;
		path = wanted;
		stop?.();
		stop = undefined;
		clearTimeout(timer);
		const take = (line: string): void => {
			if (!isStopped && wanted === path && !isBefore(line, since)) session.take(read(line));
		};
		const started = await followLines(await seenFromOutside(wanted, outside), take, wanted === missing);
		if (isStopped || wanted !== path) started?.();
		else if (started) stop = started;
		// The path may be known before the file exists; then all that it says is of this session.
		else {
			path = '';
			missing = wanted;
			if (wanted !== '') timer = setTimeout(() => void look(), AGAIN_MS).unref();
		}
	};
	const unlisten = session.onChange(() => void look());
	void look();
	const end = (): void => {
		isStopped = true;
		clearTimeout(timer);
		unlisten();
		stop?.();
	};
	return Object.assign(end, {drain: async () => stop?.drain()});
};

/** What is read of such a file is thrown away from this size on, bytes: Gemini writes 150 KB for each reply. */
const MOST_LOG = 4 * 1024 * 1024;

/** Follows the files of the session's folder in which a program records what each reply used, and what failed. Returns the unsubscribe function. */
export const followLogs = (session: LiveSession, folder: string): Following => {
	const stops: Following[] = [];
	let isStopped = false;
	/** Guarantee: what a late line says of the state counts only while the very turn that it is about goes on. */
	const take = ({at, readings}: Logged): void => {
		if (isStopped || readings.length === 0) return;
		const {state, isRetrying, promptAt} = session.now();
		const isNow = (state === 'working' || isRetrying) && Date.now() - at < session.clock() - promptAt;
		session.take(isNow ? readings : readings.flatMap(({source, sign, usage}) => (usage ? [{source, sign, usage}] : [])));
	};
	const started = (session.cli.logs?.() ?? []).map(({name, read}) =>
		followLines(join(folder, name), line => take(read(line)), true, MOST_LOG).then(following => {
			if (isStopped) following?.();
			else if (following) stops.push(following);
		}),
	);
	const end = (): void => {
		isStopped = true;
		for (const stop of stops) stop();
	};
	return Object.assign(end, {
		drain: async () => {
			await Promise.all(started);
			await Promise.all(stops.map(({drain}) => drain()));
		},
	});
};

/** A state file is short; a longer file is none. */
const MOST_BYTES = 64 * 1024;

const textOf = async (path: string): Promise<string> => {
	const file = await openRegular(path, constants.O_RDONLY);
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
 * Watches the small file in which a program keeps its current state, by events of its folder. Equal contents count once, however often the file is
 * written. Returns the unsubscribe function.
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
				// A half-written file is read again at its next event.
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
