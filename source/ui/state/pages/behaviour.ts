import type {Wanted} from '../looking.ts';
import type {Page} from '../page.ts';
import type {Context, ViewState} from '../state.ts';

export const MOVES = ['up', 'down', 'first', 'last', 'half-up', 'half-down', 'left', 'right', 'next-panel', 'previous-panel'] as const;
export type Move = (typeof MOVES)[number];

/** What a kind of page does with the keys that every page has. */
export type Behaviour<P extends Page> = {
	/** Id of the task that it shows or that is chosen on it, '' for none. */
	taskOf(page: P, context: Pick<Context, 'snapshot' | 'now'>): string;
	/** What it looks at beside the snapshot. */
	looksAt?(page: P, context: Pick<Context, 'snapshot' | 'now'>): readonly Wanted[];
	/** Chooses what was pointed at; `id` '' for the column alone. */
	choose?(page: P, at: {readonly column: string; readonly id: string}): P;
	/** Moves what it shows. */
	move(page: P, move: Move, context: Context, state: ViewState): P;
};

/** Rows that half a page moves by. */
export const HALF = 10;

/** Where a move leads from a row, within 0 and `end`. */
export const moved = (move: Move, at: number, end: number): number => {
	const to: Partial<Record<Move, number>> = {
		up: at - 1,
		down: at + 1,
		'half-up': at - HALF,
		'half-down': at + HALF,
		first: 0,
		last: end,
	};
	return Math.max(0, Math.min(end, to[move] ?? at));
};
