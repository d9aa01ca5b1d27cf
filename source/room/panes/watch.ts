import {type Panes, WATCH_TTL_MS} from '../../core/team/panes.ts';
import type {ElsewherePane, PaneHandle} from '../../store/room.ts';
import {createHeadlessScreen, type HeadlessScreen} from '../../terminal/screen/screen.ts';
import {ALL_PANES, type Lane} from '../team/pane.ts';
import {type Frame, PANE_BYTES_A_SECOND, readFrame, type Untyped} from './frame.ts';

/** A pane passed while scrolling a list is not watched, ms. */
const BEGIN_MS = 100;
/** Looking away for less than this does not end the watching, ms. */
const END_MS = 500;
/** Minimum interval between requests for missing frames, ms. */
const AGAIN_MS = 500;
/** Anything on this Redis may send frames: beyond twice what a room sends, the rest is dropped, bytes a second. */
const TAKEN_A_SECOND = 2 * PANE_BYTES_A_SECOND;
/** Maximum of bytes waiting to be drawn; beyond it the next whole screen is awaited. */
const MOST_WAITING = 8 * 1024 * 1024;
/** Maximum of kept panes; beyond it unwatched ones are dropped. */
const MOST_KEPT = 30;
const [COLUMNS, ROWS] = [80, 24];

/** The screen that a human saw when a key was pressed. */
export type Sight = {readonly agent: string; readonly run: string; readonly seen: number};

/** What is known of a watched pane. */
export type PaneSight = Sight & {readonly screen: HeadlessScreen; readonly outputAt: number; readonly elsewhere: ElsewherePane};

export type PaneWatch = {
	/** The pane of an agent of another room: watched while it has a listener. */
	pane(agent: string): PaneHandle;
	sight(agent: string): PaneSight | undefined;
	/** Takes a frame; its sender is not trusted. */
	take(agent: string, frame: string): void;
	/** Why keys typed into a pane did not arrive, '' if they did. */
	setProblem(agent: string, problem: string): void;
	close(): void;
};

export type Watching = {
	readonly coordination: Panes;
	readonly roomId: string;
	readonly onChange: () => void;
	/** A human typed at this sight, or asked for another size of the pane. */
	readonly type: (sight: Sight, typed: Uint8Array) => void;
	readonly resize: (sight: Sight, columns: number, rows: number) => void;
	/** Keys of this room were not typed there. */
	readonly onUntyped: (agent: string, why: Untyped) => void;
	readonly nameOf: (agent: string) => string;
};

type Watched = {
	readonly screen: HeadlessScreen;
	readonly lane: Lane;
	readonly handle: PaneHandle;
	readonly listeners: Set<() => void>;
	/** Of the last frame drawn; 0 before a whole screen has come. */
	number: number;
	run: string;
	isTypingOff: boolean;
	outputAt: number;
	problem: string;
	/** Bytes taken beyond the allowance, and when they were counted. */
	debt: number;
	countedAt: number;
	askedAt: number;
	isWatching: boolean;
	timer: NodeJS.Timeout | undefined;
};

/**
 * Watches panes of other rooms. Frames of any sender are drawn on a screen like that of a pane of this room: nothing else of them reaches a
 * terminal. Guarantee: without a viewer nothing is requested, and what comes is dropped.
 */
export const createPaneWatch = (watching: Watching): PaneWatch => {
	const {coordination, roomId, onChange, nameOf} = watching;
	const panes = new Map<string, Watched>();

	const changed = ({listeners}: Watched): void => {
		for (const listener of [...listeners]) listener();
		onChange();
	};
	const blank = (entry: Watched): void => {
		entry.number = 0;
		entry.run = '';
		entry.problem = '';
		entry.screen.resize(COLUMNS, ROWS);
		entry.screen.write('\x1bc\x1b[?25l');
	};

	const ask = (agent: string, entry: Watched): void => {
		clearTimeout(entry.timer);
		entry.askedAt = performance.now();
		entry.timer = setTimeout(() => ask(agent, entry), WATCH_TTL_MS / 3);
		// While Redis is away the screen says so; then it asks again.
		coordination.watchPane(agent, {room: roomId, ttlMs: WATCH_TTL_MS, seen: entry.number}).catch(() => undefined);
	};
	const begin = (agent: string, entry: Watched): void => {
		clearTimeout(entry.timer);
		if (entry.isWatching) ask(agent, entry);
		else
			entry.timer = setTimeout(() => {
				entry.isWatching = true;
				entry.screen.write(`\x1b[2mWaiting for the pane of ${nameOf(agent)}…`);
				ask(agent, entry);
				changed(entry);
			}, BEGIN_MS);
	};
	const end = (agent: string, entry: Watched): void => {
		clearTimeout(entry.timer);
		if (!entry.isWatching) return;
		entry.timer = setTimeout(() => {
			entry.isWatching = false;
			blank(entry);
			onChange();
			coordination.watchPane(agent, {room: roomId, ttlMs: 0, seen: 0}).catch(() => undefined);
		}, END_MS);
	};
	/** Frames are missing. */
	const askAgain = (agent: string, entry: Watched): void => {
		entry.number = 0;
		if (performance.now() - entry.askedAt >= AGAIN_MS) ask(agent, entry);
	};

	const isTooMuch = (entry: Watched, bytes: number): boolean => {
		const now = performance.now();
		entry.debt = Math.max(0, entry.debt - ((now - entry.countedAt) * TAKEN_A_SECOND) / 1000);
		entry.countedAt = now;
		if (entry.debt > TAKEN_A_SECOND || entry.lane.waiting > MOST_WAITING) return true;
		entry.debt += bytes;
		return false;
	};
	const draw = (agent: string, entry: Watched, {number, isWhole, columns, rows, run, refuses, untyped, bytes}: Frame): void => {
		// A frame may come twice.
		if (!isWhole && number <= entry.number) return;
		if (!isWhole && number !== entry.number + 1) {
			askAgain(agent, entry);
			return;
		}
		Object.assign(entry, {number, run, isTypingOff: refuses === 'off', outputAt: Date.now()});
		if (entry.screen.columns !== columns || entry.screen.rows !== rows) {
			entry.lane.flush();
			entry.screen.resize(columns, rows);
		}
		if (untyped?.room === roomId) watching.onUntyped(agent, untyped.why);
		if (bytes.length > 0) entry.lane.push(bytes);
		else changed(entry);
	};

	const open = (agent: string): Watched => {
		const screen = createHeadlessScreen({columns: COLUMNS, rows: ROWS, scrollback: 0});
		const listeners = new Set<() => void>();
		const sight = (): Sight => ({agent, run: entry.run, seen: entry.number});
		const entry: Watched = {
			...{screen, listeners, number: 0, run: '', isTypingOff: false, outputAt: 0, problem: '', debt: 0, countedAt: 0, askedAt: 0},
			...{isWatching: false, timer: undefined},
			lane: ALL_PANES.lane(bytes => {
				screen.write(bytes);
				changed(entry);
			}),
			handle: {
				screen,
				get age() {
					return screen.age;
				},
				lines: screen.copy,
				get modes() {
					return screen.modes;
				},
				write: bytes => watching.type(sight(), bytes),
				resize: (columns, rows) => watching.resize(sight(), columns, rows),
				onChange: listener => {
					listeners.add(listener);
					if (listeners.size === 1) begin(agent, entry);
					return () => {
						if (listeners.delete(listener) && listeners.size === 0) end(agent, entry);
					};
				},
			},
		};
		blank(entry);
		return entry;
	};
	const forget = (): void => {
		for (const [agent, entry] of panes) {
			if (panes.size <= MOST_KEPT) return;
			if (entry.listeners.size > 0 || entry.isWatching) continue;
			clearTimeout(entry.timer);
			entry.screen.dispose();
			panes.delete(agent);
		}
	};

	return {
		pane: agent => {
			const known = panes.get(agent);
			if (known) return known.handle;
			forget();
			const entry = open(agent);
			panes.set(agent, entry);
			return entry.handle;
		},
		sight: agent => {
			const entry = panes.get(agent);
			if (!entry?.isWatching) return undefined;
			const {screen, run, number, outputAt, isTypingOff, problem} = entry;
			return {agent, screen, run, seen: number, outputAt, elsewhere: {isShown: number > 0, isTypingOff, problem}};
		},
		take: (agent, text) => {
			const entry = panes.get(agent);
			if (!entry?.isWatching) return;
			const frame = isTooMuch(entry, text.length) ? undefined : readFrame(text);
			if (frame) draw(agent, entry, frame);
			else askAgain(agent, entry);
		},
		setProblem: (agent, problem) => {
			const entry = panes.get(agent);
			if (!entry || entry.problem === problem) return;
			entry.problem = problem;
			changed(entry);
		},
		close: () => {
			for (const entry of panes.values()) {
				clearTimeout(entry.timer);
				entry.isWatching = false;
			}
		},
	};
};
