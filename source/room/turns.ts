/** Parsing of all panes together may take so long in one turn of the event loop, ms: keys, beats and leases come between turns. */
const TURN_MS = 8;
/** Bytes parsed between two looks at the clock; fewer where they are dear (a few bytes may ask for a whole screen of work). */
const SLICE_MOST = 16 * 1024;
const SLICE_LEAST = 256;
/** A slice should take about this long, ms. */
const SLICE_MS = 2;

export type Lane = {
	/** Parses at once while the turn has time and nothing of this lane waits; otherwise in turns, in order. */
	push(bytes: Uint8Array): void;
	/** Bytes that wait. */
	readonly waiting: number;
	/** Parses what waits now, however long that takes: the output has ended. */
	flush(): void;
};

export type Turns = {
	/** A lane for the output of one program. `onDrained` comes when nothing of it waits any more. */
	lane(parse: (bytes: Uint8Array) => void, onDrained?: () => void): Lane;
};

type Queue = {
	readonly parse: (bytes: Uint8Array) => void;
	readonly onDrained: () => void;
	chunks: Uint8Array[];
	waiting: number;
	slice: number;
	/** Time that it had lately, ms; halved every turn. */
	had: number;
};

/** A wait of at most so many bytes is an answer to somebody: it goes before a flood which had this much less time, ms. */
const SHORT = 1024;
const SHORT_MS = 1;

const rank = ({had, waiting}: Queue): number => (waiting > SHORT ? had + SHORT_MS : had);

/**
 * Shares the event loop between the outputs of all panes. Guarantees: the bytes of a lane are parsed in order and none is lost; in one turn
 * no more is begun once `TURN_MS` are used up; whoever had least time lately goes first, and what is short before what is long, so that a flood of one pane, or of many, delays
 * the echo of another by a turn and starves nobody. `now` in ms; `later` runs something in the next turn.
 */
export const createTurns = (
	now: () => number = () => performance.now(),
	later: (run: () => void) => void = run => void setImmediate(run),
): Turns => {
	const queues = new Set<Queue>();
	let spent = 0;
	let isAwaited = false;

	/** Parses at most one slice; the time that it took counts. */
	const parseSlice = (queue: Queue): void => {
		const [chunk] = queue.chunks;
		if (!chunk) return;
		const slice = chunk.length <= queue.slice ? chunk : chunk.subarray(0, queue.slice);
		if (slice === chunk) queue.chunks.shift();
		else queue.chunks[0] = chunk.subarray(slice.length);
		queue.waiting -= slice.length;
		const at = now();
		queue.parse(slice);
		const took = now() - at;
		if (took > SLICE_MS * 2) queue.slice = Math.max(SLICE_LEAST, queue.slice >> 1);
		else if (took < SLICE_MS / 2 && slice.length === queue.slice) queue.slice = Math.min(SLICE_MOST, queue.slice * 2);
		queue.had += took;
		spent += took;
	};

	const turn = (): void => {
		isAwaited = false;
		spent = 0;
		for (const queue of queues) queue.had /= 2;
		while (spent < TURN_MS) {
			let next: Queue | undefined;
			for (const queue of queues) if (queue.waiting > 0 && (!next || rank(queue) < rank(next))) next = queue;
			if (!next) break;
			parseSlice(next);
			if (next.waiting === 0) next.onDrained();
		}
		for (const queue of queues) if (queue.waiting === 0 && queue.had < 0.01) queues.delete(queue);
		if (queues.size > 0) awaitTurn();
	};
	const awaitTurn = (): void => {
		if (isAwaited) return;
		isAwaited = true;
		later(turn);
	};

	return {
		lane: (parse, onDrained = () => {}) => {
			const queue: Queue = {parse, onDrained, chunks: [], waiting: 0, slice: SLICE_MOST / 4, had: 0};
			return {
				get waiting() {
					return queue.waiting;
				},
				push: bytes => {
					if (bytes.length === 0) return;
					queue.chunks.push(bytes);
					const isFirst = queue.waiting === 0;
					queue.waiting += bytes.length;
					queues.add(queue);
					while (isFirst && queue.waiting > 0 && spent < TURN_MS) parseSlice(queue);
					awaitTurn();
				},
				flush: () => {
					while (queue.waiting > 0) parseSlice(queue);
					queues.delete(queue);
				},
			};
		},
	};
};
