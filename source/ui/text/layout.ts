/** A rectangle in cells from the terminal's top left corner. */
export type Rect = {readonly x: number; readonly y: number; readonly columns: number; readonly rows: number};

/** Panels outside the layout: each adds its number with `declare module` and is a tab of the shared rectangle. */
export interface OwnPanels {
	6: 'conflicts';
}
/** Panels by number, which is also their key: 0 pane, 1 agents, 2 queue, 3 locks, 4 events, 5 plan. */
export type Panel = 0 | 1 | 2 | 3 | 4 | 5 | keyof OwnPanels;

export type Layout = {
	readonly kind: 'wide' | 'medium' | 'narrow' | 'mini' | 'zoom' | 'refused';
	readonly columns: number;
	readonly rows: number;
	/** Panels with their own rectangle, borders included (`narrow` and `mini`: only the pane; `wide`: all but the tabs). */
	readonly panels: ReadonlyMap<Panel, Rect>;
	/** Panels that share `tabbed`, chosen by tabs, and the shown one. */
	readonly tabs: readonly Panel[];
	readonly shown?: Panel | undefined;
	readonly tabbed: Rect | undefined;
	/** A separate tab row (`narrow`). */
	readonly tabRow: number | undefined;
	/** Bottom rows: attention, then mode with hints; `zoom` only has hints. */
	readonly attention: readonly number[];
	readonly hints: number;
};

const SMALLEST = {columns: 40, rows: 10} as const;

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, Math.round(value)));

/**
 * The room's rectangles at a size. Below 40x10 only a sentence; typing fills the screen below 100 columns, scrollback where it has no room.
 */
export const layoutOf = (
	columns: number,
	rows: number,
	view: {
		readonly isZoomed: boolean;
		readonly isTyping: boolean;
		readonly isReading?: boolean;
		readonly own?: readonly (keyof OwnPanels)[];
		/** Empty panels of the bottom row of `wide`: a title line each, their rows and columns are the others'. */
		readonly folded?: readonly Panel[];
		/** What the shared rectangle shows. Where that is folded, a line of tabs is left of it, and its rows are the pane's. */
		readonly shared?: (kind: Layout['kind']) => Panel;
	},
): Layout => {
	const {own = [], folded = [], shared = () => 1} = view;
	const common = {columns, rows, hints: rows - 1, tabRow: undefined, tabbed: undefined, tabs: [], panels: new Map<Panel, Rect>()};
	if (columns < SMALLEST.columns || rows < SMALLEST.rows) return {...common, kind: 'refused', attention: []};
	const isWide = columns >= 150 && rows >= 36;
	const isMedium = !isWide && columns >= 100 && rows >= 24;
	const isNarrow = columns >= 80 && rows >= 20;
	const fills = (view.isTyping && !isWide && !isMedium) || (view.isReading === true && !isWide && !isMedium && !isNarrow);
	if (view.isZoomed || fills) {
		return {...common, kind: 'zoom', panels: new Map([[0, {x: 0, y: 1, columns, rows: rows - 2}]]), attention: []};
	}
	const kind = isWide ? 'wide' : isMedium ? 'medium' : isNarrow ? 'narrow' : 'mini';
	const wanted = shared(kind);
	const laid = PLACES[kind](columns, rows, own, kind === 'wide' ? folded : folded.filter(panel => panel === wanted));
	const shown = laid.tabs.includes(wanted) ? wanted : laid.tabs[0];
	return {...common, ...laid, kind, shown, attention: kind === 'mini' ? [rows - 3, rows - 2] : [rows - 2]};
};

/** The places of queue, locks and events: those that are folded share one row of titles, the others share what is below it. */
const bottomRow = (area: Rect, folded: readonly Panel[]): ReadonlyMap<Panel, Rect> => {
	const all = [2, 3, 4] as const;
	const [titles, open] = [all.filter(panel => folded.includes(panel)), all.filter(panel => !folded.includes(panel))];
	const strip = titles.length > 0 ? 1 : 0;
	const queue = open.length === 3 ? clamp(area.columns * 0.35, 32, 60) : clamp(area.columns * 0.5, 32, 80);
	const locks = open.length === 3 ? clamp(area.columns * 0.32, 30, 48) : Math.floor(area.columns * 0.42);
	const widths = open.map((panel, at) => (at === open.length - 1 ? 0 : panel === 2 ? queue : locks));
	const rest = area.columns - widths.reduce((sum, width) => sum + width, 0);
	const places = new Map<Panel, Rect>();
	for (const [at, panel] of titles.entries()) {
		const [from = 0, to = 0] = [at, at + 1].map(part => Math.floor((area.columns * part) / titles.length));
		places.set(panel, {x: area.x + from, y: area.y, columns: to - from, rows: 1});
	}
	let {x} = area;
	for (const [at, panel] of open.entries()) {
		const columns = widths[at] || rest;
		places.set(panel, {x, y: area.y + strip, columns, rows: area.rows - strip});
		x += columns;
	}
	return places;
};

type Places = Pick<Layout, 'tabs' | 'tabbed'> & Partial<Pick<Layout, 'panels' | 'tabRow'>>;
type Place = (columns: number, rows: number, own: readonly Panel[], folded: readonly Panel[]) => Places;

const wide: Place = (columns, rows, own, folded) => {
	const body = rows - 3;
	const left = clamp(columns * 0.34, 52, 72);
	const right = columns - left;
	const orchestrator = clamp(body * 0.28, 8, 14);
	const bottom = folded.length === 3 ? 1 : clamp(body * 0.36, 12, 18);
	const places = bottomRow({x: left, y: 1 + body - bottom, columns: right, rows: bottom}, folded);
	const at = (panel: Panel): readonly (readonly [Panel, Rect])[] => {
		const rect = places.get(panel);
		return rect ? [[panel, rect]] : [];
	};
	return {
		panels: new Map<Panel, Rect>([
			[1, {x: 0, y: 1, columns: left, rows: body - orchestrator}],
			[5, {x: 0, y: 1 + body - orchestrator, columns: left, rows: orchestrator}],
			[0, {x: left, y: 1, columns: right, rows: body - bottom}],
			...at(2),
			...at(4),
		]),
		tabs: [3, ...own],
		tabbed: places.get(3),
	};
};

const medium: Place = (columns, rows, own, folded) => {
	const body = rows - 3;
	const left = clamp(columns * 0.42, 42, 60);
	const bottom = folded.length > 0 ? 1 : clamp(body * 0.38, 9, 16);
	const right = columns - left;
	return {
		panels: new Map<Panel, Rect>([
			[1, {x: 0, y: 1, columns: left, rows: body}],
			[0, {x: left, y: 1, columns: right, rows: body - bottom}],
		]),
		tabs: [2, 3, 4, 5, ...own],
		tabbed: {x: left, y: 1 + body - bottom, columns: right, rows: bottom},
	};
};

const narrow: Place = (columns, rows, own, folded) => {
	const body = rows - 4;
	const list = folded.length > 0 ? 0 : clamp(body * 0.45, 6, 20);
	return {
		panels: new Map<Panel, Rect>([[0, {x: 0, y: 2 + list, columns, rows: body - list}]]),
		tabs: [1, 2, 3, 4, 5, ...own],
		tabbed: list === 0 ? undefined : {x: 0, y: 2, columns, rows: list},
		tabRow: 1,
	};
};

const mini: Place = (columns, rows, own) => ({tabs: [1, 2, 3, 4, 5, ...own], tabbed: {x: 0, y: 1, columns, rows: rows - 4}});

const PLACES = {wide, medium, narrow, mini} as const;

export const inside = ({x, y, columns, rows}: Rect): Rect => ({
	x: x + 1,
	y: y + 1,
	columns: Math.max(0, columns - 2),
	rows: Math.max(0, rows - 2),
});

/** A frame around these cells. */
export const outside = ({x, y, columns, rows}: Rect): Rect => ({x: x - 1, y: y - 1, columns: columns + 2, rows: rows + 2});

/** A centred rectangle of at most this size, above the two bottom rows if possible. */
export const centred = (columns: number, rows: number, width: number, height: number): Rect => {
	const [w, h] = [Math.min(width, columns), Math.min(height, rows - 2)];
	return {x: Math.floor((columns - w) / 2), y: Math.max(0, Math.floor((rows - 2 - h) / 2)), columns: w, rows: h};
};
