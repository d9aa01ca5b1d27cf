/** Replies a second that a program gets at most; a stream of nothing but questions would else come back as a flood of answers. */
const REPLIES_A_SECOND = 200;

export type ReplyGate = {
	/** Takes a reply, or drops it when too many came within a second. */
	offer(reply: string): void;
	/** What was taken since the last call, in order. */
	take(): readonly string[];
};

/** Holds the replies of one parse and bounds how many there are; `now` in ms. */
export const createReplyGate = (now: () => number = () => performance.now()): ReplyGate => {
	let waiting: string[] = [];
	let windowAt = Number.NEGATIVE_INFINITY;
	let used = 0;
	return {
		offer: reply => {
			const at = now();
			if (at - windowAt >= 1000) {
				windowAt = at;
				used = 0;
			}
			if (used++ < REPLIES_A_SECOND) waiting.push(reply);
		},
		take: () => {
			if (waiting.length === 0) return waiting;
			const taken = waiting;
			waiting = [];
			return taken;
		},
	};
};
