import xterm from '@xterm/headless';
import type {CellRow, PaneAge, PaneLines, PaneModes, Screen} from '../../core/text/screen.ts';
import {cleanText} from '../text/clean.ts';
import {createUtf8Gate} from '../text/utf8.ts';
import {clusterTable} from '../text/widths.ts';
import {createKeyboard, createReplyGate} from './answers.ts';
import {copyLines, createAge, createRowVersions, readLine} from './lines.ts';
import {printPlainFast} from './plain-print.ts';
import {createNoticeGate, cursorShapeOf, openCore, type TerminalNotice} from './xterm.ts';

export type HeadlessScreenOptions = {
	readonly columns: number;
	readonly rows: number;
	readonly scrollback: number;
	/** The terminal's replies to queries (device attributes, cursor position, modes); at most 200 a second. */
	readonly onReply?: (bytes: string) => void;
	/** Titles, notifications and bells, after the write that had them; ignored without a listener. */
	readonly onNotice?: (notice: TerminalNotice) => void;
	/** Monotonic milliseconds. */
	readonly now?: () => number;
	/** Treats newline as carriage return and newline, as Ink needs. */
	readonly convertEol?: boolean;
};

export type HeadlessScreen = Screen & {
	/** Parses synchronously; sequences and UTF-8 characters may be split between calls. Never throws. */
	write(bytes: Uint8Array | string): void;
	/** At least 2 columns and 1 row. */
	resize(columns: number, rows: number): void;
	readonly modes: PaneModes;
	readonly scrollbackLines: number;
	readonly isAlternate: boolean;
	/** Inside a synchronized update (mode 2026), when the picture is incomplete. */
	readonly isUpdating: boolean;
	/** Calls the listener after every write and resize; returns the unsubscribe function. */
	onChange(listener: () => void): () => void;
	readonly age: PaneAge;
	/** An immutable copy of all lines. */
	copy(): PaneLines;
	/** The last `count` non-blank lines of scrollback and screen, oldest first, as clean text. */
	tail(count: number): string[];
	dispose(): void;
};

/** Time limit of a synchronized update, ms: its program hangs or crashed. */
const UPDATE_MS = 150;
const MIN_COLUMNS = 2;
const MAX_CELLS_A_SIDE = 1000;
const side = (cells: number, least: number): number => Math.max(least, Math.min(MAX_CELLS_A_SIDE, Math.trunc(cells) || least));

/**
 * The screen of one program. Its output ends here as cells: clipboard, links, queries and size changes have no effect; replies leave by
 * `onReply`, titles and notifications by `onNotice`.
 */
export const createHeadlessScreen = (options: HeadlessScreenOptions): HeadlessScreen => {
	const terminal = new xterm.Terminal({
		cols: side(options.columns, MIN_COLUMNS),
		rows: side(options.rows, 1),
		scrollback: options.scrollback,
		convertEol: options.convertEol ?? false,
		allowProposedApi: true,
		logLevel: 'off',
	});
	terminal.unicode.register(clusterTable);
	terminal.unicode.activeVersion = clusterTable.version;
	const notices = createNoticeGate();
	const core = openCore(terminal, options.onNotice && notices.handler);
	if (options.onNotice) terminal.onBell(notices.bell);
	printPlainFast(core);
	const versions = createRowVersions(core, terminal.rows);
	const age = createAge(core);
	const listeners = new Set<() => void>();
	const {now = () => performance.now()} = options;
	const replies = createReplyGate(now);
	const whole = createUtf8Gate();
	terminal.onData(replies.offer);
	let updatingSince = 0;
	core.registerCsiHandler({prefix: '?', final: 'h'}, ({params, length}) => {
		// Starting again does not extend it.
		if (!terminal.modes.synchronizedOutputMode && params.subarray(0, length).includes(2026)) updatingSince = now();
		return false;
	});
	const keyboard = createKeyboard(core, () => terminal.buffer.active.type === 'alternate', replies.offer);

	const changed = (): void => {
		for (const listener of [...listeners]) listener();
	};
	const lineAt = (row: number) => {
		const {buffer} = core._bufferService;
		return row >= 0 && row < terminal.rows ? buffer.lines.get(buffer.ybase + row) : undefined;
	};

	/** Without scrollback, xterm's reflow can leave too many or too few lines; the next write into a missing row would crash the parser. */
	const fillUp = (): void => {
		const {buffer} = core._bufferService;
		buffer.ybase = Math.min(buffer.ybase, buffer.lines.maxLength - terminal.rows);
		buffer.ydisp = Math.min(buffer.ydisp, buffer.ybase);
		while (buffer.lines.length < buffer.ybase + terminal.rows) buffer.lines.push(buffer.getBlankLine(undefined));
	};

	return {
		get columns() {
			return terminal.cols;
		},
		get rows() {
			return terminal.rows;
		},
		get version() {
			return versions.version;
		},
		rowVersion: versions.rowVersion,
		readRow: (row: number, into: CellRow) => readLine(lineAt(row), into, terminal.cols),
		textOf: row => lineAt(row)?.translateToString(true, 0, terminal.cols).trimEnd() ?? '',
		get cursor() {
			const {x, y} = core._bufferService.buffer;
			return {x: Math.min(x, terminal.cols - 1), y, visible: !core.coreService.isCursorHidden};
		},
		write: bytes => {
			versions.next();
			try {
				core._inputHandler.parse(typeof bytes === 'string' ? bytes : whole(bytes));
			} catch {
				// A parser fault costs this pane its picture, never the room.
				terminal.reset();
				versions.markAll();
			}
			// After the parse: a listener may write to this screen.
			for (const reply of replies.take()) options.onReply?.(reply);
			changed();
			for (const notice of notices.take()) options.onNotice?.(notice);
		},
		resize: (columns, rows) => {
			const [width, height] = [side(columns, MIN_COLUMNS), side(rows, 1)];
			if (width === terminal.cols && height === terminal.rows) return;
			versions.next();
			terminal.resize(width, height);
			fillUp();
			versions.resize(height);
			age.next();
			changed();
		},
		get modes() {
			const {applicationCursorKeysMode, applicationKeypadMode, bracketedPasteMode, mouseTrackingMode, sendFocusMode} = terminal.modes;
			return {
				applicationCursor: applicationCursorKeysMode,
				bracketedPaste: bracketedPasteMode,
				mouse: mouseTrackingMode,
				sgrMouse: core.coreMouseService.activeEncoding === 'SGR',
				focusEvents: sendFocusMode,
				applicationKeypad: applicationKeypadMode,
				kittyKeyboard: keyboard.kitty,
				otherKeys: keyboard.otherKeys,
				cursorShape: cursorShapeOf(core),
			};
		},
		get scrollbackLines() {
			return core._bufferService.buffer.ybase;
		},
		get isAlternate() {
			return terminal.buffer.active.type === 'alternate';
		},
		get isHalfDrawn() {
			return terminal.modes.synchronizedOutputMode && now() - updatingSince < UPDATE_MS;
		},
		get isUpdating() {
			return terminal.modes.synchronizedOutputMode;
		},
		onChange: listener => {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		get age() {
			return age.now();
		},
		copy: () => copyLines(core._bufferService.buffers.normal, core._bufferService.buffer, terminal.cols, age.now()),
		tail: count => {
			const {lines} = core._bufferService.buffer;
			const found: string[] = [];
			for (let index = lines.length - 1; index >= 0 && found.length < count; index--) {
				const text = cleanText(lines.get(index)?.translateToString(true, 0, terminal.cols) ?? '').trimEnd();
				if (text.trim() !== '') found.unshift(text);
			}
			return found;
		},
		dispose: () => {
			listeners.clear();
			terminal.dispose();
		},
	};
};
