/** Any terminal replies `CSI 0 n`, in order with its other input. */
const ASK = '\u001b[5n';
const ANSWER = /^\x1b\[0n$/;
/** Time limit of the reply, ms: a terminal that never replied is not asked again; one that did gets this long on a stalled line. */
const DEAF_MS = 1000;
const LOST_MS = 10_000;

export type ShownCard = {
	/** A dialog was written: calls `onShown` with it once it must be visible. Asks once for each dialog. */
	painted(card: string): void;
	/** Takes a reply of the terminal; true if it was this one's. */
	hear(bytes: Uint8Array): boolean;
	close(): void;
};

/**
 * Finds out when output is visible, which on a slow line is later than when it was written: keys in between were meant for the earlier
 * screen. Guarantee: a key sent before the terminal drew the dialog arrives before `onShown`, since the terminal replies in reading order
 * and input keeps its order. A local multiplexer replies itself, too early: over SSH the dialog counts as seen `lagMs` later, which covers
 * lines with up to that round trip. (Tmux passes on no query whose reply would surely reach this program.)
 */
export const createShownCard = ({
	write,
	onShown,
	own = {lagMs: 0},
}: {
	write: (bytes: string) => void;
	onShown: (card: string) => void;
	/** Delay between reply and visibility, ms. */
	own?: {readonly lagMs: number};
}): ShownCard => {
	let waiting: readonly string[] = [];
	let isDeaf = false;
	let hasAnswered = false;
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Set<ReturnType<typeof setTimeout>>();

	const settle = (card: string, inMs = 0): void => {
		if (waiting.length === 0) clearTimeout(timer);
		if (inMs === 0) {
			onShown(card);
			return;
		}
		const wait = setTimeout(() => {
			late.delete(wait);
			onShown(card);
		}, inMs);
		late.add(wait);
	};
	const giveUp = (): void => {
		const last = waiting.at(-1);
		isDeaf ||= !hasAnswered;
		waiting = [];
		if (last !== undefined) settle(last);
	};
	return {
		painted: card => {
			if (isDeaf) return onShown(card);
			if (waiting.at(-1) === card) return;
			waiting = [...waiting, card];
			write(ASK);
			clearTimeout(timer);
			timer = setTimeout(giveUp, hasAnswered ? LOST_MS : DEAF_MS);
		},
		hear: bytes => {
			if (!ANSWER.test(String.fromCharCode(...bytes.subarray(0, 8)))) return false;
			hasAnswered = true;
			const [card, ...rest] = waiting;
			waiting = rest;
			if (card !== undefined) settle(card, own.lagMs);
			return true;
		},
		close: () => {
			clearTimeout(timer);
			for (const wait of late) clearTimeout(wait);
		},
	};
};
