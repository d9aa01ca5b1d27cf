import type {Rect} from '../text/layout.ts';
import type {Line} from '../text/text.ts';
import type {Context} from './message.ts';
import type {Page} from './pages.ts';
import type {ViewState, Wanted} from './state.ts';

export const MOVES = ['up', 'down', 'first', 'last', 'half-up', 'half-down', 'left', 'right', 'next-panel', 'previous-panel'] as const;
export type Move = (typeof MOVES)[number];

/** A page kind's handling of keys that all pages have. */
export type Behaviour<P extends Page> = {
	looksAt?(page: P, context: Pick<Context, 'snapshot' | 'now'>): readonly Wanted[];
	/** Selects a click target; `id` is '' for the column alone. */
	choose?(page: P, at: {readonly column: string; readonly id: string}): P;
	move(page: P, move: Move, context: Context, state: ViewState): P;
};

export const HALF = 10;

/** The row after a move, within 0 and `end`. */
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

/** A click target: an item of a column; '' for the column. Of overlapping ones the first counts. */
export type Target = {readonly rect: Rect; readonly column: string; readonly id: string};

/** A pane that is shown live, and its cells. */
export type Tile = {readonly agent: string; readonly rect: Rect; readonly isSelected?: boolean};

/**
 * Known before drawing: top row, hidden rows of each of two columns, click targets, the pane that takes keys, and the other panes, which
 * it covers.
 */
export type PageContent = {
	readonly header: Line;
	readonly overflow: readonly [number, number];
	readonly targets?: readonly Target[];
	readonly pane?: Tile | undefined;
	readonly tiles?: readonly Tile[];
};

export const NO_OVERFLOW = [0, 0] as const;
