import type {Screen} from '../core/screen.ts';

export type Rect = {readonly x: number; readonly y: number; readonly columns: number; readonly rows: number};

/** Where a pane stands on the terminal and which part of its screen shows there. */
export type PanePlace = Rect & {
	readonly screen: Screen;
	/** Which corner stays in sight when the screen is larger than the rectangle; bottom-left follows what was written last. */
	readonly anchor: 'bottom-left' | 'top-left';
	/** Rectangles of the terminal where the chrome (a dialog) covers this pane. */
	readonly holes: readonly Rect[];
};

/** Everything that a terminal shows. Panes cover the chrome, later ones the earlier ones. */
export type Frame = {
	readonly chrome: Screen;
	readonly panes: readonly PanePlace[];
	/** In cells of the terminal, or the cursor of one pane (index in `panes`) where it is in sight. None: hidden. */
	readonly cursor?: {readonly x: number; readonly y: number; readonly visible: boolean} | {readonly pane: number};
};

const isSameRect = (a: Rect, b: Rect): boolean => a.x === b.x && a.y === b.y && a.columns === b.columns && a.rows === b.rows;

/** Same place, same screen, same part of it: only rows that changed need to be read. */
export const isSamePlace = (a: PanePlace, b: PanePlace): boolean =>
	a.screen === b.screen &&
	isSameRect(a, b) &&
	a.anchor === b.anchor &&
	a.holes.length === b.holes.length &&
	a.holes.every((hole, index) => {
		const other = b.holes[index];
		return other !== undefined && isSameRect(hole, other);
	});

export const isSameLayout = (a: Frame, b: Frame): boolean =>
	a.chrome === b.chrome &&
	a.panes.length === b.panes.length &&
	a.panes.every((pane, index) => {
		const other = b.panes[index];
		return other !== undefined && isSamePlace(pane, other);
	});

/**
 * The pieces of a pane's row `y` (of the terminal) that are seen on a terminal of `columns`, as start and end (exclusive) pairs from
 * left to right: the rectangle without its holes.
 */
export const segmentsOf = (pane: PanePlace, y: number, columns: number): number[] => {
	const end = Math.min(columns, pane.x + pane.columns);
	let at = Math.max(0, pane.x);
	const segments: number[] = [];
	const holes = pane.holes.filter(hole => y >= hole.y && y < hole.y + hole.rows && hole.columns > 0).sort((a, b) => a.x - b.x);
	for (const hole of holes) {
		if (Math.min(hole.x, end) > at) segments.push(at, Math.min(hole.x, end));
		at = Math.max(at, hole.x + hole.columns);
		if (at >= end) break;
	}
	if (at < end) segments.push(at, end);
	return segments;
};

/**
 * Row of the screen that stands in the first row of the rectangle. A screen lower than the rectangle stands at its top, blanks below.
 */
export const firstRow = (pane: PanePlace): number => {
	const {screen} = pane;
	const hidden = screen.rows - pane.rows;
	if (pane.anchor === 'top-left' || hidden <= 0) return 0;
	// The bottom of what is written, not of the screen: a fresh prompt at the top of a tall screen must be seen.
	let last = screen.rows - 1;
	const {y} = screen.cursor;
	while (last > y && last >= pane.rows && screen.textOf(last) === '') last--;
	return Math.max(0, last + 1 - pane.rows);
};
