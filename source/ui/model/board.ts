import {agentName} from '../../core/agent/agent.ts';
import {spentSince} from '../../core/cost/spending.ts';
import {firstRole} from '../../core/task/estimate.ts';
import {priorityBadge, type Task} from '../../core/task/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {type TeamRow, teamRows} from './agents.ts';
import {type Facts, readFilter} from './filter.ts';
import {mergeRows} from './merges.ts';
import {queue} from './queue.ts';
import {type Look, STATUS_ORDER, STATUS_STYLES} from './status-styles.ts';
import {remember} from './time.ts';

export const COLUMNS = ['queued', 'blocked', 'working', 'review', 'merge', 'done'] as const;
export type ColumnName = (typeof COLUMNS)[number];

/** Sort orders: by assignment and merging, age, or cost. */
export const SORTS = ['order', 'age', 'cost'] as const;
export type BoardSort = (typeof SORTS)[number];

/** `more`: tasks of this column not kept in memory; `all`: the count before filtering, including those. */
export type Column = {readonly name: ColumnName; readonly tasks: readonly Task[]; readonly more: number; readonly all: number};

export type BoardChoice = {readonly filter: string; readonly sort: BoardSort};

/** Start of this machine's day, epoch ms. */
export const midnight = (now: number): number => new Date(now).setHours(0, 0, 0, 0);

/** A task's column; undefined if it ended on another day. Failed ones stay until handled. */
const columnOf = (task: Task, dayBegan: number): ColumnName | undefined => {
	const {state, stage} = task;
	if (state === 'failed') return 'done';
	if (state === 'merged' || state === 'planned' || state === 'cancelled') return task.doneAt >= dayBegan ? 'done' : undefined;
	// As `status` counts: what waits for a task or a human is blocked in any stage.
	if (state === 'blocked') return 'blocked';
	if (stage === 'test' || stage === 'merge') return 'merge';
	if (stage === 'review' || stage === 'audit') return 'review';
	if (state === 'leased') return 'working';
	return 'queued';
};

const places = (ids: readonly string[]): ReadonlyMap<string, number> => new Map(ids.map((id, at) => [id, at]));

const byPlace =
	(known: ReadonlyMap<string, number>) =>
	(one: Task, other: Task): number =>
		(known.get(one.id) ?? known.size) - (known.get(other.id) ?? known.size) || one.stageAt - other.stageAt;

/** Each column has its order: queue order, urgency, longest in review, merge queue, last ended. */
const columnsOf = (snapshot: RoomSnapshot, now: number): readonly Column[] => {
	const {tasks, counts} = snapshot.team;
	const dayBegan = midnight(now - snapshot.clockOffset) + snapshot.clockOffset;
	const by = Map.groupBy(tasks.values(), task => columnOf(task, dayBegan));
	const waiting = places(queue(snapshot, now).map(({task}) => task.id));
	const looks = teamRows(snapshot, now).flatMap(({task, look, since}) =>
		task ? [{id: task.id, urgency: STATUS_ORDER.indexOf(look), since}] : [],
	);
	const urgency = places(looks.map(({id}) => id));
	const mergeQueue = places(mergeRows(snapshot).map(({task}) => task.id));
	const orders: Readonly<Record<ColumnName, (one: Task, other: Task) => number>> = {
		queued: byPlace(waiting),
		blocked: byPlace(waiting),
		working: byPlace(urgency),
		review: (one, other) => one.stageAt - other.stageAt,
		merge: byPlace(mergeQueue),
		done: (one, other) => endOf(other) - endOf(one),
	};
	let [ready, blocked] = [counts.ready + counts.delayed, counts.blocked];
	for (const {state} of tasks.values()) {
		if (state === 'ready' || state === 'delayed') ready--;
		if (state === 'blocked') blocked--;
	}
	return COLUMNS.map(name => {
		const own = (by.get(name) ?? []).sort(orders[name]);
		const more = Math.max(0, name === 'queued' ? ready : name === 'blocked' ? blocked : 0);
		return {name, tasks: own, more, all: own.length + more};
	});
};

/** When it ended, server time. */
export const endOf = (task: Task): number => task.doneAt || task.updatedAt;

const remembered = remember(columnsOf);

const lookOfTask = remember(
	(snapshot, now): ReadonlyMap<string, Look> =>
		new Map(teamRows(snapshot, now).flatMap(({task, look}) => (task ? [[task.id, look] as const] : []))),
);

const factsOf = (task: Task, column: ColumnName, look: Look | undefined, host: string): Facts => {
	const {id, title, role, owner, author, feature, state, stage, priority} = task;
	const stands = [column, state, stage, ...(look ? [look] : [])].join(' ');
	const who = [owner, author].map(agentName).join(' ');
	return {
		words: [id, title, role, who, feature, stands],
		s: stands,
		r: `${role} ${firstRole(task)}`,
		a: who,
		t: id,
		p: priorityBadge(priority),
		h: host,
	};
};

const sorted = (tasks: readonly Task[], sort: BoardSort): readonly Task[] => {
	if (sort === 'order') return tasks;
	return tasks.toSorted((one, other) => (sort === 'age' ? one.createdAt - other.createdAt : other.spent - one.spent));
};

/** Tasks that are open or ended today, in columns, filtered and sorted. `now` is server time, epoch ms. */
export const boardColumns = (snapshot: RoomSnapshot, now: number, {filter, sort}: BoardChoice): readonly Column[] => {
	const columns = remembered(snapshot, now);
	const isAll = filter.trim() === '';
	if (isAll && sort === 'order') return columns;
	const [isWanted, looks] = [readFilter(filter), lookOfTask(snapshot, now)];
	const hostOf = ({owner}: Task): string => snapshot.team.agents.get(owner)?.host ?? '';
	const isShown = (task: Task, column: ColumnName): boolean => isWanted(factsOf(task, column, looks.get(task.id), hostOf(task)));
	return columns.map(column => ({
		...column,
		tasks: sorted(isAll ? column.tasks : column.tasks.filter(task => isShown(task, column.name)), sort),
		more: isAll ? column.more : 0,
	}));
};

/** What is chosen: the task wherever it stands by now, else what stands where it stood. */
export const chosenCard = (
	columns: readonly Column[],
	{selected, column, index}: {readonly selected: string; readonly column: ColumnName; readonly index: number},
): {readonly column: ColumnName; readonly index: number; readonly task: Task | undefined} => {
	for (const {name, tasks} of selected === '' ? [] : columns) {
		const at = tasks.findIndex(({id}) => id === selected);
		if (at >= 0) return {column: name, index: at, task: tasks[at]};
	}
	const tasks = columns.find(({name}) => name === column)?.tasks ?? [];
	const at = Math.max(0, Math.min(tasks.length - 1, index));
	return {column, index: at, task: tasks[at]};
};

/** Cost since this machine's last midnight, millionths of a dollar. */
export const spentToday = ({team, clockOffset}: RoomSnapshot, now: number): number =>
	spentSince(team.spending, midnight(now) + clockOffset);

/** Problems without need for a human. Other statuses change all the time and say nothing. */
const PROBLEM: readonly Look[] = ['out-of-context', 'rate-limited'];

/** Last change of an agent's row that matters, server time; 0 for none. */
export const toldAt = ({look, agent, since}: Pick<TeamRow, 'look' | 'agent' | 'since'>): number => {
	const isHeld = look === 'paused' || agent?.status === 'stopped';
	return STATUS_STYLES[look].group === 'needs' || PROBLEM.includes(look) || (isHeld && agent?.reason) ? since : 0;
};

/** The same for a card: new, in review, in the merge queue, ended, or needs input. `row` is its agent's. */
export const cardToldAt = (task: Task, column: ColumnName, row: Pick<TeamRow, 'look' | 'agent' | 'since'> | undefined): number => {
	if (column === 'done') return endOf(task);
	const isStep = task.decision !== '' || column === 'review' || column === 'merge';
	return Math.max(task.createdAt, isStep ? task.stageAt : 0, row ? toldAt(row) : 0);
};
