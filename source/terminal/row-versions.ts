import type {XtermCore} from './xterm-core.ts';

export type RowVersions = {
	readonly version: number;
	rowVersion(row: number): number;
	/** Begins a change: rows marked from now on carry the new version. */
	next(): void;
	markAll(): void;
	resize(rows: number): void;
};

/**
 * Counts changes row by row, told by the parser itself: it takes the place of xterm's own tracker, which keeps one range a write and
 * so makes a spinner at the top and a cursor at the bottom a whole screen. A row whose version has not grown has the same cells
 * (test/terminal/headless-screen.test.ts holds that over random streams).
 */
export const createRowVersions = (core: XtermCore, rows: number): RowVersions => {
	let version = 1;
	let allVersion = 1;
	let stamps = new Float64Array(rows);
	const service = core._bufferService;
	const markAll = (): void => {
		allVersion = version;
	};
	const mark = (from: number, to: number): void => {
		for (let row = Math.max(0, from); row <= to && row < stamps.length; row++) stamps[row] = version;
	};
	core._inputHandler._dirtyRowTracker = {
		start: 0,
		end: 0,
		clearRange: () => {},
		markDirty: row => {
			mark(row, row);
			// Text that wraps marks its first and its last row; those between are the wrapped ones.
			const {lines, ybase} = service.buffer;
			for (let above = row; above > 0 && lines.get(ybase + above)?.isWrapped; above--) mark(above - 1, above - 1);
		},
		markRangeDirty: (from, to) => mark(Math.min(from, to), Math.max(from, to)),
		markAllDirty: markAll,
	};
	// Scrolling moves every row, in a region too; so does a change of buffer, which comes as a scroll.
	service.onScroll(markAll);
	// Erasing the display marks the ends of what it erases.
	for (const id of [{final: 'J'}, {prefix: '?', final: 'J'}]) {
		core.registerCsiHandler(id, () => {
			markAll();
			return false;
		});
	}
	core._inputHandler.onRequestRefreshRows(range => {
		if (!range) markAll();
	});
	return {
		get version() {
			return version;
		},
		rowVersion: row => Math.max(allVersion, stamps[row] ?? 0),
		next: () => void version++,
		markAll,
		resize: count => {
			stamps = new Float64Array(count);
			markAll();
		},
	};
};
