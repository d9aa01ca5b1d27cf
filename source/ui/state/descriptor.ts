import type {Rect} from '../text/layout.ts';
import type {Line} from '../text/text.ts';
import type {Context} from './message.ts';
import type {Page} from './pages.ts';
import type {ViewState, Wanted} from './state.ts';

export const MOVES = ['up', 'down', 'first', 'last', 'half-up', 'half-down', 'left', 'right', 'next-panel', 'previous-panel'] as const;
export type Move = (typeof MOVES)[number];

/** What a kind of page does with the keys that every page has. */
export type Behaviour<P extends Page> = {
	/** What it looks at next to the snapshot. */
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

/** What a click means: a thing of a column; '' for the column alone. Where several lie over each other the first one counts. */
export type Target = {readonly rect: Rect; readonly column: string; readonly id: string};

/** What is known of a page before it is drawn: its top row, how many rows of each of two columns do not fit, what can be pointed at, and whose pane is shown live in which cells. */
export type PageContent = {
	readonly header: Line;
	readonly overflow: readonly [number, number];
	readonly targets?: readonly Target[];
	readonly pane?: {readonly agent: string; readonly rect: Rect} | undefined;
};

export const NO_OVERFLOW = [0, 0] as const;
