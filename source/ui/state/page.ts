import type {BoardSort, ColumnName} from '../model/board.ts';
import type {EventsPage, ReplayPage} from './pages/record-pages.ts';

/** A task in full. */
export type TaskPage = {
	readonly kind: 'task';
	readonly task: string;
	/** Which of two columns the keys move. */
	readonly column: 0 | 1;
	readonly scroll: readonly [number, number];
};

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
};

/** What covers the room. Each kind is a scope of keys, and has its behaviour in `pages/` and its picture in `draw/pages/`. */
export type Page = TaskPage | TrainPage | BoardPage | EventsPage | ReplayPage;
