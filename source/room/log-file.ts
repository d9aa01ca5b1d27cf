import {createWriteStream} from 'node:fs';
import {createTail} from './tail.ts';

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
	const tail = createTail(TAIL_BYTES);
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
			if (head.length < bytes.length) tail.push(bytes.subarray(head.length));
			if (head.length === 0) return;
			held.push(head);
			// Later and in one piece: what a key echoes is on the screen before the disk hears of it.
			timer ??= setTimeout(flush, LOG_MS);
		},
		end: () => {
			flush();
			const {bytes, dropped} = tail.read();
			if (dropped > 0) stream.write(`\u001b[0m\r\n[… ${dropped} bytes are left out here …]\r\n`);
			if (bytes.length > 0) stream.write(bytes);
			stream.end();
		},
	};
};
