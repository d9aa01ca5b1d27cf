import {createWriteStream} from 'node:fs';

/** A log keeps this much of the beginning of an output, and this much of its end, bytes; a flood fills no disk. */
const HEAD_BYTES = 4 * 1024 * 1024;
const TAIL_BYTES = 256 * 1024;
/** Output reaches its log this much later, ms. */
const LOG_MS = 100;

export type LogFile = {write(bytes: Uint8Array): void; end(): void};

/** The last bytes of a stream, however long it is: pieces are dropped whole, so it costs nothing to go on. */
const createTail = (): {push(bytes: Uint8Array): void; read(): {readonly bytes: Buffer; readonly dropped: number}} => {
	let kept: Uint8Array[] = [];
	let size = 0;
	let total = 0;
	return {
		push: bytes => {
			kept.push(bytes);
			size += bytes.length;
			total += bytes.length;
			// Dropped in bulk: a shift for every piece of a flood would be a copy of the list each time.
			if (size < 4 * TAIL_BYTES) return;
			const last = Buffer.concat(kept).subarray(-TAIL_BYTES);
			kept = [Buffer.from(last)];
			size = last.length;
		},
		read: () => {
			const bytes = Buffer.concat(kept).subarray(-TAIL_BYTES);
			return {bytes, dropped: total - bytes.length};
		},
	};
};

/** Opens the log of one attempt: the beginning of its output as it comes, and the end of it once it has ended, with a line for what is between. */
export const openLog = (file: string): LogFile => {
	const stream = createWriteStream(file, {mode: 0o600});
	// A full disk costs the log, never the attempt.
	stream.on('error', () => {});
	const tail = createTail();
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
