/** Longest line either side accepts, bytes. */
export const LINE_LIMIT = 4 * 1024 * 1024;

/** Complete lines without newline, and the rest; `isTooLong` once the rest exceeds the limit. */
export type Lines = {readonly lines: readonly string[]; readonly rest: readonly Buffer[]; readonly isTooLong: boolean};

const sizeOf = (chunks: readonly Buffer[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0);

/** Splits bytes into lines. `rest` comes from the previous call and is only joined when a line completes. */
export const readLines = (rest: readonly Buffer[], chunk: Buffer, limit = LINE_LIMIT): Lines => {
	const end = chunk.lastIndexOf(10);
	if (end === -1) {
		const grown = [...rest, chunk];
		return {lines: [], rest: grown, isTooLong: sizeOf(grown) > limit};
	}
	const lines = Buffer.concat([...rest, chunk.subarray(0, end)])
		.toString('utf8')
		.split('\n');
	const left = chunk.subarray(end + 1);
	return {lines, rest: left.length > 0 ? [left] : [], isTooLong: lines.some(line => line.length > limit) || left.length > limit};
};

/** Takes only the first line and keeps the bytes after it: an `attach` is followed by frames. */
export const readFirstLine = (rest: readonly Buffer[], chunk: Buffer): {readonly line: string; readonly after: Buffer} | undefined => {
	const end = chunk.indexOf(10);
	if (end === -1) return undefined;
	return {line: Buffer.concat([...rest, chunk.subarray(0, end)]).toString('utf8'), after: chunk.subarray(end + 1)};
};

/**
 * After the `attach` handshake both sides send frames: one byte kind, four bytes payload length (big endian), payload. Data is terminal
 * bytes, a resize two bytes each for columns and rows, control a small JSON value.
 */
export type Frame =
	| {readonly kind: 'data'; readonly bytes: Buffer}
	| {readonly kind: 'resize'; readonly columns: number; readonly rows: number}
	| {readonly kind: 'control'; readonly value: unknown};

const DATA = 0x64;
const RESIZE = 0x72;
const CONTROL = 0x63;
const HEADER = 5;

/** Longest payload. Longer data is split, a longer control message refused. */
export const FRAME_LIMIT = 1024 * 1024;

const header = (kind: number, length: number): Buffer => {
	const bytes = Buffer.alloc(HEADER);
	bytes.writeUInt8(kind, 0);
	bytes.writeUInt32BE(length, 1);
	return bytes;
};

/** Encodes terminal bytes as one or more frames; none for no bytes. */
export const encodeData = (data: Uint8Array | string): Buffer => {
	const bytes = Buffer.from(data);
	const parts: Buffer[] = [];
	for (let at = 0; at < bytes.length; at += FRAME_LIMIT) {
		const part = bytes.subarray(at, at + FRAME_LIMIT);
		parts.push(header(DATA, part.length), part);
	}
	return Buffer.concat(parts);
};

export const encodeResize = (columns: number, rows: number): Buffer => {
	const size = Buffer.alloc(4);
	size.writeUInt16BE(Math.max(1, Math.min(65_535, columns)), 0);
	size.writeUInt16BE(Math.max(1, Math.min(65_535, rows)), 2);
	return Buffer.concat([header(RESIZE, size.length), size]);
};

export const encodeControl = (value: unknown): Buffer => {
	const json = Buffer.from(JSON.stringify(value));
	if (json.length > FRAME_LIMIT) throw new RangeError(`A control message of ${json.length} bytes is too long.`);
	return Buffer.concat([header(CONTROL, json.length), json]);
};

/** `isBroken`: the peer does not speak frames; the rest is meaningless. */
export type Frames = {readonly frames: readonly Frame[]; readonly rest: Buffer; readonly isBroken: boolean};

const readFrame = (kind: number, payload: Buffer): Frame | undefined => {
	if (kind === DATA) return {kind: 'data', bytes: payload};
	if (kind === RESIZE && payload.length === 4) return {kind: 'resize', columns: payload.readUInt16BE(0), rows: payload.readUInt16BE(2)};
	if (kind !== CONTROL) return undefined;
	try {
		return {kind: 'control', value: JSON.parse(payload.toString('utf8'))};
	} catch {
		return undefined;
	}
};

/** Frames that `chunk` completes, and the rest for the next call, at most one frame. */
export const readFrames = (rest: Buffer, chunk: Buffer): Frames => {
	const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
	const frames: Frame[] = [];
	let at = 0;
	while (bytes.length - at >= HEADER) {
		const length = bytes.readUInt32BE(at + 1);
		if (length > FRAME_LIMIT) return {frames, rest: Buffer.alloc(0), isBroken: true};
		const end = at + HEADER + length;
		if (end > bytes.length) break;
		const frame = readFrame(bytes.readUInt8(at), bytes.subarray(at + HEADER, end));
		if (!frame) return {frames, rest: Buffer.alloc(0), isBroken: true};
		frames.push(frame);
		at = end;
	}
	return {frames, rest: Buffer.from(bytes.subarray(at)), isBroken: false};
};
