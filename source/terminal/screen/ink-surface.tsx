import {EventEmitter} from 'node:events';
import {setImmediate} from 'node:timers/promises';
import chalk from 'chalk';
import {Box, type DOMElement, type RenderOptions, render, Text} from 'ink';
import type {ReactNode} from 'react';
import type {CellRow, Screen} from '../../core/text/screen.ts';
import {blankCells, createCellRow} from '../text/cells.ts';
import {clustersOf, cellWidth as widthOf} from '../text/widths.ts';
import {type Pen, PLAIN, penOf, penOver} from './ink-pen.ts';

// Styles are read in full: the compositor reduces them for each terminal, whatever this process's environment says.
chalk.level = 3;

/** A part of the screen laid out by Ink: its cells are read from Ink's tree and composed like a pane. */
export type InkSurface = {
	readonly screen: Screen;
	/** Draws a tree synchronously. */
	show(tree: ReactNode): void;
	resize(columns: number, rows: number): void;
	extent(): {readonly columns: number; readonly rows: number};
	/** Ends what it shows. Its root is kept for the next surface, unless enough are. */
	end(): void;
};

type Span = {readonly text: string; readonly pen: Pen};
type Put = {readonly x: number; readonly end: number; readonly text: string; readonly pen: Pen};

/** One cell a code unit: ASCII and box drawing. */
const isPlain = (text: string): boolean => /^[\x20-\x7e\u2500-\u257f]*$/.test(text);
const cellWidth = (text: string): number => (isPlain(text) ? text.length : widthOf(text));

/** Collects a text's words with their pens; an inner style wins over an outer one. */
const spansOf = (node: DOMElement, around: Pen, into: Span[]): void => {
	const pen = node.internal_transform ? penOver(penOf(node.internal_transform), around) : around;
	for (const child of node.childNodes) {
		if (child.nodeName === '#text') {
			const last = into.at(-1);
			// Joins text of the same pen: a mark belongs to the letter before it, even across parts.
			if (last?.pen === pen) into[into.length - 1] = {text: last.text + child.nodeValue, pen};
			else if (child.nodeValue !== '') into.push({text: child.nodeValue, pen});
		} else if (!child.isHidden) spansOf(child, pen, into);
	}
};

/** Where a part may draw: to `bottom` and `right`, both exclusive. */
type Clip = {readonly bottom: number; readonly right: number};

const shortened = (text: string, columns: number): string => {
	let [kept, used] = ['', 0];
	for (const {text: cluster, width} of clustersOf(text)) {
		if (used + width > columns - 1) break;
		kept += cluster;
		used += width;
	}
	return `${kept}…`;
};

/** Places one row of spans, cut at the end like `wrap="truncate"`. */
const putRow = (spans: readonly Span[], from: number, columns: number, row: Put[], end: number): void => {
	const total = spans.reduce((sum, {text}) => sum + cellWidth(text), 0);
	let left = columns;
	let x = from;
	for (const [index, {text, pen}] of spans.entries()) {
		const width = cellWidth(text);
		// The last one that fits gives a cell to the ellipsis if more follows.
		const isCut = total > columns && (width > left || (width === left && index < spans.length - 1));
		const shown = isCut ? shortened(text, left) : text;
		row.push({x, end, text: shown, pen});
		if (isCut) return;
		x += width;
		left -= width;
	}
};

const collectText = (node: DOMElement, x: number, y: number, rows: readonly Put[][], clip: Clip): void => {
	const spans: Span[] = [];
	spansOf(node, PLAIN, spans);
	const columns = node.yogaNode?.getComputedWidth() ?? 0;
	const lines: Span[][] = [[]];
	for (const {text, pen} of spans)
		for (const [index, line] of text.split('\n').entries()) {
			if (index > 0) lines.push([]);
			if (line !== '') lines.at(-1)?.push({text: line, pen});
		}
	for (const [index, line] of lines.entries()) {
		const row = y + index < clip.bottom ? rows[y + index] : undefined;
		if (row) putRow(line, x, columns, row, clip.right);
	}
};

/** Collects what is on each row in tree order: later parts cover earlier ones. A box only positions. */
const collect = (node: DOMElement, left: number, top: number, rows: readonly Put[][], clip: Clip): void => {
	const {yogaNode} = node;
	if (!yogaNode || node.isHidden) return;
	const x = left + yogaNode.getComputedLeft();
	const y = top + yogaNode.getComputedTop();
	if (node.nodeName === 'ink-text') {
		collectText(node, x, y, rows, clip);
		return;
	}
	const [width, height] = [yogaNode.getComputedWidth(), yogaNode.getComputedHeight()];
	const inner =
		node.style.overflowY === 'hidden' ? {bottom: Math.min(clip.bottom, y + height), right: Math.min(clip.right, x + width)} : clip;
	for (const child of node.childNodes) if (child.nodeName !== '#text') collect(child, x, y, rows, inner);
};

const draw = ({x: from, end, text, pen}: Put, row: CellRow): void => {
	let x = from;
	const put = (cluster: string, width: number): void => {
		if (width === 0 || x + width > end) return;
		// A halved wide character becomes a blank.
		if (row.width[x] === 0 && x > 0) [row.text[x - 1], row.width[x - 1]] = [' ', 1];
		if (row.width[x + width] === 0) [row.text[x + width], row.width[x + width]] = [' ', 1];
		for (let cell = 0; cell < width; cell++, x++) {
			row.text[x] = cell === 0 ? cluster : '';
			row.width[x] = cell === 0 ? width : 0;
			row.foreground[x] = pen.foreground;
			row.background[x] = pen.background;
			row.style[x] = pen.style;
		}
	};
	if (isPlain(text)) for (const character of text) put(character, 1);
	else for (const {text: cluster, width} of clustersOf(text)) put(cluster, width);
};

const copyRow = (row: CellRow | undefined, into: CellRow, columns: number): void => {
	for (let x = 0; x < Math.min(columns, into.width.length); x++) {
		into.text[x] = row?.text[x] ?? ' ';
		into.width[x] = row?.width[x] ?? 1;
		into.foreground[x] = row?.foreground[x] ?? -1;
		into.background[x] = row?.background[x] ?? -1;
		into.style[x] = row?.style[x] ?? 0;
	}
};

/** Cells of a surface; unchanged rows are skipped. */
const createCells = (columns: number, rows: number) => {
	const cells = Array.from({length: rows}, () => createCellRow(columns));
	const keys = new Array<string>(rows).fill('');
	return {
		rows,
		row: (y: number): CellRow | undefined => cells[y],
		/** Draws changed rows and returns them. */
		put: (puts: readonly (readonly Put[])[]): readonly number[] =>
			puts.flatMap((row, y) => {
				let key = '';
				for (const {x, end, text, pen} of row) key += `${x} ${end} ${pen.id} ${text}\n`;
				const into = cells[y];
				if (key === keys[y] || !into) return [];
				keys[y] = key;
				blankCells(into, 0, columns);
				for (const put of row) draw(put, into);
				return [y];
			}),
	};
};

/** A terminal for Ink that only has a size; not writable, so Ink draws no last frame when a root ends. */
const createSize = (columns: number, rows: number) =>
	Object.assign(new EventEmitter(), {columns, rows, isTTY: true as const, writable: false, write: () => true});

/** A root that shows nothing, and whom it tells. */
type Root = {readonly surface: InkSurface; tell: () => void};

/** As many as a screen with a page open has. */
const MOST_PREPARED = 12;
const prepared: Root[] = [];

/**
 * Creates a fixed-size Ink root. Ink's own frame composes every cell on each change, three quarters of a key's cost; this reads the tree
 * after each commit instead; `tell` is called when a row changed. Guarantee: the cells equal Ink's frame
 * (test/terminal/screen/ink-surface.test.tsx) for the `version` of Ink in the lock file.
 */
const createRoot = (): Root => {
	let [columns, rows] = [1, 1];
	let cells = createCells(columns, rows);
	let versions = new Float64Array(rows);
	let version = 0;
	let root: DOMElement | undefined;
	const stdout = createSize(columns, rows);
	const paint = (): void => {
		if (!root) return;
		const puts = Array.from({length: cells.rows}, (): Put[] => []);
		collect(root, 0, 0, puts, {bottom: cells.rows, right: columns});
		const changed = cells.put(puts);
		if (changed.length === 0) return;
		version++;
		for (const y of changed) versions[y] = version;
		made.tell();
	};
	/** Keeps Ink's root node and disables Ink's own frame for good. */
	const keep = (node: DOMElement | null): void => {
		const found = node?.parentNode;
		if (!found || root === found) return;
		root = found;
		root.onRender = paint;
	};
	const options = {
		...{stdout, stderr: createSize(columns, rows), stdin: new EventEmitter()},
		...{patchConsole: false, exitOnCtrlC: false, interactive: true},
	} as unknown as RenderOptions;
	const whole = (tree: ReactNode): ReactNode => (
		<Box ref={keep} flexDirection="column" alignItems="flex-start">
			{tree}
		</Box>
	);
	const instance = render(whole(null), options);
	/** Ink ends a root itself for an error that no part caught; it then listens to the size no more. */
	const isGone = (): boolean => stdout.listenerCount('resize') === 0;
	const screen: Screen = {
		get columns() {
			return columns;
		},
		get rows() {
			return rows;
		},
		get version() {
			return version;
		},
		rowVersion: y => versions[y] ?? 0,
		readRow: (y, into) => copyRow(cells.row(y), into, columns),
		cursor: {x: 0, y: 0, visible: false},
		textOf: y => (cells.row(y)?.text.join('') ?? '').trimEnd(),
	};
	const surface: InkSurface = {
		screen,
		show: tree => instance.rerender(whole(tree)),
		resize: (width, height) => {
			[columns, rows] = [width, height];
			Object.assign(stdout, {columns, rows});
			cells = createCells(columns, rows);
			versions = new Float64Array(rows).fill(++version);
		},
		extent: () => {
			const [box] = root?.childNodes ?? [];
			const {yogaNode} = (box as DOMElement | undefined)?.childNodes[0] ?? {};
			return {columns: yogaNode?.getComputedWidth() ?? 0, rows: yogaNode?.getComputedHeight() ?? 0};
		},
		end: () => {
			if (prepared.includes(made)) return;
			made.tell = () => undefined;
			if (prepared.length < MOST_PREPARED) surface.show(null);
			if (isGone() || prepared.length >= MOST_PREPARED) instance.unmount();
			else prepared.push(made);
		},
	};
	const made: Root = {surface, tell: () => undefined};
	return made;
};

/** A surface of that many cells; `onChange` fires when a row changed. Its root is a prepared one if there is one: a new one costs a millisecond. */
export const createInkSurface = (columns: number, rows: number, onChange: () => void = () => undefined): InkSurface => {
	const made = prepared.pop() ?? createRoot();
	made.surface.resize(columns, rows);
	made.tell = onChange;
	return made.surface;
};

/** Shows nothing: to render it costs next to nothing, and React then does all that is pending in any root. */
let flusher: Root | undefined;

/** Draws synchronously what is pending in all surfaces. */
export const flushSurfaces = (): void => {
	flusher ??= createRoot();
	flusher.surface.show(null);
};

/**
 * Makes roots ahead, one between any two events, so that the first screen need not. What a first text costs is paid here too, once: the
 * layout's WebAssembly and the patterns that measure it.
 */
export const prepareSurfaces = async (): Promise<void> => {
	const first = createRoot();
	first.surface.resize(80, 24);
	first.surface.show(<Text>agent-room ● …</Text>);
	first.surface.end();
	while (prepared.length < MOST_PREPARED) {
		await setImmediate();
		prepared.push(createRoot());
	}
};
