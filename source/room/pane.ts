import {type PaneProcess, startProcess} from '../pty/process.ts';
import type {PaneHandle, PaneInfo} from '../store/room.ts';
import {createHeadlessScreen, type HeadlessScreen} from '../terminal/headless-screen.ts';
import type {TerminalNotice} from '../terminal/notices.ts';
import {withoutSuspend} from '../terminal/without-suspend.ts';
import {createFloodGate} from './flood.ts';
import {createTurns, type Turns} from './turns.ts';

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
	/** An agent CLI: nobody may suspend it, and where it draws its screen itself, words of the room's own do not move what is there. */
	readonly cli?: 'interactive' | 'headless' | undefined;
};

export type Pane = {
	readonly handle: PaneHandle;
	readonly screen: HeadlessScreen;
	/** Clears the screen and starts a program; refuses (throws `ProcessRefused`) what cannot be started. */
	start(options: PaneStart): PaneProcess;
	/** Calls the listener with each title, notification and bell of what runs in it; returns the way to stop. */
	onNotice(listener: (notice: TerminalNotice) => void): () => void;
	/** A line of the room's own, below what is on the screen; over the last row where a program draws its screen itself. */
	say(line: string): void;
	/** Keys of the room's own; false where the program has ended or reads nothing. */
	type(bytes: Uint8Array | string): boolean;
	/** When a person typed into it last: moment of `performance.now()`. */
	typedAt(): number;
	info(): PaneInfo;
	dispose(): void;
};

export type PaneSettings = {
	/** Lines kept above the screen. */
	readonly scrollback?: number;
	readonly turns?: Turns;
};

const SCROLLBACK = 1000;
const COLUMNS = 120;
const ROWS = 40;
/** Output that waits to be parsed, bytes: beyond it nothing more is read, and the program blocks once the kernel's buffer is full. */
const WAITING_MOST = 32 * 1024;
/** One event loop, one order of turns. */
const ALL_PANES = createTurns();

/** One agent's pane: a headless screen that outlives the processes that draw on it. */
export const createPane = (agent: string, onOutput: () => void, {scrollback = SCROLLBACK, turns = ALL_PANES}: PaneSettings = {}): Pane => {
	let process: PaneProcess | undefined;
	let outputAt = Date.now();
	let command = '';
	let cli: PaneStart['cli'];
	let typedAt = Number.NEGATIVE_INFINITY;
	/** Looked for once for each change of the screen: a team's panes are listed ten times a second. */
	let lastLine: string | undefined;
	const listeners = new Set<() => void>();
	const noticeListeners = new Set<(notice: TerminalNotice) => void>();
	const screen = createHeadlessScreen({
		columns: COLUMNS,
		rows: ROWS,
		scrollback,
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

	const say = (line: string): void => {
		const text = `\u001b[0m\u001b[2m${line.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')}\u001b[0m`;
		// A program that draws its screen reckons with where its cursor stands: it is put back there.
		const isDrawn = process !== undefined && cli === 'interactive';
		screen.write(isDrawn ? `\u001b7\u001b[${screen.rows};1H\u001b[2K${text}\u001b8` : `\r\n${text}\r\n`);
		changed();
	};

	const byPerson = (bytes: Uint8Array): void => {
		typedAt = performance.now();
		const kept = cli === undefined ? bytes : withoutSuspend(bytes);
		if (kept !== bytes) say('Ctrl-Z is not passed on: a suspended agent would never come back. Pause it instead.');
		if (kept.length > 0) process?.write(kept);
	};

	return {
		screen,
		handle: {
			screen,
			get age() {
				return screen.age;
			},
			lines: screen.copy,
			get modes() {
				return screen.modes;
			},
			write: byPerson,
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
			cli = options.cli;
			screen.write('\u001bc');
			lastLine = undefined;
			const show = (bytes: Uint8Array): void => {
				screen.write(bytes);
				changed();
			};
			// Flow control: a flood is parsed in turns, so that no other pane, key or beat waits for it, and slows down who prints it.
			const lane = turns.lane(show, started.resumeReading);
			const gate = options.isPlain ? createFloodGate(lane.push) : {take: lane.push, flush: () => {}};
			started.onData(bytes => {
				options.onOutput(bytes);
				outputAt = Date.now();
				gate.take(bytes);
				if (lane.waiting > WAITING_MOST) started.pauseReading();
			});
			started.onEnd(() => {
				gate.flush();
				lane.flush();
				if (process === started) process = undefined;
			});
			return started;
		},
		onNotice: listener => {
			noticeListeners.add(listener);
			return () => noticeListeners.delete(listener);
		},
		say,
		type: bytes => process?.write(bytes) ?? false,
		typedAt: () => typedAt,
		info: () => {
			lastLine ??= screen.tail(1)[0]?.trim() ?? command;
			return {agent, lastLine, outputAt, columns: screen.columns, rows: screen.rows, isRunning: process !== undefined};
		},
		dispose: () => screen.dispose(),
	};
};
