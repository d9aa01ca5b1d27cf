import {closeSync, createWriteStream, existsSync, fstatSync, openSync, readdirSync, readSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {createHeadlessScreen} from '../../terminal/screen/screen.ts';

/** The last bytes of a stream, however long it is. `dropped`: how many came before them. */
type Tail = {push(bytes: Uint8Array): void; read(): {readonly bytes: Buffer; readonly dropped: number}};

/** Keeps the last `most` bytes; going on for a gigabyte costs no more than the bytes that come. */
const createLastBytes = (most: number): Tail => {
	let kept: Uint8Array[] = [];
	let size = 0;
	let total = 0;
	return {
		push: bytes => {
			kept.push(bytes);
			size += bytes.length;
			total += bytes.length;
			// Dropped in bulk: a shift for every piece of a flood would be a copy of the list each time.
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

/** More than this within a window is a flood: nobody reads it as it comes, bytes and ms. */
const FLOOD_BYTES = 1024 * 1024;
const WINDOW_MS = 250;
/** Of a flood so much is shown: more than the lines above a screen hold. */
const SHOWN_BYTES = 192 * 1024;

export type FloodGate = {
	/** Takes output; what is to be shown is given on at once, or a window later. */
	take(bytes: Uint8Array): void;
	/** Gives on what is still held: the output has ended. */
	flush(): void;
};

/**
 * Passes plain output on to a screen, of a flood only the end of each window, with a line that says how much was left out: a screen keeps no
 * more of it, and drawing all of a gigabyte would cost the room half a minute of its processor.
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
		// From the beginning of a line on: half a line, or half an escape sequence, is worse than none.
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

/** A log keeps this much of the beginning of an output, and this much of its end, bytes; a flood fills no disk. */
const HEAD_BYTES = 4 * 1024 * 1024;
const TAIL_BYTES = 256 * 1024;
/** Output reaches its log this much later, ms. */
const LOG_MS = 100;

export type LogFile = {write(bytes: Uint8Array): void; end(): void};

/** Opens the log of one attempt: the beginning of its output as it comes, and the end of it once it has ended, with a line for what is between. */
export const openLog = (file: string): LogFile => {
	const stream = createWriteStream(file, {mode: 0o600});
	// A full disk costs the log, never the attempt.
	stream.on('error', () => {});
	const lastBytes = createLastBytes(TAIL_BYTES);
	let written = 0;
	let held: Uint8Array[] = [];
	let timer: NodeJS.Timeout | undefined;
	const flush = (): void => {
		clearTimeout(timer);
		timer = undefined;
		if (held.length > 0) stream.write(Buffer.concat(held));
		held = [];
	};
	return {
		write: bytes => {
			const head = bytes.subarray(0, Math.max(0, HEAD_BYTES - written));
			written += bytes.length;
			if (head.length < bytes.length) lastBytes.push(bytes.subarray(head.length));
			if (head.length === 0) return;
			held.push(head);
			// Later and in one piece: what a key echoes is on the screen before the disk hears of it.
			timer ??= setTimeout(flush, LOG_MS);
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

/** Of a long log the end is enough for a person, bytes; the file has the rest. */
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

/** The last lines that a log ends with, as they stood on the screen. */
export const logLines = (file: string, lines: number): readonly string[] => {
	const screen = createHeadlessScreen({columns: 160, rows: 45, scrollback: LINES});
	screen.write(endOf(file));
	const last = screen.tail(lines);
	screen.dispose();
	return last;
};

/**
 * What the newest attempt of a task that nobody works on now had on its screen, as clean lines, and the file of its whole output.
 * Undefined where there is no log of it. The bytes are read by a headless screen, as they were when the attempt ran.
 */
export const lastLog = (stateFolder: string, task: string): {readonly lines: readonly string[]; readonly file: string} | undefined => {
	const folder = join(stateFolder, 'logs');
	if (!existsSync(folder)) return undefined;
	const newest = readdirSync(folder)
		.filter(name => name.startsWith(`${task}-`) && /^[a-z]+-\d+\.log$/.test(name.slice(task.length + 1)))
		.map(name => join(folder, name))
		.map(file => ({file, at: statSync(file).mtimeMs}))
		.toSorted((a, b) => b.at - a.at)[0];
	if (!newest) return undefined;
	return {lines: logLines(newest.file, LINES), file: newest.file};
};
