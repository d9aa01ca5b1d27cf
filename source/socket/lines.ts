/** Longest line either side accepts, bytes. */
export const LINE_LIMIT = 4 * 1024 * 1024;

/** What a chunk completes: whole lines without their newline, and what is left over; `isTooLong` once the rest passes the limit. */
export type Lines = {readonly lines: readonly string[]; readonly rest: readonly Buffer[]; readonly isTooLong: boolean};

const sizeOf = (chunks: readonly Buffer[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0);

/** Splits bytes into lines. `rest` is what the call before left over; it is joined only when a line is complete. */
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

/** Takes the first line only, and leaves the bytes behind it as they are: what follows an `attach` is frames. */
export const readFirstLine = (rest: readonly Buffer[], chunk: Buffer): {readonly line: string; readonly after: Buffer} | undefined => {
	const end = chunk.indexOf(10);
	if (end === -1) return undefined;
	return {line: Buffer.concat([...rest, chunk.subarray(0, end)]).toString('utf8'), after: chunk.subarray(end + 1)};
};
