import {type Agent, isAsking} from '../../core/agent.ts';
import type {Lock} from '../../core/lock.ts';
import {FINAL_STATES, type Task} from '../../core/task.ts';
import {endedAfter} from '../../core/why-waiting.ts';
import type {Need} from '../key-row.ts';
import type {Panel} from '../layout.ts';
import {serverNow} from '../model/ages.ts';
import {attention} from '../model/attention.ts';
import {hasProgram} from '../model/programs.ts';
import {proposalOf} from '../model/proposal.ts';
import {lastLanded} from '../model/train.ts';
import {brakesNow} from './choices.ts';
import {isFine} from './decision.ts';
import {isText} from './draft.ts';
import {LONG_FREEZE_MS} from './frozen.ts';
import {canRetry} from './many.ts';
import {markedList} from './marks.ts';
import {chosenLock} from './pages/locks.ts';
import {taskOfPage} from './pages/pages.ts';
import {agentRows, conflictRows, decisionRows, eventRows, lockRows, queueRows, selectedId} from './rows.ts';
import {type Context, type List, pageOf, type ViewState} from './state.ts';

/** What the keys act on now. */
export type Selection = {
	readonly agent: Agent | undefined;
	readonly task: Task | undefined;
	/** Also of a task that the room does not know by heart; '' for none. */
	readonly taskId: string;
	readonly lock: Lock | undefined;
	readonly row: string;
};

type Look = Pick<Context, 'snapshot' | 'now'>;

/** The list that the moves act on; the pane lends its keys to none. */
export const listOf = (panel: Panel): List | undefined => (panel === 0 ? undefined : panel);

/** The agent whose pane is shown: the one typed into, else the selected row's, else the one that works on the selected task. */
export const shownAgent = (state: ViewState, context: Look): string =>
	state.typing || (selectionOf(state, context).agent?.id ?? (pageOf(state) ? '' : rowAgent(state, context)));

const rowAgent = (state: ViewState, {snapshot, now}: Look): string => {
	const id = selectedId(1, state, snapshot, now);
	return snapshot.team.agents.has(id) ? id : '';
};

/** The selected agent, task and lock of the page, else of the focused panel; the pane stands for the agent that it shows. */
export const selectionOf = (state: ViewState, {snapshot, now}: Look): Selection => {
	const page = pageOf(state);
	if (page) {
		const taskId = taskOfPage(page, {snapshot, now});
		const lock = page.kind === 'locks' ? chosenLock(page, snapshot)?.lock : undefined;
		const task = snapshot.team.tasks.get(taskId) ?? (state.reading?.id === taskId ? state.reading.task : undefined);
		return {
			agent: snapshot.team.agents.get(task?.owner ?? ''),
			task,
			taskId,
			lock,
			row: task ? `task:${task.id}` : '',
		};
	}
	const list = listOf(state.focus) ?? 1;
	const id = selectedId(list, state, snapshot, now);
	const {agents, tasks} = snapshot.team;
	const found = (agent: string, task: string, lock?: Lock): Selection => ({
		agent: agents.get(agent),
		task: tasks.get(task),
		taskId: task,
		lock,
		row: id,
	});
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
	if (list === 6) {
		const [task = ''] = conflictRows(state, snapshot).find(row => row.id === id)?.tasks ?? [];
		return found(tasks.get(task)?.owner ?? '', task);
	}
	// A sentence of what the room decides is about the first task that it names, else it stands for the agent that is shown.
	const words = decisionRows(state, snapshot, now)[Number(id)]?.text.match(/[a-z0-9][a-z0-9-]*/g) ?? [];
	const named = words.find(word => tasks.has(word)) ?? '';
	return named ? found(tasks.get(named)?.owner ?? '', named) : found(rowAgent(state, {snapshot, now}), '');
};

/** Id of the task that is chosen on a page, else of the selected row of the focused list; '' in the pane. */
export const chosenId = (state: ViewState, context: Look): string => {
	const {row, taskId} = selectionOf(state, context);
	return pageOf(state) ? taskId : state.focus === 0 ? '' : row;
};

/** The feature that a task is a part of, or whose plan it is; '' for none. */
export const featureOf = (task: Task | undefined): string => {
	if (!task) return '';
	return task.feature || (task.home === 'plan' ? task.id : '');
};

/** Whether it waits for its turn, so that this can be another one. */
const isQueued = ({state, asks}: Task): boolean => ['ready', 'delayed', 'blocked'].includes(state) && !asks;

/** What a task lets one do. */
const ofTask = (task: Task | undefined): readonly Need[] => {
	if (!task) return [];
	const isOpen = !FINAL_STATES.includes(task.state);
	return [
		...(isOpen ? (['open-task'] as const) : []),
		// A task that waits for a person's decision is not given to anybody.
		...(isOpen && !task.asks ? (['task'] as const) : []),
		...(task.state === 'leased' ? (['leased-task'] as const) : []),
		...(task.state === 'dead' || canRetry(task) ? (['again-task'] as const) : []),
		...(task.worktree ? (['worktree'] as const) : []),
		...(featureOf(task) ? (['feature'] as const) : []),
	];
};

/** What is there to act on, for hints and for keys that would do nothing. */
export const needsMet = (state: ViewState, context: Look): ReadonlySet<Need> => {
	const {agent, task, taskId, lock, row} = selectionOf(state, context);
	const {snapshot, now} = context;
	const dialog = state.dialog;
	const met = new Set<Need>();
	if (dialog?.kind === 'peek') {
		const peeked = snapshot.team.agents.get(dialog.row);
		if (peeked) met.add('agent');
		if (hasProgram(dialog.row, snapshot)) met.add('program');
		if (peeked && isAsking(peeked)) met.add('question');
		if (peeked && isAsking(peeked) && peeked.detail.split('\n', 4).length > 3) met.add('detail');
		return met;
	}
	if (dialog?.kind === 'cost') {
		if (brakesNow(snapshot, now).length > 0) met.add('brake');
		if (snapshot.team.control.budget > 0) met.add('budget');
		return met;
	}
	if (dialog?.kind === 'form') {
		if (!isText(state.draft.field)) met.add('choice');
		return met;
	}
	if (dialog?.kind === 'frozen') {
		if (now - dialog.at >= LONG_FREEZE_MS) met.add('long-frozen');
		if (snapshot.team.control.frozenWhy === 'budget') met.add('budget');
		return met;
	}
	if (dialog?.kind === 'plan') {
		const proposal = proposalOf(state, dialog.task);
		if (isFine(proposal)) met.add('fine-plan');
		if (proposal?.edit) met.add('edited-plan');
		return met;
	}
	if (state.scroll?.search) met.add('search');
	if (row) met.add('row');
	if (row && (markedList(state) || pageOf(state)?.kind === 'board')) met.add('list-row');
	if (task && isQueued(task)) met.add('queued-task');
	if (agent || (!task && shownAgent(state, context))) met.add('agent');
	if (met.has('agent') && hasProgram(shownAgent(state, context), snapshot)) met.add('program');
	if (taskId) met.add('any-task');
	if (taskId || agent) met.add('log');
	for (const need of ofTask(task)) met.add(need);
	// What its checks hold was handed in too: the keys of the train lead to its card.
	const isHandedIn = task && ['review', 'audit', 'test', 'merge'].includes(task.stage) && (met.has('task') || task.asks === 'checks');
	if (isHandedIn) met.add('handed-in');
	if (lastLanded(snapshot)) met.add('landed');
	if (lock ? !lock.name.startsWith('task:') : task && endedAfter(task, snapshot.team) !== '') met.add('lock');
	if (snapshot.team.control.frozen) met.add('frozen');
	if (!snapshot.redis.isConnected) met.add('redis-lost');
	if (brakesNow(snapshot, now).length > 0) met.add('brake');
	if (attention(snapshot, serverNow(snapshot, now)).length > 0) met.add('attention');
	if (state.lastTyped && snapshot.team.agents.has(state.lastTyped)) met.add('typed');
	return met;
};
