import type {EventFilter} from '../../core/event/words.ts';
import type {PastRoom, Target} from '../../store/history.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {OwnPages} from '../keymap/row.ts';
import type {BoardSort, ColumnName} from '../model/board.ts';
import type {Log} from '../model/events.ts';

/** The panels of a task's page by number. */
export const TASK_PANELS = [1, 2, 3, 4, 5] as const;
export type TaskPanel = (typeof TASK_PANELS)[number];
export const DIFF: TaskPanel = 4;

/** A task in full. */
export type TaskPage = {
	readonly kind: 'task';
	readonly task: string;
	/** Which the keys move. */
	readonly panel: TaskPanel;
	/** Rows above the first one shown, of each panel but the diff; more than there are is the end. */
	readonly scroll: Readonly<Record<TaskPanel, number>>;
	/** The item of the diff that the cursor is on. */
	readonly cursor: number;
	/** The diff has the whole page. */
	readonly isFull: boolean;
	/** Long lines of the diff continue below themselves. */
	readonly isWrapped: boolean;
};

/** A task's page as it opens: its timeline is at its end. */
export const firstTaskPage = (task: string, panel: TaskPanel = 3): TaskPage => ({
	kind: 'task',
	task,
	panel,
	scroll: {1: Number.MAX_SAFE_INTEGER, 2: 0, 3: 0, 4: 0, 5: 0},
	cursor: 0,
	isFull: false,
	isWrapped: false,
});

/** The merge queue; `selected`: id of a task, '' for the first. */
export type MergesPage = {readonly kind: 'merges'; readonly selected: string};

/** All tasks in columns. `selected`: id of a task; where it is on the board no longer, what stands at `index` of `column` is chosen. */
export type BoardPage = {
	readonly kind: 'board';
	readonly selected: string;
	readonly column: ColumnName;
	readonly index: number;
	readonly filter: string;
	readonly sort: BoardSort;
	/** Ids of marked tasks. */
	readonly marks: readonly string[];
};

type Own = {[K in keyof OwnPages]: {readonly kind: K} & OwnPages[K]};
export type LocksPage = Own['locks'];

/** What covers the room. Each kind is a scope of keys, and has its folder in `pages/`. */
export type Page = TaskPage | MergesPage | BoardPage | EventsPage | ReplayPage | Own[keyof OwnPages];

/** Everything that happened. `selected`: id of an entry, '' for the newest, which follows what comes. */
export type EventsPage = {
	readonly kind: 'events';
	readonly selected: string;
	readonly hasQuiet: boolean;
	/** Which of two columns the keys move: the entries, or all fields of the chosen one. */
	readonly column: 0 | 1;
	readonly scroll: number;
	readonly log: Log;
};

/** A way through time from where one stands: so many entries, so many ms, or to an entry ('' the newest, '0-0' the oldest). */
export type Step = {readonly steps: number} | {readonly ms: number} | {readonly to: string; readonly steps: number};

/** The room as it was. */
export type ReplayPage = {
	readonly kind: 'replay';
	/** Entries that steps stop at. */
	readonly passing: EventFilter;
	/** The moment on the screen, and its state as a snapshot to draw; undefined before the first answer. */
	readonly shown: {readonly past: PastRoom; readonly snapshot: RoomSnapshot} | undefined;
	/** Steps to take after what was asked for is answered, in the order of the keys. */
	readonly ahead: readonly Step[];
	readonly asked: Target | undefined;
	/** The last question could not be answered: nothing is there, or ('away') Redis is. */
	readonly missing: '' | 'gone' | 'away';
	readonly speed: Speed;
	/** Since when (this machine's clock) it plays on from the moment `at`; it stops where the screen changes its size. */
	readonly play: {readonly at: number; readonly since: number; readonly columns: number; readonly rows: number} | undefined;
	/** The panel that the keys scroll, and how far. */
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
