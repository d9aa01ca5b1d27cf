import {priorityBadge, type Task} from '../../core/task.ts';
import {type Keymap, keyOf} from '../keymap.ts';
import type {QueueRow} from '../model/queue.ts';
import {AGENT_SORTS, QUEUE_SORTS} from '../model/sorts.ts';
import {PRIORITIES} from './draft.ts';
import {markedList, markedRows} from './marks.ts';
import {queueRows, selectedId} from './rows.ts';
import {and, type Context, type List, refuse, say, type Updated, unchanged, type ViewState} from './state.ts';

/** What a person has ordered and the room has not shown yet: keys that come faster than its answers act on what they will find. */
export type Turn = {readonly score: number; readonly priority: number; readonly was: number; readonly at: number};
export type Turns = Readonly<Record<string, Turn>>;

/** An order that changed nothing is forgotten after this long, ms. */
const BELIEVED_MS = 3000;

/** A task as it will be once the room has done what was ordered. */
export const believed = (task: Task, turns: Turns): Task => {
	const turn = turns[task.id];
	return turn && turn.was === task.score ? {...task, score: turn.score, priority: turn.priority} : task;
};

/** Orders that the room has done, or has not done in time, are forgotten. */
export const keepTurns = (state: ViewState, {snapshot, now}: Pick<Context, 'snapshot' | 'now'>): ViewState => {
	const open = Object.entries(state.turns).filter(
		([id, turn]) => snapshot.team.tasks.get(id)?.score === turn.was && now - turn.at < BELIEVED_MS,
	);
	return open.length === Object.keys(state.turns).length ? state : {...state, turns: Object.fromEntries(open)};
};

const turned = (
	state: ViewState,
	changed: readonly {readonly task: Task; readonly score: number; readonly priority?: number}[],
	{snapshot, now}: Context,
): ViewState => ({
	...state,
	turns: {
		...state.turns,
		...Object.fromEntries(
			changed.map(({task, score, priority = task.priority}) => [
				task.id,
				{score, priority, was: snapshot.team.tasks.get(task.id)?.score ?? task.score, at: now},
			]),
		),
	},
});

/** Why a row has no turn that could be changed; '' where it has. */
const fixedIn = ({task}: QueueRow, keymap: Keymap): string => {
	if (task.state === 'dead') return `${task.id} is dead: ${keyOf(keymap, 'requeue')} requeues it.`;
	if (task.asks) return `${task.id} waits for your decision: ${keyOf(keymap, 'peek')} opens it.`;
	if (task.stage === 'test' || task.stage === 'merge')
		return `${task.id} has its turn in the merge train: ${keyOf(keymap, 'train')} shows it.`;
	return task.state === 'leased' ? `${task.id} is being worked on.` : '';
};

/** Why the two cannot change places; '' where they can. */
const apart = (row: QueueRow, other: QueueRow | undefined, by: 1 | -1, keymap: Keymap): string => {
	const end = `${row.task.id} is the ${by === 1 ? 'last' : 'first'}`;
	if (!other) return `${end} in the queue.`;
	if (row.rank !== other.rank || fixedIn(other, keymap))
		return `${end} of those that ${row.rank >= 5 ? 'wait for others' : row.rank === 4 ? 'are delayed' : 'can be moved here'}.`;
	return '';
};

const moveTask = (state: ViewState, by: 1 | -1, context: Context): Updated => {
	const {keymap} = context;
	if (state.sorts[2] !== 'order')
		return refuse(state, `The queue is sorted by ${state.sorts[2]}: ${keyOf(keymap, 'sort')} leads back to its order.`, context);
	const rows = queueRows(state, context.snapshot, context.now);
	const at = rows.findIndex(({task}) => task.id === selectedId(2, state, context.snapshot, context.now));
	const row = rows[at];
	if (!row) return refuse(state, 'There is no task to move.', context);
	const other = rows[at + by];
	const why = fixedIn(row, keymap) || apart(row, other, by, keymap);
	if (why || !other) return refuse(state, why, context);
	const [first, second] = by === 1 ? [other.task, row.task] : [row.task, other.task];
	const next = turned(
		{...state, selected: {...state.selected, 2: row.task.id}},
		[
			{task: first, score: second.score},
			{task: second, score: first.score},
		],
		context,
	);
	return and(next, {type: 'dispatch', action: {type: 'move-task', task: first.id, before: second.id}});
};

/** The next band of priorities; undefined at the end of them. */
const nextBand = (task: Task, by: 1 | -1): number | undefined => PRIORITIES[Number(priorityBadge(task.priority)[1]) - by];

const raise = (state: ViewState, by: 1 | -1, context: Context): Updated => {
	const rows = queueRows({...state, filters: {...state.filters, 2: ''}}, context.snapshot, context.now);
	const marked = markedRows(state);
	const ids = marked.length > 0 ? marked : [selectedId(2, state, context.snapshot, context.now)];
	const chosen = rows.filter(({task}) => ids.includes(task.id));
	const [only] = chosen;
	if (!only) return refuse(state, 'There is no task here that waits.', context);
	const changed = chosen.flatMap(row => {
		const priority = fixedIn(row, context.keymap) ? undefined : nextBand(row.task, by);
		return priority === undefined ? [] : [{task: row.task, priority, score: row.task.score + (row.task.priority - priority) * 60_000}];
	});
	if (changed.length === 0)
		return refuse(
			state,
			fixedIn(only, context.keymap) ||
				`${chosen.length === 1 ? only.task.id : 'All of them'} ${chosen.length === 1 ? 'is' : 'are'} P${by === 1 ? 0 : 3} already.`,
			context,
		);
	const kept = {...state, selected: {...state.selected, 2: selectedId(2, state, context.snapshot, context.now)}};
	const actions = changed.map(({task, priority}) => ({type: 'prioritise-task' as const, task: task.id, priority}));
	const [action] = actions;
	const command =
		actions.length === 1 && action
			? ({type: 'dispatch', action} as const)
			: ({type: 'dispatch-all', actions, word: by === 1 ? 'raised' : 'lowered'} as const);
	return and(turned(kept, changed, context), command);
};

/** Orders of the scope of the queue. */
export const turnOrders: Readonly<Record<string, (state: ViewState, context: Context) => Updated>> = {
	later: (state, context) => moveTask(state, 1, context),
	sooner: (state, context) => moveTask(state, -1, context),
	raise: (state, context) => raise(state, 1, context),
	lower: (state, context) => raise(state, -1, context),
	// The rows of another order stand elsewhere: those that were kept in their places are let go.
	sort: (state, context) => {
		const list = markedList(state);
		if (!list) return refuse(state, '1 Agents and 2 Queue can be sorted.', context);
		const sorts: readonly string[] = list === 1 ? AGENT_SORTS : QUEUE_SORTS;
		const next = sorts[(sorts.indexOf(state.sorts[list]) + 1) % sorts.length] ?? '';
		const selected = {...state.selected, [list satisfies List]: selectedId(list, state, context.snapshot, context.now)};
		return unchanged(
			say(
				{...state, selected, arrangement: list === 1 ? [] : state.arrangement, sorts: {...state.sorts, [list]: next}},
				`${list === 1 ? 'agents' : 'the queue'} by ${next}`,
				context.now,
			),
		);
	},
};
