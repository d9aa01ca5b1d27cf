/** Any terminal answers this at once with `CSI 0 n`, in order with everything else that it reads. */
const ASK = '\u001b[5n';
const ANSWER = /^\x1b\[0n$/;
/** A terminal that has never answered is not asked again after this long, ms; one that has answered has this long, on a line that stands still. */
const DEAF_MS = 1000;
const LOST_MS = 10_000;

export type ShownCard = {
	/** A card has been written to the terminal: calls `onShown` with it once it must be in sight. The same card is asked for once. */
	painted(card: string): void;
	/** An answer of the terminal; true if it was this one's. */
	hear(bytes: Uint8Array): boolean;
	close(): void;
};

/**
 * Knows when what was written can be seen. Over a slow line that is later than when it was written: keys pressed in between were meant for
 * what stood there before. Guarantee: a key that the terminal sent before it had drawn the card arrives before `onShown` is called, since
 * the terminal answers in the order in which it reads, and input comes in the order in which it was sent. A multiplexer on this side of the
 * line answers in the terminal's place, as soon as it has the card itself: through one that is seen over SSH it counts as seen `lagMs` after
 * that, which holds for lines up to that long there and back. (Tmux hands no question on whose answer would be sure to reach this program.)
 */
export const createShownCard = ({
	write,
	onShown,
	own = {lagMs: 0},
}: {
	write: (bytes: string) => void;
	onShown: (card: string) => void;
	/** How much later than the answer a card may be in sight, ms. */
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
