/** Longest line of a stream that is read, bytes; what is longer is left out, with its beginning told. */
const LONGEST = 4 * 1024 * 1024;

export type StreamLines = {
	/** Lines that these bytes complete. */
	take(chunk: Buffer): readonly string[];
	/** What stands there without an end. */
	end(): readonly string[];
};

/** Splits the bytes of a program into lines. Whatever comes, no more than one line is kept, and a line that is too long costs only itself. */
export const createStreamLines = (longest = LONGEST): StreamLines => {
	let kept: Buffer[] = [];
	let size = 0;
	let isTooLong = false;
	const add = (bytes: Buffer): void => {
		if (isTooLong || bytes.length === 0) return;
		if (size + bytes.length > longest) {
			isTooLong = true;
			kept = [];
			size = 0;
			return;
		}
		kept.push(bytes);
		size += bytes.length;
	};
	const finish = (): readonly string[] => {
		const line = isTooLong ? [] : [Buffer.concat(kept).toString('utf8').replace(/\r$/, '')];
		kept = [];
		size = 0;
		isTooLong = false;
		return line;
	};
	return {
		take: chunk => {
			const lines: string[] = [];
			let from = 0;
			for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
				add(chunk.subarray(from, end));
				lines.push(...finish());
				from = end + 1;
			}
			add(Buffer.from(chunk.subarray(from)));
			return lines;
		},
		end: () => (size === 0 ? [] : finish()),
	};
};
