import type {Reading} from '../../core/session/reading.ts';

/** Readings in one report, and most waiting: of a flood, the oldest lose their value. */
const A_REPORT = 50;
const MOST_WAITING = 500;
const TOGETHER_MS = 50;

export type ReadingSender = {
	add(readings: readonly Reading[]): void;
	/** Resolves once all is sent or has failed. */
	flush(): Promise<void>;
};

/** States, sessions, usage and answers are never dropped; activity and text may be. */
const isFact = (reading: Reading): boolean =>
	reading.state !== undefined ||
	reading.session !== undefined ||
	reading.usage !== undefined ||
	reading.answer !== undefined ||
	reading.question !== undefined;

/**
 * Sends readings in batches, in order, one report at a time. If the room does not answer, only that report's readings are lost: the room
 * judges the end by the process.
 */
export const createReadingSender = (send: (readings: readonly Reading[]) => Promise<unknown>): ReadingSender => {
	let waiting: Reading[] = [];
	let sending: Promise<void> | undefined;
	const drain = async (): Promise<void> => {
		await new Promise(resolve => setTimeout(resolve, TOGETHER_MS));
		while (waiting.length > 0) {
			const batch = waiting.slice(0, A_REPORT);
			waiting = waiting.slice(A_REPORT);
			await send(batch).catch(() => undefined);
		}
		sending = undefined;
	};
	return {
		add: readings => {
			if (readings.length === 0) return;
			waiting.push(...readings);
			if (waiting.length > MOST_WAITING) waiting = waiting.filter(isFact).slice(-MOST_WAITING);
			sending ??= drain();
		},
		flush: async () => {
			while (sending) await sending;
		},
	};
};

/** Longest line, bytes; longer ones are dropped, with their start reported. */
const LONGEST = 4 * 1024 * 1024;

export type StreamLines = {
	/** Lines that these bytes complete. */
	take(chunk: Buffer): readonly string[];
	/** The unfinished last line. */
	end(): readonly string[];
};

/** Splits output into lines. Buffers one line at most; a line that is too long costs only itself. */
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
