import type {EventFilter} from '../../core/event/words.ts';
import type {PastRoom, Target} from '../../store/history.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {OwnPages} from '../keymap/row.ts';
import type {BoardSort, ColumnName} from '../model/board.ts';
import type {Log} from '../model/events.ts';

export const TASK_PANELS = [1, 2, 3, 4, 5] as const;
export type TaskPanel = (typeof TASK_PANELS)[number];
export const DIFF: TaskPanel = 4;

export type TaskPage = {
	readonly kind: 'task';
	readonly task: string;
	readonly panel: TaskPanel;
	/** Rows above the first visible one, of each panel but the diff; clamped to the end. */
	readonly scroll: Readonly<Record<TaskPanel, number>>;
	/** The diff's item under the cursor. */
	readonly cursor: number;
	/** Words looked for in the panels, '' for none, and the row of the match in the shown one, -1 for none; of the diff it is the cursor. */
	readonly search: string;
	readonly hit: number;
	/** The diff fills the page. */
	readonly isFull: boolean;
	readonly isWrapped: boolean;
};

/** A new task page: its timeline is at the end. */
export const firstTaskPage = (task: string, panel: TaskPanel = 3): TaskPage => ({
	kind: 'task',
	task,
	panel,
	scroll: {1: Number.MAX_SAFE_INTEGER, 2: 0, 3: 0, 4: 0, 5: 0},
	cursor: 0,
	search: '',
	hit: -1,
	isFull: false,
	isWrapped: false,
});

/** The merge queue; `selected`: a task id, '' for the first. */
export type MergesPage = {readonly kind: 'merges'; readonly selected: string};

/** All tasks in columns. `selected`: a task id; if it left the board, the card at `index` of `column`. */
export type BoardPage = {
	readonly kind: 'board';
	readonly selected: string;
	readonly column: ColumnName;
	readonly index: number;
	readonly filter: string;
	readonly sort: BoardSort;
	readonly marks: readonly string[];
};

type Own = {[K in keyof OwnPages]: {readonly kind: K} & OwnPages[K]};
export type LocksPage = Own['locks'];
export type WallPage = Own['wall'];

/** Pages over the room. Each kind is a key scope with a folder in `pages/`. */
export type Page = TaskPage | MergesPage | BoardPage | EventsPage | ReplayPage | Own[keyof OwnPages];

/** The event log. `selected`: an event id, '' for the newest, which follows. */
export type EventsPage = {
	readonly kind: 'events';
	readonly selected: string;
	readonly hasQuiet: boolean;
	/** The column that keys move: events, or fields of the selected one. */
	readonly column: 0 | 1;
	readonly scroll: number;
	readonly log: Log;
};

/** A step through time: by events, by ms, or to an event ('' the newest, '0-0' the oldest). */
export type Step = {readonly steps: number} | {readonly ms: number} | {readonly to: string; readonly steps: number};

/** Replay: the room at a past moment. */
export type ReplayPage = {
	readonly kind: 'replay';
	readonly passing: EventFilter;
	/** The shown moment and its state as a snapshot; undefined before the first answer. */
	readonly shown: {readonly past: PastRoom; readonly snapshot: RoomSnapshot} | undefined;
	/** Steps queued behind the pending request, in key order. */
	readonly ahead: readonly Step[];
	readonly asked: Target | undefined;
	/** Result of the last request: nothing there, or ('away') Redis disconnected. */
	readonly missing: '' | 'gone' | 'away';
	readonly speed: Speed;
	/** Playing since this local time, from the moment `at`; stops on a resize. */
	readonly play: {readonly at: number; readonly since: number; readonly columns: number; readonly rows: number} | undefined;
	/** The panel that keys scroll, and its offset. */
	readonly part: 0 | 1 | 2 | 3;
	readonly scroll: number;
};

export const SPEEDS = [1, 10, 60] as const;
export type Speed = (typeof SPEEDS)[number];

export const emptyLog = (filter: EventFilter): Log => ({
	filter,
	entries: [],
	reached: {older: '', newer: ''},
	has: {older: true, newer: false},
	asked: undefined,
	isAway: false,
	reach: undefined,
});

export const eventsPage = (filter: EventFilter): EventsPage => ({
	kind: 'events',
	selected: '',
	hasQuiet: filter.hasQuiet,
	column: 0,
	scroll: 0,
	log: emptyLog(filter),
});

export const replayPage = (passing: EventFilter, first: Step): ReplayPage => ({
	kind: 'replay',
	passing,
	shown: undefined,
	ahead: [first],
	asked: undefined,
	missing: '',
	speed: 1,
	play: undefined,
	part: 0,
	scroll: 0,
});
