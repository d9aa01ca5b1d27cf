import {agentName} from '../../core/agent/agent.ts';
import {FINAL_STATES} from '../../core/task/task.ts';
import {openAddAgent} from '../dialogs/agents.tsx';
import {openLog} from '../dialogs/log.tsx';
import {openAsk} from '../dialogs/prompt.ts';
import {keyOf} from '../keymap/keymap.ts';
import {mergeRows} from '../model/merges.ts';
import {retryQuestion} from '../state/bulk.ts';
import {markOrders, turnOrders} from '../state/marks.ts';
import {and, type Context, refuse, type Updated, unchanged} from '../state/message.ts';
import {openTask, toggleBoard, togglePage} from '../state/open.ts';
import {DIFF} from '../state/pages.ts';
import {canRetry} from '../state/rows.ts';
import {featureOf, selectionOf} from '../state/selection.ts';
import {pageOf, type ViewState} from '../state/state.ts';

/** Opens a tool of the user in the selection's worktree. */
const work =
	(tool: 'shell' | 'editor') =>
	(state: ViewState, context: Context): Updated => {
		const {agent, task} = selectionOf(state, context);
		if (task?.worktree) return and(state, {type: 'work', tool, path: task.worktree});
		const what = task
			? `${task.id} has no worktree now`
			: agent
				? `${agentName(agent.id)} has no task and no worktree`
				: 'Select a task or agent with a worktree';
		return refuse(state, `${what}.`, context);
	};

export const handOrders: Readonly<Record<string, (state: ViewState, context: Context) => Updated>> = {
	...markOrders,
	...turnOrders,
	copy: (state, context) => {
		const {row, taskId} = selectionOf(state, context);
		return row || taskId ? unchanged({...state, dialog: {kind: 'copy', index: 0}}) : refuse(state, 'Select something to copy.', context);
	},
	shell: work('shell'),
	worktree: work('editor'),
	web: (state, context) => {
		const {taskId} = selectionOf(state, context);
		return taskId ? and(state, {type: 'web', task: taskId}) : refuse(state, `Select a task to open its branch on the web.`, context);
	},
	'add-agent': openAddAgent,
	ask: openAsk,
	suspend: state => and(state, {type: 'suspend'}),
};

export const taskOrders: Readonly<Record<string, (state: ViewState, context: Context) => Updated>> = {
	task: (state, context) => {
		const {taskId} = selectionOf(state, context);
		if (pageOf(state)?.kind === 'task') return unchanged({...state, pages: state.pages.slice(0, -1)});
		return taskId
			? unchanged(openTask(state, taskId))
			: refuse(state, `No task selected: press ${keyOf(context.keymap, 'board')} for the task board.`, context);
	},
	diff: (state, context) => {
		const {taskId} = selectionOf(state, context);
		return taskId
			? unchanged(openTask(state, taskId, DIFF))
			: refuse(state, `No task selected: press ${keyOf(context.keymap, 'board')} for the task board.`, context);
	},
	board: (state, context) => unchanged(toggleBoard(state, selectionOf(state, context).taskId, context)),
	// By id: the head may change before the next key.
	merges: (state, {snapshot}) => unchanged(togglePage(state, {kind: 'merges', selected: mergeRows(snapshot)[0]?.task.id ?? ''})),
	unassign: (state, context) => {
		const {task} = selectionOf(state, context);
		if (!task) return refuse(state, 'Select a running task to unassign.', context);
		if (task.state !== 'leased') return refuse(state, `${task.id} is not running.`, context);
		return and(state, {type: 'dispatch', action: {type: 'unassign-task', task: task.id}});
	},
	retry: (state, context) => {
		// Without Redis no task can restart: the same key reconnects.
		if (!context.snapshot.redis.isConnected) return and(state, {type: 'dispatch', action: {type: 'reconnect'}});
		const {task} = selectionOf(state, context);
		if (task?.state === 'failed') return and(state, {type: 'dispatch', action: {type: 'retry-task', task: task.id}});
		if (task && canRetry(task)) return unchanged({...state, dialog: retryQuestion(task, context.snapshot.repository.base)});
		const stands =
			task && (FINAL_STATES.includes(task.state) ? `is ${task.state}` : task.attempt === 0 ? 'has not started' : `is in ${task.stage}`);
		return refuse(state, task ? `Cannot restart ${task.id}: it ${stands}.` : `Select a task to retry or restart.`, context);
	},
	cancel: (state, context) => {
		const {task} = selectionOf(state, context);
		if (!task) return refuse(state, `Select a task to cancel.`, context);
		if (FINAL_STATES.includes(task.state) && task.state !== 'failed') return refuse(state, `${task.id} is already ${task.state}.`, context);
		return unchanged({...state, dialog: {kind: 'cancel', task: task.id}});
	},
	replan: (state, context) => {
		const feature = featureOf(selectionOf(state, context).task);
		return feature
			? unchanged({...state, dialog: {kind: 'replan', feature}})
			: refuse(state, `Select a task of the feature to replan.`, context);
	},
	log: openLog,
};
