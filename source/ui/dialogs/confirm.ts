import {agentName} from '../../core/agent/agent.ts';
import type {Action} from '../../core/protocol/action.ts';
import {FINAL_STATES, type Task} from '../../core/task/task.ts';
import {withoutMarks} from '../state/marks.ts';
import {and, type Context, refuse, say, type Updated, unchanged} from '../state/message.ts';
import type {Confirm} from '../state/open.ts';
import {selectionOf, shownAgent} from '../state/selection.ts';
import type {ViewState} from '../state/state.ts';

/** Something of the selected that can be copied; `action` is the key's. `text` '' where there is none now. */
export type Clipping = {readonly action: string; readonly name: string; readonly text: string};

/** Lines of output that are copied. */
const LINES = 200;

const lastLines = ({paneOf}: Context, agent: string): readonly string[] => {
	const lines = paneOf(agent)?.lines();
	if (!lines) return [];
	const from = Math.max(0, lines.count - LINES);
	return Array.from({length: lines.count - from}, (_, index) => lines.textOf(from + index));
};

/** What of the selected can be copied now, in the order of the menu. */
export const clippings = (
	state: ViewState,
	context: Pick<Context, 'snapshot' | 'now'>,
	outputOf: (agent: string) => readonly string[],
): readonly Clipping[] => {
	const {agent, task, taskId, row} = selectionOf(state, context);
	const output =
		outputOf(agent?.id ?? shownAgent(state, context))
			.join('\n')
			.trimEnd() ||
		(task?.last ?? '');
	return [
		{action: 'id', name: 'id', text: taskId || (agent ? agentName(agent.id) : row)},
		{action: 'agent', name: 'agent', text: agent ? agentName(agent.id) : ''},
		{action: 'branch', name: 'branch', text: task?.branch ?? ''},
		{action: 'worktree', name: 'worktree', text: task?.worktree ?? ''},
		{action: 'commit', name: 'commit', text: task?.landed || (task?.commit ?? '')},
		{action: 'output', name: 'last output', text: output},
		{action: 'question', name: 'question', text: [agent?.question, agent?.detail].filter(Boolean).join('\n')},
	];
};

type Copying = {readonly kind: 'copy'; readonly index: number};

/** The menu of what can be copied: a letter, or the chosen row. */
export const updateCopy = (state: ViewState, dialog: Copying, action: string, context: Context): Updated => {
	const rows = clippings({...state, dialog: undefined}, context, agent => lastLines(context, agent));
	const step = action === 'next' ? 1 : action === 'previous' ? -1 : 0;
	if (step !== 0) return unchanged({...state, dialog: {...dialog, index: Math.max(0, Math.min(rows.length - 1, dialog.index + step))}});
	const chosen = action === 'choose' ? rows[dialog.index] : rows.find(row => row.action === action);
	if (!chosen) return unchanged(state);
	if (chosen.text === '') return refuse(state, `There is no ${chosen.name} to copy.`, context);
	const name = chosen.text.length <= 60 && !chosen.text.includes('\n') ? `${chosen.name} ${chosen.text}` : `the ${chosen.name}`;
	return and(say({...state, dialog: undefined}, `copying ${name}…`, context.now), {type: 'copy', text: chosen.text, what: name});
};

/** Does one thing, or many and tells of all of them at once. */
export const doAll = (state: ViewState, actions: readonly Action[], word: string): Updated => {
	const [only] = actions;
	return and(state, actions.length === 1 && only ? {type: 'dispatch', action: only} : {type: 'dispatch-all', actions, word});
};

/** The person says yes: all of it is ordered, and the rows are marked no more. */
export const confirmed = (state: ViewState, {actions, word}: Confirm): Updated =>
	doAll(withoutMarks({...state, dialog: undefined}), actions, word);

/** Whether all that it is about is over by now; a dead task can still be cancelled or queued again. */
export const isMoot = ({actions}: Confirm, tasks: ReadonlyMap<string, Task>): boolean =>
	actions.every(action => {
		if (!('task' in action)) return false;
		const state = tasks.get(action.task)?.state ?? 'merged';
		return state !== 'dead' && FINAL_STATES.includes(state);
	});
