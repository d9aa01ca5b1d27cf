import {priorityBadge, type Task} from '../../core/task/task.ts';
import {type Keymap, keyOf} from '../keymap/keymap.ts';
import {AGENT_SORTS, QUEUE_SORTS} from '../model/agents.ts';
import {panelRows} from '../model/attention.ts';
import {decisionWords} from '../model/decision-words.ts';
import type {QueueRow} from '../model/queue.ts';
import {serverNow} from '../model/time.ts';
import {PRIORITIES} from './draft.ts';
import {and, type Context, refuse, say, type Updated, unchanged} from './message.ts';
import type {Page} from './pages.ts';
import {idsOf, queueRows, selectedId} from './rows.ts';
import {type List, pageOf, type ViewState} from './state.ts';

/** An order without effect is forgotten after this time, ms. */
const BELIEVED_MS = 3000;

/** Forgets orders that took effect or timed out. */
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

/** Why a row's position cannot change; '' if it can. */
const fixedIn = ({task}: QueueRow, keymap: Keymap): string => {
	if (task.state === 'failed') return `${task.id} has failed: ${keyOf(keymap, 'retry')} retries it.`;
	if (task.decision) return `${task.id} needs ${decisionWords(task).needs}: ${keyOf(keymap, 'peek')} opens it.`;
	if (task.stage === 'test' || task.stage === 'merge') return `${task.id} is in the merge queue: ${keyOf(keymap, 'merges')} shows it.`;
	return task.state === 'leased' ? `${task.id} is already running.` : '';
};

/** Why the two cannot swap; '' if they can. */
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
		return refuse(state, `The task queue is sorted by ${state.sorts[2]}: ${keyOf(keymap, 'sort')} restores queue order.`, context);
	const rows = queueRows(state, context.snapshot, context.now);
	const at = rows.findIndex(({task}) => task.id === selectedId(2, state, context.snapshot, context.now));
	const row = rows[at];
	if (!row) return refuse(state, 'No task to move.', context);
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

/** The next priority band; undefined at the end. */
const nextBand = (task: Task, by: 1 | -1): number | undefined => PRIORITIES[Number(priorityBadge(task.priority)[1]) - by];

const raise = (state: ViewState, by: 1 | -1, context: Context): Updated => {
	const rows = queueRows({...state, filters: {...state.filters, 2: ''}}, context.snapshot, context.now);
	const marked = markedRows(state);
	const ids = marked.length > 0 ? marked : [selectedId(2, state, context.snapshot, context.now)];
	const chosen = rows.filter(({task}) => ids.includes(task.id));
	const [only] = chosen;
	if (!only) return refuse(state, 'No waiting task here.', context);
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
	const actions = changed.map(({task, priority}) => ({type: 'set-priority' as const, task: task.id, priority}));
	const [action] = actions;
	const command =
		actions.length === 1 && action
			? ({type: 'dispatch', action} as const)
			: ({type: 'dispatch-all', actions, word: by === 1 ? 'raised' : 'lowered'} as const);
	return and(turned(kept, changed, context), command);
};

export const turnOrders: Readonly<Record<string, (state: ViewState, context: Context) => Updated>> = {
	later: (state, context) => moveTask(state, 1, context),
	sooner: (state, context) => moveTask(state, -1, context),
	raise: (state, context) => raise(state, 1, context),
	lower: (state, context) => raise(state, -1, context),
	// A new sort order releases rows kept in place.
	sort: (state, context) => {
		const list = markedList(state);
		if (!list) return refuse(state, 'Only Agents (1) and Queue (2) can be sorted.', context);
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

/** Lists with marks: agents and queue. */
export type Marked = 1 | 2;

/** The list that a mark applies to; the pane counts as the agents. */
export const markedList = (state: ViewState): Marked | undefined => {
	if (pageOf(state)) return undefined;
	return state.focus === 2 ? 2 : state.focus < 2 ? 1 : undefined;
};

/** Pages whose rows can be marked: the board has its own marks, the wall those of the agents. */
export const hasMarks = (page: Page | undefined): boolean => page?.kind === 'board' || page?.kind === 'wall';

/** Marked ids in the focused list or on such a page; [] for none. */
export const markedRows = (state: ViewState): readonly string[] => {
	const page = pageOf(state);
	if (page) return page.kind === 'board' ? page.marks : page.kind === 'wall' ? state.marks[1] : [];
	const list = markedList(state);
	return list ? state.marks[list] : [];
};

export const withMarks = (state: ViewState, list: Marked, ids: readonly string[]): ViewState => ({
	...state,
	marks: {...state.marks, [list]: ids},
});

export const withoutMarks = (state: ViewState): ViewState => {
	if (pageOf(state)?.kind === 'board') return onBoards(state, () => []);
	const list = pageOf(state)?.kind === 'wall' ? 1 : markedList(state);
	return list ? withMarks(state, list, []) : state;
};

/** The same for the board, also under pages that it opened. */
const onBoards = (state: ViewState, keep: (marks: readonly string[]) => readonly string[]): ViewState => {
	const isKept = (page: Page): boolean => page.kind !== 'board' || keep(page.marks).length === page.marks.length;
	if (state.pages.every(isKept)) return state;
	return {...state, pages: state.pages.map(page => (page.kind === 'board' ? {...page, marks: keep(page.marks)} : page))};
};

/** Marks follow ids, vanish with their rows, and ignore filters. */
export const keepMarks = (before: ViewState, {snapshot, now}: Pick<Context, 'snapshot' | 'now'>): ViewState => {
	const state = onBoards(before, ids => ids.filter(id => snapshot.team.tasks.has(id)));
	const {marks} = state;
	if (marks[1].length + marks[2].length === 0) return state;
	const agents = new Set(panelRows(snapshot, serverNow(snapshot, now)).map(({id}) => id));
	const waiting = new Set(queueRows({...state, filters: {...state.filters, 2: ''}}, snapshot, now).map(({task}) => task.id));
	const kept = {1: marks[1].filter(id => agents.has(id)), 2: marks[2].filter(id => waiting.has(id))};
	return kept[1].length === marks[1].length && kept[2].length === marks[2].length ? state : {...state, marks: kept};
};

const NO_LIST = 'Only agents, queued tasks and tasks on the board can be marked.';

export const markOrders: Readonly<Record<string, (state: ViewState, context: Context) => Updated>> = {
	mark: (state, context) => {
		const list = markedList(state);
		if (!list) return refuse(state, NO_LIST, context);
		const id = selectedId(list, state, context.snapshot, context.now);
		if (!id) return refuse(state, 'No row to mark.', context);
		const marks = state.marks[list];
		return unchanged(withMarks(state, list, marks.includes(id) ? marks.filter(other => other !== id) : [...marks, id]));
	},
	'mark-all': (state, context) => {
		const list = markedList(state);
		if (!list) return refuse(state, NO_LIST, context);
		const shown = idsOf(list, state, context.snapshot, context.now);
		if (shown.length === 0) return refuse(state, 'No row to mark.', context);
		const marks = state.marks[list];
		const rest = shown.filter(id => !marks.includes(id));
		if (rest.length === 0) return unchanged(say(withMarks(state, list, []), 'marks cleared', context.now));
		return unchanged(withMarks(state, list, [...marks, ...rest]));
	},
};
