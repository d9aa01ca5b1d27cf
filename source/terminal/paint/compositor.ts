import {type CellRow, type Screen, STYLE} from '../../core/text/screen.ts';
import {toAscii} from '../text/ascii.ts';
import {blankCells, createCellRow} from '../text/cells.ts';
import {
	copyCells,
	createCanvas,
	type Frame,
	firstRow,
	forget,
	isSameLayout,
	isSamePlace,
	keepCells,
	type PanePlace,
	segmentsOf,
} from './canvas.ts';
import {type Colors, createColorMap, createWriter} from './pen.ts';

export type CompositorOptions = {
	readonly columns: number;
	readonly rows: number;
	/** Receives one string a paint. */
	readonly write: (bytes: string) => void;
	readonly colors?: Colors;
	/** The terminal shows only ASCII: pane output is converted, cell for cell. */
	readonly isAscii?: boolean;
	/** Removes blinking, even if a pane asks for it. */
	readonly isStill?: boolean;
};

export type Compositor = {
	/** Updates the terminal to the frame in one write; writes nothing if it is unchanged. */
	compose(frame: Frame): void;
	/** After a resize the next paint writes every cell, without clearing, so nothing flickers. */
	resize(columns: number, rows: number): void;
	/** After foreign output the next paint writes every cell. */
	invalidate(): void;
};

/** A cell as ASCII of equal width: of a multi-character emoji the first counts. */
const asciiCell = (text: string, width: number): string => {
	const ascii = toAscii(text);
	return width < 2 || ascii.length === 2 ? ascii : toAscii(String.fromCodePoint(text.codePointAt(0) ?? 32)).padEnd(2);
};

const NOWHERE: readonly number[] = [];

/** Starts and ends from left to right; those that overlap are one. */
const joined = (marks: readonly number[]): readonly number[] => {
	if (marks.length <= 2) return marks;
	const pairs = Array.from({length: marks.length / 2}, (_, at): [number, number] => [marks[at * 2] ?? 0, marks[at * 2 + 1] ?? 0]);
	const out: number[] = [];
	for (const [start, end] of pairs.sort((a, b) => a[0] - b[0])) {
		const last = out.at(-1);
		if (last !== undefined && start < last) out[out.length - 1] = Math.max(last, end);
		else out.push(start, end);
	}
	return out;
};

type PaneState = {
	place: PanePlace;
	row: CellRow;
	version: number;
	first: number;
	cursor: Screen['cursor'];
	/** In a synchronized update, or not its turn: the terminal keeps showing the last picture. */
	isHeld: boolean;
	readonly seen: Float64Array;
};

/**
 * Draws panes over the chrome and writes the difference. Guarantee: the terminal only gets cleaned cells (`canvas.ts`), cursor addresses,
 * erased blanks and the SGR of `pen.ts`, in one synchronized update; no byte of a program passes unchanged.
 */
export const createCompositor = (options: CompositorOptions): Compositor => {
	const color = createColorMap(options.colors ?? 'truecolor');
	const writer = createWriter();
	let front = createCanvas(options.columns, options.rows);
	let back = createCellRow(options.columns);
	let chromeRow = createCellRow(options.columns);
	let chromeSeen = new Float64Array(options.rows).fill(-1);
	let chromeVersion = -1;
	let panes: PaneState[] = [];
	let last: Frame | undefined;
	/** Columns to check in each row, as starts and ends: panes beside each other are damage of their own. */
	let damage = Array.from({length: options.rows}, (): number[] => []);
	let isCursorShown: boolean | undefined;

	const mark = (y: number, x: number, end: number): void => {
		if (y < 0 || y >= front.rows) return;
		damage[y]?.push(Math.max(0, x), Math.min(front.columns, end));
	};
	const markRect = (place: PanePlace): void => {
		for (let y = 0; y < place.rows; y++) mark(place.y + y, place.x, place.x + place.columns);
	};

	const arrange = (frame: Frame): void => {
		panes = frame.panes.map((place, index) => {
			const before = panes[index];
			if (before && isSamePlace(before.place, place)) return before;
			return {
				place,
				row: createCellRow(Math.max(0, place.columns)),
				version: -1,
				first: 0,
				cursor: place.screen.cursor,
				isHeld: false,
				seen: new Float64Array(Math.max(0, place.rows)).fill(-1),
			};
		});
		for (let y = 0; y < front.rows; y++) mark(y, 0, front.columns);
	};

	/** Finds a pane's changed rows without reading cells. */
	const inspect = (pane: PaneState, isResting: boolean): void => {
		const {screen, rows} = pane.place;
		pane.isHeld = (isResting || screen.isHalfDrawn === true) && pane.version !== -1;
		if (pane.isHeld || screen.version === pane.version) return;
		pane.cursor = screen.cursor;
		const first = firstRow(pane.place);
		if (pane.version === -1 || first !== pane.first) markRect(pane.place);
		pane.version = screen.version;
		pane.first = first;
		for (let y = 0; y < rows; y++) {
			const version = first + y < screen.rows ? screen.rowVersion(first + y) : 0;
			if (version !== pane.seen[y]) mark(pane.place.y + y, pane.place.x, pane.place.x + pane.place.columns);
			pane.seen[y] = version;
		}
	};

	const inspectChrome = (frame: Frame): void => {
		if (frame.chrome.version === chromeVersion) return;
		chromeVersion = frame.chrome.version;
		for (let y = 0; y < front.rows; y++) {
			const version = y < frame.chrome.rows ? frame.chrome.rowVersion(y) : 0;
			if (version !== chromeSeen[y]) mark(y, 0, front.columns);
			chromeSeen[y] = version;
		}
	};

	/** Builds one row: the chrome where visible between `start` and `end`, then every pane on it that is seen there. */
	const buildRow = (frame: Frame, y: number, start: number, end: number): void => {
		const segmentsIn = (from: number, to: number): readonly (readonly number[])[] =>
			panes.map(({place}) =>
				y >= place.y && y < place.y + place.rows && place.x < to && place.x + place.columns > from
					? segmentsOf(place, y, front.columns)
					: NOWHERE,
			);
		let covering = segmentsIn(start, end);
		let top = covering.findLastIndex(segments => (segments[0] ?? end) <= start && (segments[1] ?? start) >= end);
		const isExact = covering[top]?.[0] === start && covering[top]?.[1] === end;
		// Where more is copied than shown, every pane of the row decides where a wide character is cut.
		if (!isExact) {
			covering = segmentsIn(0, front.columns);
			top = covering.findLastIndex(segments => (segments[0] ?? end) <= start && (segments[1] ?? start) >= end);
		}
		if (top < 0) {
			if (y < frame.chrome.rows) frame.chrome.readRow(y, chromeRow);
			else blankCells(chromeRow, 0, front.columns);
			if (frame.chrome.columns < front.columns) blankCells(chromeRow, frame.chrome.columns, front.columns);
			copyCells(chromeRow, 0, back, 0, front.columns, color);
		}
		panes.forEach(({place, row, first, isHeld}, index) => {
			const segments = covering[index] ?? NOWHERE;
			if (segments.length === 0 || index < top) return;
			const line = first + y - place.y;
			if (!isHeld && line < place.screen.rows) place.screen.readRow(line, row);
			if (!isHeld) blankCells(row, line < place.screen.rows ? place.screen.columns : 0, place.columns);
			for (let at = 0; at < segments.length; at += 2) {
				const [x = 0, stop = 0] = segments.slice(at, at + 2);
				if (isHeld) keepCells(front, y, back, x, stop);
				else copyCells(row, x - place.x, back, x, stop - x, color);
			}
		});
	};

	/** Removes what this terminal cannot show or the user does not want. */
	const simplify = (start: number, end: number): void => {
		if (!options.isAscii && !options.isStill) return;
		for (let x = start; x < end; x++) {
			if (options.isAscii) back.text[x] = asciiCell(back.text[x] ?? ' ', back.width[x] ?? 1);
			if (options.isStill) back.style[x] = (back.style[x] ?? 0) & ~STYLE.blink;
		}
	};

	const cursorOf = ({cursor}: Frame): {x: number; y: number} | undefined => {
		if (!cursor) return undefined;
		if (!('pane' in cursor)) return cursor.visible && cursor.x < front.columns && cursor.y < front.rows ? cursor : undefined;
		const pane = panes[cursor.pane];
		if (!pane?.cursor.visible) return undefined;
		const x = pane.place.x + pane.cursor.x;
		const y = pane.place.y + pane.cursor.y - pane.first;
		if (y < pane.place.y || y >= Math.min(front.rows, pane.place.y + pane.place.rows)) return undefined;
		const segments = segmentsOf(pane.place, y, front.columns);
		const isSeen = segments.some((start, index) => index % 2 === 0 && x >= start && x < (segments[index + 1] ?? 0));
		return isSeen ? {x, y} : undefined;
	};

	const reset = (): void => {
		forget(front);
		writer.forget();
		last = undefined;
		panes = [];
		isCursorShown = undefined;
	};
	reset();

	return {
		compose: frame => {
			for (const marks of damage) marks.length = 0;
			if (!last || !isSameLayout(last, frame)) arrange(frame);
			last = frame;
			inspectChrome(frame);
			for (const [index, pane] of panes.entries()) inspect(pane, frame.panes[index]?.isResting === true);
			for (let y = 0; y < front.rows; y++) {
				const marks = joined(damage[y] ?? NOWHERE);
				for (let at = 0; at < marks.length; at += 2) {
					const [start = 0, end = 0] = [marks[at], marks[at + 1]];
					if (start >= end) continue;
					buildRow(frame, y, start, end);
					simplify(start, end);
					writer.paintRow(front, back, y, start, end);
				}
			}
			const cells = writer.take();
			const cursor = cursorOf(frame);
			if (cursor) writer.moveTo(cursor.x, cursor.y);
			const move = writer.take();
			const isShown = cursor !== undefined;
			const visibility = isShown === isCursorShown ? '' : isShown ? '\x1b[?25h' : '\x1b[?25l';
			isCursorShown = isShown;
			const bytes = cells ? `\x1b[?2026h${cells}${move}${visibility}\x1b[?2026l` : move + visibility;
			if (bytes) options.write(bytes);
		},
		resize: (columns, rows) => {
			if (columns === front.columns && rows === front.rows) return;
			front = createCanvas(columns, rows);
			back = createCellRow(columns);
			chromeRow = createCellRow(columns);
			chromeSeen = new Float64Array(rows).fill(-1);
			chromeVersion = -1;
			damage = Array.from({length: rows}, (): number[] => []);
			reset();
		},
		invalidate: reset,
	};
};
