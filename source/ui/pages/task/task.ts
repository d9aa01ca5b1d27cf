import {whyHere} from '../../../core/queue/why.ts';
import {FINAL_STATES} from '../../../core/task/task.ts';
import type {RoomSnapshot} from '../../../store/room.ts';
import {mergeNow} from '../../dialogs/merge.tsx';
import {keyOf} from '../../keymap/keymap.ts';
import type {KeyRow} from '../../keymap/row.ts';
import {type DiffItem, diffItems, nextStop, placeFor} from '../../model/diff.ts';
import {serverNow} from '../../model/time.ts';
import {type Behaviour, moved} from '../../state/descriptor.ts';
import {type Context, refuse, type Updated, unchanged} from '../../state/message.ts';
import {openPeek} from '../../state/open.ts';
import {DIFF, TASK_PANELS, type TaskPage, type TaskPanel} from '../../state/pages.ts';
import {lookOf, type ViewState} from '../../state/state.ts';

export const TASK_KEYS: readonly KeyRow[] = [
	{scope: 'task', keys: ['1'], action: 'task-panel-1', label: '', help: 'Timeline', group: ''},
	{scope: 'task', keys: ['2'], action: 'task-panel-2', label: '', help: 'Attempts', group: ''},
	{scope: 'task', keys: ['3'], action: 'task-panel-3', label: '', help: 'Task', group: ''},
	{scope: 'task', keys: ['4'], action: 'task-panel-4', label: '', help: 'Diff (j k scroll)', group: ''},
	{scope: 'task', keys: ['5'], action: 'task-panel-5', label: '', help: 'Merge check', group: ''},
	{scope: 'task', keys: ['d'], action: 'task-diff', label: 'diff', help: 'diff; again: full page', group: '', order: 4},
	{scope: 'task', keys: ['}'], action: 'next-stop', label: 'next hunk', help: 'next hunk', group: '', order: 20},
	{scope: 'task', keys: ['{'], action: 'previous-stop', label: '', help: 'previous hunk', group: ''},
	{scope: 'task', keys: ['C'], action: 'comment', label: 'comment', help: 'comment on line…', group: '', order: 5},
	{scope: 'task', keys: ['V'], action: 'accept-review', label: '', help: 'approve review…', group: ''},
	{scope: 'task', keys: ['M'], action: 'merge', label: 'merge', help: 'merge…', group: '', order: 6},
	{scope: 'task', keys: ['/'], action: 'find', label: 'search', help: 'search in panel', group: '', order: 21},
	{scope: 'task', keys: ['W'], action: 'wrap-diff', label: '', help: 'wrap lines', group: ''},
];

export const itemsOn = (state: ViewState, snapshot: RoomSnapshot, id: string): readonly DiffItem[] => {
	const patch = lookOf(state, 'patch', id);
	const read = state.reading?.id === id ? state.reading.task : undefined;
	const commit = snapshot.team.tasks.get(id)?.commit ?? read?.commit ?? '';
	return patch ? diffItems(patch, read, commit) : [];
};

export const taskBehaviour: Behaviour<TaskPage> = {
	looksAt: ({task}) => [
		{what: 'facts', task},
		{what: 'patch', task},
		{what: 'record', task},
	],
	move: (page, move, context, state) => {
		const {panel} = page;
		const beside = {left: -1, 'previous-panel': -1, right: 1, 'next-panel': 1} as const;
		const step = move in beside ? beside[move as keyof typeof beside] : 0;
		if (step !== 0) {
			const isRound = move === 'next-panel' || move === 'previous-panel';
			const to = TASK_PANELS.indexOf(panel) + step;
			const next = isRound ? TASK_PANELS.at(to % TASK_PANELS.length) : TASK_PANELS[Math.max(0, Math.min(TASK_PANELS.length - 1, to))];
			return {...page, panel: next ?? panel, hit: -1, isFull: page.isFull && next === DIFF};
		}
		if (panel === DIFF) {
			const end = Math.max(0, itemsOn(state, context.snapshot, page.task).length - 1);
			return {...page, cursor: moved(move, Math.min(end, page.cursor), end)};
		}
		const [end] = context.overflow(state).page;
		return {...page, scroll: {...page.scroll, [panel]: moved(move, Math.min(end, page.scroll[panel]), end)}};
	},
};

export const onTop = (state: ViewState, page: TaskPage): Updated => unchanged({...state, pages: [...state.pages.slice(0, -1), page]});

const focusPanel =
	(panel: TaskPanel) =>
	(state: ViewState, page: TaskPage): Updated =>
		onTop(state, {...page, panel, hit: -1, isFull: page.isFull && panel === DIFF});

const goTo =
	(step: 1 | -1) =>
	(state: ViewState, page: TaskPage, {snapshot}: Context): Updated => {
		const items = itemsOn(state, snapshot, page.task);
		const from = Math.max(0, Math.min(items.length - 1, page.cursor));
		return onTop(state, {...page, panel: DIFF, cursor: nextStop(items, from, step)});
	};

export const taskPageOrders = {
	'task-panel-1': focusPanel(1),
	'task-panel-2': focusPanel(2),
	'task-panel-3': focusPanel(3),
	'task-panel-4': focusPanel(4),
	'task-panel-5': focusPanel(5),
	/** Focuses the diff, then toggles full page. */
	'task-diff': (state: ViewState, page: TaskPage): Updated =>
		onTop(state, page.panel === DIFF ? {...page, isFull: !page.isFull} : {...page, panel: DIFF, hit: -1}),
	'previous-stop': goTo(-1),
	'next-stop': goTo(1),
	/** Without a cursor in the diff, comments on the whole task. */
	comment: (state: ViewState, page: TaskPage, context: Context): Updated => {
		const {snapshot} = context;
		const over = snapshot.team.tasks.get(page.task)?.state ?? state.reading?.task?.state;
		if (over && FINAL_STATES.includes(over))
			return refuse(state, `${page.task} is already ${over}; ${keyOf(context.keymap, 'new-task')} adds a new task.`, context);
		const items = itemsOn(state, snapshot, page.task);
		const item = items[Math.max(0, Math.min(items.length - 1, page.cursor))];
		const patch = lookOf(state, 'patch', page.task);
		const place = patch ? placeFor(patch, item) : {file: '', line: 0};
		const quote = item?.kind === 'line' ? `${item.line.sign} ${item.line.text.slice(0, 400)}` : '';
		return unchanged({...state, dialog: {kind: 'comment', task: page.task, ...place, quote, severity: 'must-fix'}});
	},
	/** Opens its dialog, which says what accepting does. */
	'accept-review': (state: ViewState, {task: id}: TaskPage, context: Context): Updated => {
		const {snapshot, now} = context;
		const task = snapshot.team.tasks.get(id);
		if (task?.decision) return unchanged(openPeek(state, `task:${id}`, context));
		const why = task ? whyHere(task, snapshot.team, serverNow(snapshot, now), snapshot) : 'it has ended';
		return refuse(state, `${id} does not need your approval: ${why}.`, context);
	},
	merge: (state: ViewState, {task}: TaskPage, context: Context): Updated => mergeNow(state, task, context),
	'wrap-diff': (state: ViewState, page: TaskPage): Updated => onTop(state, {...page, panel: DIFF, isWrapped: !page.isWrapped}),
} as const;
