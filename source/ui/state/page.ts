import type {BoardSort, ColumnName} from '../model/board.ts';
import type {EventsPage, ReplayPage} from './pages/record-pages.ts';

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
	/** Long lines of the diff go on below themselves. */
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

/** The merge train; `selected`: id of a task, '' for the first. */
export type TrainPage = {readonly kind: 'train'; readonly selected: string};

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

/** Locks with their owners and waiters, and heartbeats; `selected`: name of a lock, '' for the first. */
export type LocksPage = {readonly kind: 'locks'; readonly selected: string; readonly column: 0 | 1; readonly scroll: number};

/** What covers the room. Each kind is a scope of keys, and has its behaviour in `pages/` and its picture in `draw/pages/`. */
export type Page = TaskPage | TrainPage | BoardPage | EventsPage | ReplayPage | LocksPage;
