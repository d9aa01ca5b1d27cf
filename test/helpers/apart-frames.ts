import {readSync, writeSync} from 'node:fs';

export type ApartOrder = {
	readonly file: string;
	readonly args: readonly string[];
	readonly cwd: string | undefined;
	readonly env: NodeJS.ProcessEnv;
	/** Longer than this it is killed, ms. */
	readonly timeoutMs: number | undefined;
};

/** `outLength`: so much of the body is stdout, the rest stderr. */
export type ApartAnswer = {
	readonly status: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly error: string | undefined;
	readonly outLength: number;
};

export type Frame = {readonly head: string; readonly body: Buffer};

const PREFIX = 8;

/** So many bytes of a pipe, fewer only at its end. */
const readBytes = (fd: number, length: number): Buffer => {
	const bytes = Buffer.alloc(length);
	let at = 0;
	while (at < length) {
		const read = readSync(fd, bytes, at, length - at, null);
		if (read === 0) break;
		at += read;
	}
	return bytes.subarray(0, at);
};

/** The next frame, undefined where the other side has gone. */
export const readFrame = (fd: number): Frame | undefined => {
	const prefix = readBytes(fd, PREFIX);
	if (prefix.length < PREFIX) return undefined;
	const [head, body] = [prefix.readUInt32LE(0), prefix.readUInt32LE(4)];
	const bytes = readBytes(fd, head + body);
	return bytes.length < head + body ? undefined : {head: bytes.toString('utf8', 0, head), body: bytes.subarray(head)};
};

export const writeFrame = (fd: number, head: string, body: Uint8Array): void => {
	const text = Buffer.from(head);
	const prefix = Buffer.alloc(PREFIX);
	prefix.writeUInt32LE(text.length, 0);
	prefix.writeUInt32LE(body.length, 4);
	const bytes = Buffer.concat([prefix, text, body]);
	for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
};
