import {type Agent, isAsking} from '../../core/agent/agent.ts';
import {type Lock, locksExclude} from '../../core/lock/lock.ts';
import {endedAfter} from '../../core/queue/dependencies.ts';
import {stageRole} from '../../core/task/stages.ts';
import {FINAL_STATES, type Task, WORDLESS_DECISIONS} from '../../core/task/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {Need} from '../keymap/row.ts';
import {takesKeys} from '../model/agents.ts';
import {attention, rateLimitsNow} from '../model/attention.ts';
import {lastMerged} from '../model/merges.ts';
import {lookOf, STATUS_ORDER, STATUS_STYLES} from '../model/status-styles.ts';
import {serverNow} from '../model/time.ts';
import {isText} from './draft.ts';
import {hasMarks, markedList} from './marks.ts';
import type {Context} from './message.ts';
import {LONG_FREEZE_MS} from './open.ts';
import {chosenLock, taskOfPage} from './page-task.ts';
import {isFine, proposalOf} from './reading.ts';
import {agentRows, canRetry, conflictRows, decisionRows, eventRows, lockRows, queueRows, selectedId} from './rows.ts';
import {listOf, pageOf, type ViewState} from './state.ts';

/** An agent that could take a task, with brief pros and cons. */
export type Candidate = {readonly agent: Agent; readonly why: readonly string[]};

const roleOf = (task: Task): string => (task.stage === 'develop' ? task.role : stageRole(task.stage));

const mayTake = (task: Task, agent: Agent): boolean =>
	agent.role === roleOf(task) &&
	agent.id !== task.owner &&
	agent.status !== 'stopped' &&
	lookOf(agent) !== 'crashed' &&
	(task.stage !== 'develop' || task.needs.every(need => agent.capabilities.includes(need))) &&
	!((task.stage === 'review' || task.stage === 'audit') && task.authors.includes(agent.id));

/** Paths that the task shares with others written by the agent. */
const knownPath = (task: Task, agent: Agent, written: readonly Task[]): string =>
	task.paths.find(path =>
		written.some(
			other =>
				other.id !== task.id &&
				other.authors.includes(agent.id) &&
				other.paths.some(wrote => locksExclude(`path:${path}`, `path:${wrote}`)),
		),
	) ?? '';

type Ranked = Candidate & {readonly rank: readonly number[]};

const rankedFor = (tasks: readonly Task[], {team}: RoomSnapshot): ((agent: Agent) => Ranked) => {
	const all = [...team.tasks.values()];
	const written = all.filter(({authors, paths}) => authors.length > 0 && paths.length > 0);
	const harness = team.agents.get(tasks[0]?.owner ?? '')?.harness ?? '';
	return agent => {
		const look = lookOf(agent);
		const hasWritten = tasks.some(({authors}) => authors.includes(agent.id));
		const path = tasks.map(task => knownPath(task, agent, written)).find(Boolean) ?? '';
		const isAlike = harness !== '' && agent.harness === harness;
		const kept = all.filter(({assigned, state}) => assigned === agent.id && ['ready', 'delayed', 'blocked'].includes(state)).length;
		const why = [
			look === 'idle'
				? 'idle'
				: `${STATUS_STYLES[look].word}${agent.task ? ` on ${agent.task}` : ''}: starts it ${look === 'paused' ? 'after resuming' : 'next'}`,
			hasWritten ? 'worked on it' : path ? `worked on ${path}` : '',
			isAlike ? `also ${harness}` : '',
			kept > 0 ? `${kept} reserved for it` : '',
		].filter(Boolean);
		const busy = -STATUS_ORDER.indexOf(look);
		return {agent, why, rank: [look === 'idle' ? 0 : 1, hasWritten ? 0 : 1, path ? 0 : 1, isAlike ? 0 : 1, kept, busy]};
	};
};

const byRank = (a: Ranked, b: Ranked): number => {
	const at = a.rank.findIndex((value, index) => value !== b.rank[index]);
	return at === -1 ? a.agent.id.localeCompare(b.agent.id, 'en', {numeric: true}) : (a.rank[at] ?? 0) - (b.rank[at] ?? 0);
};

/**
 * Agents that could take all these tasks, by role and rights, without the present owners and crashed ones. Idle ones first, then those who
 * know the task or its paths, then the same harness, then the fewest reserved tasks.
 */
export const reassignChoices = (ids: readonly string[], snapshot: RoomSnapshot): readonly Candidate[] => {
	const tasks = ids.flatMap(id => snapshot.team.tasks.get(id) ?? []);
	if (tasks.length === 0) return [];
	const able = [...snapshot.team.agents.values()].filter(agent => tasks.every(task => mayTake(task, agent)));
	return able.map(rankedFor(tasks, snapshot)).sort(byRank);
};

/** What keys act on. */
export type Selection = {
	readonly agent: Agent | undefined;
	readonly task: Task | undefined;
	/** Also for a task not loaded here; '' for none. */
	readonly taskId: string;
	readonly lock: Lock | undefined;
	readonly row: string;
};

export type Look = Pick<Context, 'snapshot' | 'now'>;

/** The shown pane's agent: typed into, else selected, else that of the selected task. */
export const shownAgent = (state: ViewState, context: Look): string =>
	state.typing || (selectionOf(state, context).agent?.id ?? (pageOf(state) ? '' : rowAgent(state, context)));

const rowAgent = (state: ViewState, {snapshot, now}: Look): string => {
	const id = selectedId(1, state, snapshot, now);
	return snapshot.team.agents.has(id) ? id : '';
};

/** The selected agent, task and lock of the page, else of the focused panel; the pane counts as its agent. */
export const selectionOf = (state: ViewState, {snapshot, now}: Look): Selection => {
	const page = pageOf(state);
	if (page?.kind === 'wall') {
		const agent = snapshot.team.agents.get(page.selected);
		return {agent, task: snapshot.team.tasks.get(agent?.task ?? ''), taskId: agent?.task ?? '', lock: undefined, row: agent?.id ?? ''};
	}
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
	// A decision is about the first task it names, else about the shown agent.
	const words = decisionRows(state, snapshot, now)[Number(id)]?.text.match(/[a-z0-9][a-z0-9-]*/g) ?? [];
	const named = words.find(word => tasks.has(word)) ?? '';
	return named ? found(tasks.get(named)?.owner ?? '', named) : found(rowAgent(state, {snapshot, now}), '');
};

/**
 * Whether the selected row of the Agents panel is an agent that asks: opening it shows the question. A question from outside its pane
 * cannot be answered there, so nobody types into the pane unasked.
 */
export const asksHere = (state: ViewState, context: Look): boolean => {
	if (pageOf(state) || state.focus !== 1 || state.isZoomed) return false;
	const {agent} = selectionOf(state, context);
	return agent !== undefined && (isAsking(agent) || lookOf(agent) === 'needs-input');
};

/** Id of the task selected on a page, or of the agent on the wall, else in the focused list; '' in the pane. */
export const chosenId = (state: ViewState, context: Look): string => {
	const {row, taskId} = selectionOf(state, context);
	const page = pageOf(state);
	return page && page.kind !== 'wall' ? taskId : state.focus === 0 && !page ? '' : row;
};

/** The feature that a task belongs to, or plans; '' for none. */
export const featureOf = (task: Task | undefined): string => {
	if (!task) return '';
	return task.feature || (task.firstStage === 'plan' ? task.id : '');
};

/** Whether its position in the queue can change. */
const isQueued = ({state, decision}: Task): boolean => ['ready', 'delayed', 'blocked'].includes(state) && !decision;

const ofTask = (task: Task | undefined): readonly Need[] => {
	if (!task) return [];
	const isOpen = !FINAL_STATES.includes(task.state);
	return [
		...(isOpen ? (['open-task'] as const) : []),
		// A task that needs approval cannot be assigned.
		...(isOpen && !task.decision ? (['task'] as const) : []),
		...(task.state === 'leased' ? (['leased-task'] as const) : []),
		...(task.state === 'failed' || canRetry(task) ? (['again-task'] as const) : []),
		...(task.worktree ? (['worktree'] as const) : []),
		...(featureOf(task) ? (['feature'] as const) : []),
	];
};

/** Needs that are met, for hints and unavailable keys. */
export const needsMet = (state: ViewState, context: Look): ReadonlySet<Need> => {
	const {agent, task, taskId, lock, row} = selectionOf(state, context);
	const {snapshot, now} = context;
	const dialog = state.dialog;
	const met = new Set<Need>();
	if (dialog?.kind === 'peek') {
		const peeked = snapshot.team.agents.get(dialog.row);
		if (peeked) met.add('agent');
		if (takesKeys(dialog.row, snapshot)) met.add('program');
		if (peeked && isAsking(peeked)) met.add('question');
		if (peeked && isAsking(peeked) && peeked.detail.split('\n', 4).length > 3) met.add('detail');
		return met;
	}
	if (dialog?.kind === 'cost') {
		if (rateLimitsNow(snapshot, now).length > 0) met.add('throttle');
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
	if (row && (markedList(state) || hasMarks(pageOf(state)))) met.add('list-row');
	if (task && isQueued(task)) met.add('queued-task');
	if (agent || (!task && shownAgent(state, context))) met.add('agent');
	if (met.has('agent') && takesKeys(shownAgent(state, context), snapshot)) met.add('program');
	if (taskId) met.add('any-task');
	if (taskId || agent) met.add('log');
	for (const need of ofTask(task)) met.add(need);
	// What its checks hold was handed in too: the keys of the train lead to its card.
	const isHandedIn =
		task &&
		['review', 'audit', 'test', 'merge'].includes(task.stage) &&
		(met.has('task') || ['checks', 'pull', 'closed', ...WORDLESS_DECISIONS].includes(task.decision));
	if (isHandedIn) met.add('handed-in');
	if (lastMerged(snapshot)) met.add('merged');
	if (lock ? !lock.name.startsWith('task:') : task && endedAfter(task, snapshot.team) !== '') met.add('lock');
	if (snapshot.team.control.frozen) met.add('frozen');
	if (snapshot.team.control.stray) met.add('stray');
	if (!snapshot.redis.isConnected) met.add('redis-lost');
	if (rateLimitsNow(snapshot, now).length > 0) met.add('throttle');
	if (attention(snapshot, serverNow(snapshot, now)).length > 0) met.add('attention');
	if (state.lastTyped && snapshot.team.agents.has(state.lastTyped)) met.add('typed');
	return met;
};
