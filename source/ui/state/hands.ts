import {agentName} from '../../core/agent.ts';
import {keyOf} from '../keymap.ts';
import {openAsk} from './ask.ts';
import {markOrders} from './marks.ts';
import {openRecruit} from './recruit.ts';
import {selectionOf} from './selection.ts';
import {and, type Context, refuse, type Updated, unchanged, type ViewState} from './state.ts';
import {turnOrders} from './turns.ts';

/** The person's own tool in the worktree of the selected. */
const work =
	(tool: 'shell' | 'editor') =>
	(state: ViewState, context: Context): Updated => {
		const {agent, task} = selectionOf(state, context);
		if (task?.worktree) return and(state, {type: 'work', tool, path: task.worktree});
		const what = task
			? `${task.id} has no worktree now`
			: agent
				? `${agentName(agent.id)} works on nothing and has no worktree`
				: 'Nothing with a worktree is selected';
		return refuse(state, `${what}.`, context);
	};

/** Orders of the room's scope that put the selected thing into a person's own hands: marks, order, clipboard, shell, editor, browser. */
export const handOrders: Readonly<Record<string, (state: ViewState, context: Context) => Updated>> = {
	...markOrders,
	...turnOrders,
	copy: (state, context) => {
		const {row, taskId} = selectionOf(state, context);
		return row || taskId
			? unchanged({...state, dialog: {kind: 'copy', index: 0}})
			: refuse(state, 'Nothing is selected that could be copied.', context);
	},
	shell: work('shell'),
	worktree: work('editor'),
	web: (state, context) => {
		const {taskId} = selectionOf(state, context);
		return taskId
			? and(state, {type: 'web', task: taskId})
			: refuse(state, `${keyOf(context.keymap, 'web')} opens the branch of a task on the web: select one.`, context);
	},
	recruit: openRecruit,
	ask: openAsk,
	suspend: state => and(state, {type: 'suspend'}),
};
