import {TASK_STATES, type Task, type TaskState} from '../task/task.ts';

/** Number of tasks in each state, whether in memory or not. */
export type Counts = Readonly<Record<TaskState, number>>;

export const noTasks: Counts = {blocked: 0, delayed: 0, ready: 0, leased: 0, merged: 0, planned: 0, failed: 0, cancelled: 0};

/** Counts tasks by state. */
export const countTasks = (tasks: Iterable<Pick<Task, 'state'>>): Counts => {
	const counts: Record<TaskState, number> = {...noTasks};
	for (const {state} of tasks) counts[state]++;
	return counts;
};

/** Reads counts from flat fields; missing ones are 0. */
export const parseCounts = (fields: Readonly<Record<string, string>>): Counts => {
	const counts: Record<TaskState, number> = {...noTasks};
	for (const state of TASK_STATES) counts[state] = Math.max(0, Number(fields[state]) || 0);
	return counts;
};

/** Number of unfinished tasks. */
export const openCount = ({blocked, delayed, ready, leased}: Counts): number => blocked + delayed + ready + leased;

export const totalOf = (counts: Counts): number => openCount(counts) + counts.merged + counts.planned + counts.failed + counts.cancelled;

/** Tasks kept in memory besides the leased ones. */
const MOST = 1500;
const FINISHED_KEPT = 100;
const READY_KEPT = 600;
const WAITING_KEPT = 150;
/** With fewer known ready tasks than this, and more in Redis, a new snapshot is due. */
const READY_LEAST = 50;

/** Takes ready tasks from every queue in turn, best first, so that no kind is dropped for another. */
const inTurn = (ready: readonly Task[]): readonly Task[] => {
	const queues = Map.groupBy(ready, ({role, stage, assigned, needs}) => [role, stage, assigned, ...needs].join(' '));
	return [...queues.values()]
		.flatMap(queue => queue.sort((a, b) => a.score - b.score).map((task, place) => ({task, place})))
		.sort((a, b) => a.place - b.place || a.task.score - b.task.score)
		.map(({task}) => task);
};

/**
 * Returns tasks to drop, so that memory stays bounded over a year and 100,000 tasks; [] while there is room. Never a leased task or one
 * that waits for you; first those whose turn is last, and the oldest finished.
 */
export const forgotten = (tasks: ReadonlyMap<string, Task>, leased: number): readonly string[] => {
	if (tasks.size <= MOST + leased) return [];
	const by = Map.groupBy(tasks.values(), ({state}): TaskState => (state === 'cancelled' || state === 'planned' ? 'merged' : state));
	const newest = (state: TaskState): readonly Task[] => (by.get(state) ?? []).sort((a, b) => b.doneAt - a.doneAt).slice(FINISHED_KEPT);
	return [
		...newest('merged'),
		...newest('failed'),
		...inTurn(by.get('ready') ?? []).slice(READY_KEPT),
		...(by.get('delayed') ?? []).sort((a, b) => a.readyAt - b.readyAt).slice(WAITING_KEPT),
		...(by.get('blocked') ?? [])
			.filter(({decision}) => decision === '')
			.sort((a, b) => a.createdAt - b.createdAt)
			.slice(WAITING_KEPT),
	].map(({id}) => id);
};

/** Whether too few ready tasks are known, so that a new snapshot is due. */
export const isShort = ({tasks, counts}: {tasks: ReadonlyMap<string, Task>; counts: Counts}): boolean => {
	if (counts.ready === 0) return false;
	let known = 0;
	for (const {state} of tasks.values()) if (state === 'ready') known++;
	return known < READY_LEAST && known < counts.ready;
};
