import {closeSync, createWriteStream, existsSync, fstatSync, openSync, readdirSync, readSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {createHeadlessScreen} from '../../terminal/screen/screen.ts';

/** The last bytes of a stream of any length. `dropped`: how many came before them. */
type Tail = {push(bytes: Uint8Array): void; read(): {readonly bytes: Buffer; readonly dropped: number}};

/** Keeps the last `most` bytes; the cost grows only with new bytes, even after a gigabyte. */
const createLastBytes = (most: number): Tail => {
	let kept: Uint8Array[] = [];
	let size = 0;
	let total = 0;
	return {
		push: bytes => {
			kept.push(bytes);
			size += bytes.length;
			total += bytes.length;
			// Dropped in bulk: a shift for every piece of a flood would copy the list each time.
			if (size < 4 * most) return;
			const last = Buffer.concat(kept).subarray(-most);
			kept = [Buffer.from(last)];
			size = last.length;
		},
		read: () => {
			const bytes = Buffer.concat(kept).subarray(-most);
			return {bytes, dropped: total - bytes.length};
		},
	};
};

/** More than this within a window is a flood, which no one can read as it comes, bytes and ms. */
const FLOOD_BYTES = 1024 * 1024;
const WINDOW_MS = 250;
/** How much of a flood is shown: more than a screen and its scrollback hold. */
const SHOWN_BYTES = 192 * 1024;

export type FloodGate = {
	/** Takes output; shows it at once, or a window later. */
	take(bytes: Uint8Array): void;
	/** The output has ended: shows the rest. */
	flush(): void;
};

/**
 * Passes plain output to a screen; of a flood only the end of each window, with a line for what was left out. A screen keeps no more of it, and
 * drawing a gigabyte would cost the room half a minute of CPU time.
 */
export const createFloodGate = (show: (bytes: Uint8Array) => void): FloodGate => {
	let beganAt = 0;
	let bytesInWindow = 0;
	let held: Tail | undefined;
	let timer: NodeJS.Timeout | undefined;
	const flush = (): void => {
		clearTimeout(timer);
		timer = undefined;
		beganAt = performance.now();
		bytesInWindow = 0;
		if (!held) return;
		const {bytes, dropped} = held.read();
		held = undefined;
		if (dropped === 0) {
			show(bytes);
			return;
		}
		// Starts at a whole line: half a line, or half an escape sequence, is worse than none.
		const line = bytes.indexOf(0x0a);
		show(Buffer.from(`\r\n\u001b[0m[… ${dropped + line + 1} bytes left out …]\r\n`));
		show(bytes.subarray(line + 1));
	};
	return {
		take: bytes => {
			if (performance.now() - beganAt > WINDOW_MS) flush();
			bytesInWindow += bytes.length;
			if (bytesInWindow <= FLOOD_BYTES) {
				show(bytes);
				return;
			}
			held ??= createLastBytes(SHOWN_BYTES);
			held.push(bytes);
			timer ??= setTimeout(flush, WINDOW_MS);
		},
		flush,
	};
};

/** A log keeps this much of an output's start and end, bytes; a flood fills no disk. */
const HEAD_BYTES = 4 * 1024 * 1024;
const TAIL_BYTES = 256 * 1024;
/** Output reaches its log at most this much later, ms, or as soon as so much has come, bytes. */
const LOG_MS = 1000;
const LOG_BYTES = 64 * 1024;

export type LogFile = {write(bytes: Uint8Array): void; end(): void};

/** All logs are written at the same moments: each write wakes a thread, and that one the room. */
const waiting = new Set<() => void>();
let logTimer: NodeJS.Timeout | undefined;
const flushLogs = (): void => {
	for (const flush of [...waiting]) flush();
};

/** Opens the log of one attempt: the start of its output as it comes, the last part once it has ended, with a line for what is left out. */
export const openLog = (file: string): LogFile => {
	const stream = createWriteStream(file, {mode: 0o600});
	// A full disk loses the log, never the attempt.
	stream.on('error', () => {});
	const lastBytes = createLastBytes(TAIL_BYTES);
	let written = 0;
	let held: Uint8Array[] = [];
	let heldBytes = 0;
	const flush = (): void => {
		waiting.delete(flush);
		if (waiting.size === 0) {
			clearTimeout(logTimer);
			logTimer = undefined;
		}
		if (held.length > 0) stream.write(Buffer.concat(held));
		held = [];
		heldBytes = 0;
	};
	return {
		write: bytes => {
			const head = bytes.subarray(0, Math.max(0, HEAD_BYTES - written));
			written += bytes.length;
			if (head.length < bytes.length) lastBytes.push(bytes.subarray(head.length));
			if (head.length === 0) return;
			held.push(head);
			heldBytes += head.length;
			if (heldBytes >= LOG_BYTES) {
				flush();
				return;
			}
			// Later and in one piece: a key's echo must reach the screen before the disk is busy.
			waiting.add(flush);
			logTimer ??= setTimeout(flushLogs, LOG_MS);
		},
		end: () => {
			flush();
			const {bytes, dropped} = lastBytes.read();
			if (dropped > 0) stream.write(`\u001b[0m\r\n[… ${dropped} bytes left out …]\r\n`);
			if (bytes.length > 0) stream.write(bytes);
			stream.end();
		},
	};
};

/** The end of a long log is enough for a human, bytes; the file has the rest. */
const END_BYTES = 256 * 1024;
const LINES = 1000;

const endOf = (file: string): Uint8Array => {
	const handle = openSync(file, 'r');
	try {
		const {size} = fstatSync(handle);
		const bytes = Buffer.alloc(Math.min(size, END_BYTES));
		return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, size - bytes.length));
	} finally {
		closeSync(handle);
	}
};

/** The last lines of a log, as they were on the screen. */
export const logLines = (file: string, lines: number): readonly string[] => {
	const screen = createHeadlessScreen({columns: 160, rows: 45, scrollback: LINES});
	screen.write(endOf(file));
	const last = screen.tail(lines);
	screen.dispose();
	return last;
};

/** The name under which logs of the full tests of the base branch are found: `base-tests-<n>.log`. */
export const FULL_TESTS_LOG = 'base';

/** A log of a task: the file, and its name without the task's, such as `review-7`. */
export type TaskLog = {readonly name: string; readonly file: string; readonly at: number};

/** All logs of a task, oldest first. */
export const logsOf = (stateFolder: string, task: string): readonly TaskLog[] => {
	const folder = join(stateFolder, 'logs');
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.flatMap(file => {
			const name = file.startsWith(`${task}-`) ? /^([a-z]+-\d+)\.log$/.exec(file.slice(task.length + 1))?.[1] : undefined;
			const at = name && statSync(join(folder, file), {throwIfNoEntry: false})?.mtimeMs;
			return name && at !== undefined && at !== '' ? [{name, file: join(folder, file), at}] : [];
		})
		.toSorted((a, b) => a.at - b.at);
};

/** The newest log of this name, or of this stage (`review`); of any with ''. */
export const namedLog = (logs: readonly TaskLog[], name: string): TaskLog | undefined =>
	logs.findLast(log => name === '' || log.name === name || log.name.startsWith(`${name}-`));

/** The whole of a log that a person reads: its last screen as clean lines, as they were during the attempt. */
export const wholeLog = ({file}: Pick<TaskLog, 'file'>): readonly string[] => logLines(file, LINES);
