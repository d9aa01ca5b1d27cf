import type {Agent} from '../../core/agent.ts';
import type {Lock} from '../../core/lock.ts';
import type {Task} from '../../core/task.ts';
import type {Need} from '../keys.ts';
import type {Panel} from '../layout.ts';
import {serverNow} from '../model/ages.ts';
import {attention} from '../model/attention.ts';
import {agentRows, eventRows, lockRows, queueRows, selectedId} from './rows.ts';
import type {Context, List, ViewState} from './state.ts';

/** What the keys act on now. */
export type Selection = {
	readonly agent: Agent | undefined;
	readonly task: Task | undefined;
	readonly lock: Lock | undefined;
	readonly row: string;
};

type Look = Pick<Context, 'snapshot' | 'now'>;

/** The list that the moves act on; the pane lends its keys to none. */
export const listOf = (panel: Panel): List | undefined => (panel === 0 ? undefined : panel);

/** The agent whose pane is shown: the one typed into, else the selected row's, else the one that works on the selected task. */
export const shownAgent = (state: ViewState, context: Look): string =>
	state.typing || (selectionOf(state, context).agent?.id ?? rowAgent(state, context));

const rowAgent = (state: ViewState, {snapshot, now}: Look): string => {
	const id = selectedId(1, state, snapshot, now);
	return snapshot.team.agents.has(id) ? id : '';
};

/** The selected agent, task and lock of the focused panel; the pane stands for the agent that it shows. */
export const selectionOf = (state: ViewState, {snapshot, now}: Look): Selection => {
	const list = listOf(state.focus) ?? 1;
	const id = selectedId(list, state, snapshot, now);
	const {agents, tasks} = snapshot.team;
	const found = (agent: string, task: string, lock?: Lock): Selection => ({agent: agents.get(agent), task: tasks.get(task), lock, row: id});
	if (list === 1) {
		const row = agentRows(state, snapshot, now).find(candidate => candidate.id === id);
		return found(row?.agent?.id ?? '', row?.task?.id ?? '');
	}
	if (list === 2) {
		const task = queueRows(state, snapshot, now).find(row => row.task.id === id)?.task;
		return found(task?.owner ?? '', id);
	}
	if (list === 3) {
		const row = lockRows(state, snapshot).find(candidate => candidate.lock.name === id);
		const owner = row?.lock.owner.split(' ')[0] ?? '';
		return found(owner, row?.kind === 'task' ? row.lock.name.slice(5) : (agents.get(owner)?.task ?? ''), row?.lock);
	}
	if (list === 4) {
		const event = eventRows(state, snapshot).find(row => row.event.id === id)?.event;
		return found(event?.agent ?? '', event?.task ?? '');
	}
	return found(rowAgent(state, {snapshot, now}), '');
};

/** What is there to act on, for hints and for keys that would do nothing. */
export const needsMet = (state: ViewState, context: Look): ReadonlySet<Need> => {
	const {agent, task, lock, row} = selectionOf(state, context);
	const {snapshot, now} = context;
	const dialog = state.dialog;
	const met = new Set<Need>();
	if (dialog?.kind === 'peek') {
		const peeked = snapshot.team.agents.get(dialog.row);
		if (peeked) met.add('agent');
		if (peeked?.status === 'asks') met.add('question');
		return met;
	}
	if (row) met.add('row');
	if (agent || (!task && shownAgent(state, context))) met.add('agent');
	if (task && task.state !== 'merged' && task.state !== 'cancelled' && task.state !== 'dead') met.add('task');
	if (task?.state === 'dead') met.add('dead-task');
	if (lock && !lock.name.startsWith('task:')) met.add('lock');
	if (attention(snapshot, serverNow(snapshot, now)).length > 0) met.add('attention');
	if (state.lastTyped && snapshot.team.agents.has(state.lastTyped)) met.add('typed');
	return met;
};
