import type {Receipt} from '../core/receipt.ts';

/** What the room has handed to the program of an attempt, and what it told it. */
export type Drive = {
	/** What became of each text, oldest first; the last ones. */
	readonly receipts: Receipt[];
	/** What became of the first prompt is known, or a person was asked: from then on the end of a turn is one. */
	isBegun: boolean;
	/** It was told at the end of a turn that the room has not heard of the end; new text from a person makes that due again. */
	isReminded: boolean;
	/** Mail may have come since it was told of any: from the start on, since its brief was written a moment before. */
	hasMail: boolean;
	/** How often mail kept its turn from ending. */
	mailTurns: number;
	/** Since when it waits for a person, or for its account: moment of `performance.now()`. That is not time the attempt takes. */
	waitsSince: number | undefined;
	/** Looks again at whether its turn is over. */
	look: () => void;
	/** Texts go one after the other. */
	last: Promise<unknown>;
};

export const newDrive = (): Drive => ({
	receipts: [],
	isBegun: false,
	isReminded: false,
	hasMail: true,
	mailTurns: 0,
	waitsSince: undefined,
	look: () => undefined,
	last: Promise.resolve(),
});
