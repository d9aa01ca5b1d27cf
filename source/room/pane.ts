import {type PaneProcess, startProcess} from '../pty/process.ts';
import type {PaneHandle, PaneInfo} from '../store/room.ts';
import {createHeadlessScreen, type HeadlessScreen} from '../terminal/headless-screen.ts';
import type {TerminalNotice} from '../terminal/notices.ts';
import {createFloodGate} from './flood.ts';

export type PaneStart = {
	readonly command: readonly string[];
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
	/** Environment variable and value by which every process of the attempt can be found. */
	readonly marker: readonly [name: string, value: string];
	/** Gets every byte of output, for the log. */
	readonly onOutput: (bytes: Uint8Array) => void;
	/** It prints lines and draws no screen: of a flood the end is enough. */
	readonly isPlain?: boolean;
};

export type Pane = {
	readonly handle: PaneHandle;
	readonly screen: HeadlessScreen;
	/** Clears the screen and starts a program; refuses (throws `ProcessRefused`) what cannot be started. */
	start(options: PaneStart): PaneProcess;
	/** Calls the listener with each title, notification and bell of what runs in it; returns the way to stop. */
	onNotice(listener: (notice: TerminalNotice) => void): () => void;
	/** A line of the room's own, below what is on the screen. */
	say(line: string): void;
	info(): PaneInfo;
	dispose(): void;
};

const COLUMNS = 120;
const ROWS = 40;
const SCROLLBACK = 1000;
/** What one pane may parse in one turn of the event loop, bytes: beyond it, reading pauses until the others had theirs. */
const BYTES_A_TURN = 128 * 1024;

/** One agent's pane: a headless screen that outlives the processes that draw on it. */
export const createPane = (agent: string, onOutput: () => void): Pane => {
	let process: PaneProcess | undefined;
	let outputAt = Date.now();
	let command = '';
	let pending = 0;
	/** Looked for once for each change of the screen: a team's panes are listed ten times a second. */
	let lastLine: string | undefined;
	const listeners = new Set<() => void>();
	const noticeListeners = new Set<(notice: TerminalNotice) => void>();
	const screen = createHeadlessScreen({
		columns: COLUMNS,
		rows: ROWS,
		scrollback: SCROLLBACK,
		onReply: bytes => process?.write(Buffer.from(bytes)),
		onNotice: notice => {
			for (const listener of [...noticeListeners]) listener(notice);
		},
	});

	const changed = (): void => {
		lastLine = undefined;
		for (const listener of [...listeners]) listener();
		onOutput();
	};

	/** Flow control: a flood in one pane is read in slices, so that no other pane, key or beat waits for it. */
	const take = (from: PaneProcess, bytes: Uint8Array, show: (bytes: Uint8Array) => void): void => {
		outputAt = Date.now();
		show(bytes);
		pending += bytes.length;
		if (pending < BYTES_A_TURN) return;
		from.pauseReading();
		setImmediate(() => {
			pending = 0;
			from.resumeReading();
		});
	};

	return {
		screen,
		handle: {
			screen,
			get scrollbackLines() {
				return screen.scrollbackLines;
			},
			get modes() {
				return screen.modes;
			},
			write: bytes => process?.write(bytes),
			resize: (columns, rows) => {
				if (columns === screen.columns && rows === screen.rows) return;
				screen.resize(columns, rows);
				process?.resize(columns, rows);
				changed();
			},
			onChange: listener => {
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
		},
		start: options => {
			const started = startProcess({
				command: options.command,
				cwd: options.cwd,
				env: options.env,
				columns: screen.columns,
				rows: screen.rows,
				marker: options.marker,
			});
			process = started;
			command = options.command.join(' ');
			pending = 0;
			screen.write('\u001bc');
			lastLine = undefined;
			const show = (bytes: Uint8Array): void => {
				screen.write(bytes);
				changed();
			};
			const gate = options.isPlain ? createFloodGate(show) : {take: show, flush: () => {}};
			started.onData(bytes => {
				options.onOutput(bytes);
				take(started, bytes, gate.take);
			});
			started.onEnd(() => {
				gate.flush();
				if (process === started) process = undefined;
			});
			return started;
		},
		onNotice: listener => {
			noticeListeners.add(listener);
			return () => noticeListeners.delete(listener);
		},
		say: line => {
			screen.write(`\r\n\u001b[0m\u001b[2m${line.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')}\u001b[0m\r\n`);
			changed();
		},
		info: () => {
			lastLine ??= screen.tail(1)[0] ?? command;
			return {agent, lastLine, outputAt, columns: screen.columns, rows: screen.rows, isRunning: process !== undefined};
		},
		dispose: () => screen.dispose(),
	};
};
