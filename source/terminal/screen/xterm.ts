import type {Terminal} from '@xterm/headless';
import type {PaneModes} from '../../core/text/screen.ts';

/** A title, notification or bell from a program. The text is raw but bounded. */
export type TerminalNotice = {readonly kind: 'title' | 'bell' | 'osc9' | 'osc777' | 'osc99'; readonly text: string};

/** OSC numbers by meaning; 0 and 2 set the title. */
const NOTICE_OSC: ReadonlyMap<number, Exclude<TerminalNotice['kind'], 'bell'>> = new Map([
	[0, 'title'],
	[2, 'title'],
	[9, 'osc9'],
	[99, 'osc99'],
	[777, 'osc777'],
]);

/** Longer texts are cut; only the last notices of a write count, which bounds a flood. */
const MOST_TEXT = 500;
const MOST_AT_ONCE = 20;

type StringHandler = {
	start(): void;
	put(data: Uint32Array, start: number, end: number): void;
	end(isWhole: boolean): boolean;
};

/** Collects notices in order during a parse, to be taken after it. */
export const createNoticeGate = () => {
	let found: TerminalNotice[] = [];
	const offer = (notice: TerminalNotice): void => {
		found.push(notice);
		if (found.length > MOST_AT_ONCE) found = found.slice(-MOST_AT_ONCE);
	};
	return {
		bell: (): void => {
			// Merges consecutive bells.
			if (found.at(-1)?.kind !== 'bell') offer({kind: 'bell', text: ''});
		},
		handler: (kind: Exclude<TerminalNotice['kind'], 'bell'>): StringHandler => {
			let text = '';
			return {
				start: () => {
					text = '';
				},
				put: (data, start, end) => {
					for (let index = start; index < end && text.length < MOST_TEXT; index++) text += String.fromCodePoint(data[index] ?? 0x20);
				},
				end: isWhole => {
					if (isWhole) offer({kind, text});
					text = '';
					return true;
				},
			};
		},
		take: (): readonly TerminalNotice[] => {
			if (found.length === 0) return [];
			const taken = found;
			found = [];
			return taken;
		},
	};
};

export type XtermPen = {readonly fg: number; readonly bg: number};

/** A line in @xterm/headless 6: three numbers a cell (content, foreground, background), longer texts aside. */
export type XtermLine = {
	readonly _data: Uint32Array;
	_combined: Record<number, string>;
	_extendedAttrs: Record<number, object>;
	isWrapped: boolean;
	readonly length: number;
	addCodepointToCell(index: number, codePoint: number, width: number): void;
	setCellFromCodepoint(index: number, codePoint: number, width: number, pen: XtermPen): void;
	translateToString(isTrimmed: boolean, from?: number, to?: number): string;
	copyFrom(line: XtermLine): void;
};

export type XtermBuffer = {
	ybase: number;
	ydisp: number;
	x: number;
	readonly y: number;
	readonly scrollTop: number;
	readonly lines: {
		readonly length: number;
		readonly maxLength: number;
		get(index: number): XtermLine | undefined;
		push(line: XtermLine): void;
	};
	getBlankLine(pen: undefined): XtermLine;
};

/** xterm's tracker of changed rows; `start` and `end` are unused here. */
export type DirtyRows = {
	start: number;
	end: number;
	clearRange(): void;
	markDirty(row: number): void;
	markRangeDirty(from: number, to: number): void;
	markAllDirty(): void;
};

type Params = {readonly params: Int32Array; readonly length: number};

/** Internals of @xterm/headless 6 that allow synchronous parsing and cheap reads. */
export type XtermCore = {
	readonly _inputHandler: {
		parse(bytes: string | Uint8Array): unknown;
		/** Prints code points without controls. */
		print(data: Uint32Array, start: number, end: number): void;
		readonly _curAttrData: XtermPen;
		_dirtyRowTracker: DirtyRows;
		readonly _parser: {
			precedingJoinState: number;
			registerOscHandler(code: number, handler: StringHandler): unknown;
			clearOscHandler(code: number): void;
			setOscHandlerFallback(handler: () => void): void;
			setDcsHandlerFallback(handler: () => void): void;
			clearDcsHandler(id: {intermediates: string; final: string}): void;
		};
		onRequestRefreshRows(listener: (rows: {start: number; end: number} | undefined) => void): unknown;
	};
	readonly _bufferService: {
		readonly cols: number;
		readonly buffer: XtermBuffer;
		readonly buffers: {readonly normal: XtermBuffer};
		onScroll(listener: () => void): unknown;
	};
	readonly _charsetService: {readonly charset?: object | undefined};
	readonly coreService: {
		isCursorHidden: boolean;
		readonly modes: {readonly insertMode: boolean};
		readonly decPrivateModes: {
			readonly wraparound: boolean;
			readonly cursorStyle?: 'block' | 'underline' | 'bar';
			readonly cursorBlink?: boolean;
		};
	};
	readonly coreMouseService: {readonly activeEncoding: string};
	registerCsiHandler(id: {final: string; prefix?: string}, handler: (params: Params) => boolean): unknown;
	registerEscHandler(id: {final: string}, handler: () => boolean): unknown;
};

type HandlerOf = ReturnType<typeof createNoticeGate>['handler'];

const isEmpty = (values: object): boolean => {
	for (const _ in values) return false;
	return true;
};

/** Limit of code units in one cell; further combining marks are dropped. */
const MAX_CELL_TEXT = 32;
const changedLines = new WeakSet<object>();

/**
 * Changes the lines of this process once. Combining marks are limited: a flood would grow one string without end. A line that is used again when
 * the screen scrolls keeps its two objects for what is besides its cells, if they are empty: new ones for every line cost a flood up to a quarter of
 * its processor time, and tens of megabytes that wait to be collected.
 */
const changeLines = (line: XtermLine): void => {
	const prototype: XtermLine = Object.getPrototypeOf(line);
	if (changedLines.has(prototype)) return;
	changedLines.add(prototype);
	const {addCodepointToCell: add, copyFrom} = prototype;
	prototype.addCodepointToCell = function (this: XtermLine, index, codePoint, width) {
		const isFull = ((this._data[index * 3] ?? 0) & 0x200000) !== 0 && (this._combined[index]?.length ?? 0) >= MAX_CELL_TEXT;
		if (!isFull) add.call(this, index, codePoint, width);
	};
	prototype.copyFrom = function (this: XtermLine, from) {
		if (this.length !== from.length || !isEmpty(from._combined) || !isEmpty(from._extendedAttrs)) {
			copyFrom.call(this, from);
			return;
		}
		this._data.set(from._data);
		if (!isEmpty(this._combined)) this._combined = {};
		if (!isEmpty(this._extendedAttrs)) this._extendedAttrs = {};
		this.isWrapped = from.isWrapped;
	};
};

/** Titles, colours, links and their resets. xterm handles no other OSC (clipboard, notices, files). */
const KNOWN_OSC = [0, 1, 2, 4, 8, 10, 11, 12, 104, 110, 111, 112];

/**
 * Disables what a hostile stream could abuse: OSC and DCS strings are discarded except for notices; repeat counts are limited to the
 * screen's size (`CSI 99999999 b` would block the process for seconds).
 */
const guard = (core: XtermCore, terminal: Terminal, handlerOf: HandlerOf | undefined): void => {
	const parser = core._inputHandler._parser;
	// Removed, not overridden: xterm's handlers would still buffer ten million characters of an endless string.
	for (const code of KNOWN_OSC) parser.clearOscHandler(code);
	if (handlerOf) for (const [code, kind] of NOTICE_OSC) parser.registerOscHandler(code, handlerOf(kind));
	parser.setOscHandlerFallback(() => {});
	parser.setDcsHandlerFallback(() => {});
	parser.clearDcsHandler({intermediates: '$', final: 'q'});
	const clamp = (final: string, limit: () => number): void => {
		core.registerCsiHandler({final}, ({params}) => {
			if ((params[0] ?? 0) > limit()) params[0] = limit();
			return false;
		});
	};
	// Like tmux, repeats a character at most to the line's end.
	core.registerCsiHandler({final: 'b'}, ({params}) => {
		const left = terminal.cols - core._bufferService.buffer.x;
		if ((params[0] ?? 0) > left) params[0] = left;
		return left <= 0;
	});
	for (const final of ['L', 'M', 'S', 'T']) clamp(final, () => terminal.rows);
	for (const final of ['I', 'Z']) clamp(final, () => terminal.cols);
	core.registerEscHandler({final: 'c'}, () => {
		// xterm keeps the cursor hidden after a full reset.
		core.coreService.isCursorHidden = false;
		return false;
	});
};

const SHAPES = {block: 2, underline: 4, bar: 6} as const;

/** Cursor shape in the numbers of `PaneModes`. */
export const cursorShapeOf = ({coreService: {decPrivateModes: modes}}: XtermCore): PaneModes['cursorShape'] =>
	modes.cursorStyle ? ((SHAPES[modes.cursorStyle] - (modes.cursorBlink ? 1 : 0)) as PaneModes['cursorShape']) : 0;

/** Opens and secures a terminal's internals. Throws if it is not the expected @xterm/headless 6. */
export const openCore = (terminal: Terminal, handlerOf?: HandlerOf): XtermCore => {
	const {_core: core} = terminal as unknown as {_core?: Partial<XtermCore>};
	const line = core?._bufferService?.buffer.lines.get(0);
	const isKnown =
		core?._inputHandler?._dirtyRowTracker &&
		typeof core._inputHandler.parse === 'function' &&
		typeof core._inputHandler.print === 'function' &&
		typeof core._inputHandler._parser.precedingJoinState === 'number' &&
		core._charsetService &&
		typeof core.registerCsiHandler === 'function' &&
		typeof line?.copyFrom === 'function' &&
		line._data instanceof Uint32Array &&
		line._data.length === terminal.cols * 3;
	if (!isKnown) throw new Error('@xterm/headless has another inside than version 6: install the version of the lock file');
	const known = core as XtermCore;
	changeLines(line);
	guard(known, terminal, handlerOf);
	return known;
};
