import {NO_ACTIVITY, withOutput} from '../../core/text/activity.ts';
import {aboveInputBox} from '../../core/text/input-box.ts';
import {type PaneProcess, startProcess} from '../../pty/process.ts';
import type {PaneHandle, PaneInfo} from '../../store/room.ts';
import {withoutSuspend} from '../../terminal/input/bytes.ts';
import {createHeadlessScreen, type HeadlessScreen} from '../../terminal/screen/screen.ts';
import type {TerminalNotice} from '../../terminal/screen/xterm.ts';
import {createFloodGate} from './output.ts';
import {type OwnWork, startOwnWork} from './own-work.ts';

/** Time for parsing all panes in one turn of the event loop, ms: keys, heartbeats and leases come between turns. */
const TURN_MS = 8;
/** Bytes parsed between two looks at the clock; fewer where they are expensive (a few bytes may redraw a whole screen). */
const SLICE_MOST = 16 * 1024;
const SLICE_LEAST = 256;
/** A slice should take about this long, ms. */
const SLICE_MS = 2;

/** Rows searched for the last line of output: a CLI's input box, and some above it. */
const LAST_ROWS = 16;

export type Lane = {
	/** Parses at once while the turn has time and nothing of this lane waits; otherwise in turns, in order. */
	push(bytes: Uint8Array): void;
	readonly waiting: number;
	/** The output has ended: parses what waits now, however long that takes. */
	flush(): void;
};

type OutputScheduler = {
	/** A lane for the output of one program. `onDrained` is called when nothing of it waits any more. */
	lane(parse: (bytes: Uint8Array) => void, onDrained?: () => void): Lane;
};

type Queue = {
	readonly parse: (bytes: Uint8Array) => void;
	readonly onDrained: () => void;
	chunks: Uint8Array[];
	waiting: number;
	slice: number;
	/** Recently used time, ms; halved every turn, and for every `REST_MS` without one. */
	had: number;
};

/** A wait of at most this many bytes is a reply to someone: it goes before a flood that used up to this much less time, ms. */
const SHORT = 1024;
const SHORT_MS = 1;
/** Without output there are no turns: that long counts as one, ms. */
const REST_MS = 1;
/** Less time than this is forgotten, ms. */
const FORGOTTEN_MS = 0.01;

const rank = ({had, waiting}: Queue): number => (waiting > SHORT ? had + SHORT_MS : had);

/**
 * Time-slices the event loop between the outputs of all panes. Guarantees: the bytes of a lane are parsed in order and none is lost; a turn starts
 * no more slices once `TURN_MS` are used up; the lane with the least recent time goes first, and short waits before long ones. So a flood of one
 * pane, or of many, delays the echo of another by one turn and starves none. `now` in ms; `later` runs something in the next turn.
 */
export const createOutputScheduler = (
	now: () => number = () => performance.now(),
	later: (run: () => void) => void = run => void setImmediate(run),
): OutputScheduler => {
	const queues = new Set<Queue>();
	let spent = 0;
	let isAwaited = false;
	let turnedAt = 0;

	/** Parses at most one slice; its time counts. */
	const parseSlice = (queue: Queue): void => {
		const [chunk] = queue.chunks;
		if (!chunk) return;
		const slice = chunk.length <= queue.slice ? chunk : chunk.subarray(0, queue.slice);
		if (slice === chunk) queue.chunks.shift();
		else queue.chunks[0] = chunk.subarray(slice.length);
		queue.waiting -= slice.length;
		const at = now();
		queue.parse(slice);
		const took = now() - at;
		if (took > SLICE_MS * 2) queue.slice = Math.max(SLICE_LEAST, queue.slice >> 1);
		else if (took < SLICE_MS / 2 && slice.length === queue.slice) queue.slice = Math.min(SLICE_MOST, queue.slice * 2);
		queue.had += took;
		spent += took;
	};

	const halve = (times: number): void => {
		for (const queue of queues) {
			queue.had *= 0.5 ** times;
			if (queue.had < FORGOTTEN_MS) queue.had = 0;
			if (queue.had === 0 && queue.waiting === 0) queues.delete(queue);
		}
	};
	const turn = (): void => {
		isAwaited = false;
		spent = 0;
		halve(1);
		while (spent < TURN_MS) {
			let next: Queue | undefined;
			for (const queue of queues) if (queue.waiting > 0 && (!next || rank(queue) < rank(next))) next = queue;
			if (!next) break;
			parseSlice(next);
			if (next.waiting === 0) next.onDrained();
		}
		turnedAt = now();
		// The time used now counts until the loop has gone round once more. Further turns would do nothing: each is a wake-up of the loop.
		if (spent > 0) awaitTurn();
	};
	const awaitTurn = (): void => {
		if (isAwaited) return;
		isAwaited = true;
		later(turn);
	};

	return {
		lane: (parse, onDrained = () => {}) => {
			const queue: Queue = {parse, onDrained, chunks: [], waiting: 0, slice: SLICE_MOST / 4, had: 0};
			return {
				get waiting() {
					return queue.waiting;
				},
				push: bytes => {
					if (bytes.length === 0) return;
					if (!isAwaited) halve((now() - turnedAt) / REST_MS);
					queue.chunks.push(bytes);
					const isFirst = queue.waiting === 0;
					queue.waiting += bytes.length;
					queues.add(queue);
					while (isFirst && queue.waiting > 0 && spent < TURN_MS) parseSlice(queue);
					awaitTurn();
				},
				flush: () => {
					while (queue.waiting > 0) parseSlice(queue);
					queues.delete(queue);
				},
			};
		},
	};
};

type Program = {readonly command: readonly string[]; readonly cwd: string; readonly env: Readonly<Record<string, string>>};

/** What a pane runs: a program, or work that the room does itself, which prints lines. */
type StartOf<What> = What & {
	/** Environment variable and value by which every process of the attempt can be found. */
	readonly marker: readonly [name: string, value: string];
	/** Gets every byte of output, for the log. */
	readonly onOutput: (bytes: Uint8Array) => void;
	/** It prints lines and draws no screen: the end of a flood is enough. */
	readonly isPlain?: boolean;
	/** What is on the screen stays: it continues what ran before. */
	readonly isContinued?: boolean;
	/** An agent CLI: it cannot be suspended from its pane, and if it draws its screen itself, the room's own lines do not move what is there. */
	readonly cli?: 'interactive' | 'headless' | undefined;
};

export type ProgramStart = StartOf<Program>;
export type PaneStart = ProgramStart | StartOf<{readonly work: OwnWork}>;

export type Pane = {
	readonly handle: PaneHandle;
	readonly screen: HeadlessScreen;
	/** Clears the screen and starts a program; throws `ProcessRefused` if it cannot start. */
	start(options: PaneStart): PaneProcess;
	/** Calls the listener with each title, notification and bell of the program; returns the unsubscribe function. */
	onNotice(listener: (notice: TerminalNotice) => void): () => void;
	/** A line of the room's own, below what is on the screen; over the last row if a program draws its screen itself. */
	say(line: string): void;
	/** Shows bytes as if the program had printed them. */
	print(bytes: Uint8Array): void;
	/** Types keys for the room; false if the program has ended or reads nothing. */
	type(bytes: Uint8Array | string): boolean;
	/** Calls the listener before a human's keys reach the program; if it returns true, they do not. Returns the unsubscribe function. */
	onTyped(listener: (isEscape: boolean, bytes: Uint8Array) => boolean): () => void;
	/** When a human last typed into it, by `performance.now()`. */
	typedAt(): number;
	/** When a human last typed a key into it that interrupts a program (Esc, Ctrl-C), by the same clock. */
	escapedAt(): number;
	info(): PaneInfo;
	/** When it last printed, epoch ms: without the last line, which costs a look at the screen. */
	printedAt(): number;
	dispose(): void;
};

export type PaneSettings = {
	/** Lines kept above the screen. */
	readonly scrollback?: number;
	readonly turns?: OutputScheduler;
};

const [CTRL_C, ESCAPE] = [0x03, 0x1b];
const SCROLLBACK = 1000;
const COLUMNS = 120;
const ROWS = 40;
/** Smaller places are of a moment: a pane elsewhere begins no smaller. */
const LEAST = {columns: 80, rows: 24} as const;
/** Output waiting to be parsed, bytes: beyond it nothing more is read, and the program blocks once the kernel's buffer is full. */
const WAITING_MOST = 32 * 1024;
/** All panes share one event loop, so one scheduler. */
export const ALL_PANES = createOutputScheduler();

/** The size that a pane was given last: one that nobody has looked at begins with it, so that its program need not draw itself anew. */
let lastShown = {columns: COLUMNS, rows: ROWS};

/** One agent's pane: a headless screen that outlives the processes that draw on it. */
export const createPane = (agent: string, onOutput: () => void, {scrollback = SCROLLBACK, turns = ALL_PANES}: PaneSettings = {}): Pane => {
	let process: PaneProcess | undefined;
	let outputAt = Date.now();
	let cli: PaneStart['cli'];
	let wasShown = false;
	let typedAt = Number.NEGATIVE_INFINITY;
	let escapedAt = Number.NEGATIVE_INFINITY;
	/** Read when somebody asks, once for each change of the screen: a team's panes are listed four times a second, and many pages show no line. */
	let last: {line?: string} = {};
	const lastLine = (): string => aboveInputBox(screen.tail(LAST_ROWS)).at(-1)?.trim() ?? '';
	let activity = NO_ACTIVITY;
	const listeners = new Set<() => void>();
	const typedListeners = new Set<(isEscape: boolean, bytes: Uint8Array) => boolean>();
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
		last = {};
		for (const listener of [...listeners]) listener();
		onOutput();
	};

	const print = (bytes: Uint8Array): void => {
		screen.write(bytes);
		changed();
	};

	const say = (line: string): void => {
		const text = `\u001b[0m\u001b[2m${line.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')}\u001b[0m`;
		// A program that draws its screen relies on its cursor's position: it is restored.
		const isDrawn = process !== undefined && cli === 'interactive';
		screen.write(isDrawn ? `\u001b7\u001b[${screen.rows};1H\u001b[2K${text}\u001b8` : `\r\n${text}\r\n`);
		changed();
	};

	const byPerson = (bytes: Uint8Array): void => {
		typedAt = performance.now();
		const isEscape = bytes.length > 0 && bytes.every(byte => byte === ESCAPE || byte === CTRL_C);
		if (isEscape) escapedAt = typedAt;
		if ([...typedListeners].map(listener => listener(isEscape, bytes)).includes(true)) return;
		const kept = cli === undefined ? bytes : withoutSuspend(bytes);
		if (kept !== bytes) say('Ctrl-Z is not sent: a suspended agent cannot resume. Pause it instead.');
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
			typedAt: () => typedAt,
			resize: (columns, rows) => {
				wasShown = true;
				if (columns >= LEAST.columns && rows >= LEAST.rows) lastShown = {columns, rows};
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
			if (!wasShown && !options.isContinued) screen.resize(lastShown.columns, lastShown.rows);
			const {columns, rows} = screen;
			const {marker} = options;
			const started =
				'work' in options
					? startOwnWork(options.work, marker)
					: startProcess({command: options.command, cwd: options.cwd, env: options.env, columns, rows, marker});
			process = started;
			cli = options.cli;
			if (!options.isContinued) screen.write('\u001bc');
			last = {};
			// Flow control: a flood is parsed in turns, so that no other pane, key or heartbeat waits for it, and it slows down its program.
			const lane = turns.lane(print, started.resumeReading);
			const gate = options.isPlain ? createFloodGate(lane.push) : {take: lane.push, flush: () => {}};
			started.onData(bytes => {
				options.onOutput(bytes);
				outputAt = Date.now();
				activity = withOutput(activity, outputAt, bytes.length);
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
		print,
		type: bytes => process?.write(bytes) ?? false,
		onTyped: listener => {
			typedListeners.add(listener);
			return () => typedListeners.delete(listener);
		},
		typedAt: () => typedAt,
		escapedAt: () => escapedAt,
		printedAt: () => outputAt,
		info: () => {
			const found = last;
			return {
				agent,
				get lastLine() {
					found.line ??= lastLine();
					return found.line;
				},
				outputAt,
				columns: screen.columns,
				rows: screen.rows,
				isRunning: process !== undefined,
				activity,
			};
		},
		dispose: () => screen.dispose(),
	};
};
