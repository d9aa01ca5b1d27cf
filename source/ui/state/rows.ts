import {agentName} from '../../core/agent/agent.ts';
import {roleLabel} from '../../core/agent/role-label.ts';
import {eventMatcher} from '../../core/event/words.ts';
import {FINAL_STATES, FIRST_STAGES, priorityBadge, type Task} from '../../core/task/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {type Arrangement, arrangementOf, keepPlaces, placed, sortAgents, sortQueue, type TeamRow} from '../model/agents.ts';
import {panelRows} from '../model/attention.ts';
import {type Decision, decisions} from '../model/decisions.ts';
import {type EventRow, events, foldEvents, panelEvents} from '../model/events.ts';
import {type Facts, readFilter} from '../model/filter.ts';
import {type LockRow, locks} from '../model/locks.ts';
import {type ConflictRow, conflicts} from '../model/merges.ts';
import {byRank, type QueueRow, queue} from '../model/queue.ts';
import type {Group} from '../model/status-styles.ts';
import {serverNow} from '../model/time.ts';
import type {List, ViewState} from './state.ts';

/** An order that the room has not shown yet: fast keys act on its result. */
export type Turn = {readonly score: number; readonly priority: number; readonly was: number; readonly at: number};
export type Turns = Readonly<Record<string, Turn>>;

/** A task after pending orders. */
const believed = (task: Task, turns: Turns): Task => {
	const turn = turns[task.id];
	return turn && turn.was === task.score ? {...task, score: turn.score, priority: turn.priority} : task;
};

export type AgentRow = TeamRow & {readonly group: Group};

/** Rows that pass a filter; unchanged without one. */
const filtered = <Row>(rows: readonly Row[], filter: string, factsOf: (row: Row) => Facts): readonly Row[] => {
	if (filter === '') return rows;
	const isWanted = readFilter(filter);
	return rows.filter(row => isWanted(factsOf(row)));
};

type Known = {readonly snapshot: RoomSnapshot; readonly now: number; readonly rows: readonly AgentRow[]};
const known = new WeakMap<ViewState, Known>();

/** Rows of the agents' panel. One drawing asks for them a dozen times: to draw them, for what is selected, and for each hint that depends on it. */
export const agentRows = (state: ViewState, snapshot: RoomSnapshot, now: number): readonly AgentRow[] => {
	const last = known.get(state);
	if (last?.snapshot === snapshot && last.now === now) return last.rows;
	const rows = arrangedRows(state, snapshot, now);
	known.set(state, {snapshot, now, rows});
	return rows;
};

const arrangedRows = (state: ViewState, snapshot: RoomSnapshot, now: number): readonly AgentRow[] => {
	const rows = panelRows(snapshot, serverNow(snapshot, now));
	const places = state.arrangement.length > 0 ? keepPlaces(state.arrangement, rows) : arranged(state, rows, snapshot);
	return filtered(placed(places, rows), state.filters[1], ({name, id, task, look, text, agent}) => ({
		words: [name, id, task?.id ?? '', task?.title ?? '', look, text, agent?.role ?? '', roleLabel(agent?.role ?? ''), agent?.harness ?? ''],
		s: agent ? look : `${look} ${task?.state ?? ''}`,
		r: agent?.role ?? task?.role ?? '',
		a: agent ? agentName(id) : '',
		h: agent?.host ?? '',
		t: task?.id ?? '',
		p: task ? priorityBadge(task.priority) : '',
	}));
};

/** Rows in the chosen order; groups only by urgency. */
export const arranged = ({sorts}: ViewState, rows: readonly TeamRow[], snapshot: RoomSnapshot): Arrangement =>
	sorts[1] === 'urgency' ? arrangementOf(rows) : sortAgents(rows, sorts[1], snapshot).map(({id}) => ({group: 'working', id}));

/** The queue in the chosen order, with pending orders applied. */
export const queueRows = (state: ViewState, snapshot: RoomSnapshot, now: number): readonly QueueRow[] => {
	const known = queue(snapshot, serverNow(snapshot, now));
	const isOrdered = Object.keys(state.turns).length > 0;
	const rows = isOrdered ? known.map(row => ({...row, task: believed(row.task, state.turns)})).sort(byRank) : known;
	return filtered(sortQueue(rows, state.sorts[2]), state.filters[2], ({task, why}) => ({
		words: [task.id, task.title, why, task.role, roleLabel(task.role)],
		s: `${task.state} ${task.stage}`,
		r: task.role,
		a: agentName(task.assigned),
		h: snapshot.team.agents.get(task.assigned)?.host ?? '',
		t: task.id,
		p: priorityBadge(task.priority),
	}));
};

export const lockRows = (state: ViewState, snapshot: RoomSnapshot): readonly LockRow[] =>
	filtered(locks(snapshot), state.filters[3], ({label, owner}) => ({words: [label, owner]}));

export const eventRows = (state: ViewState, snapshot: RoomSnapshot): readonly EventRow[] => {
	const text = state.filters[4];
	if (text === '') return panelEvents(snapshot);
	const passes = eventMatcher({text, hasQuiet: false});
	return foldEvents(events(snapshot).filter(({event}) => passes(event)));
};

export const decisionRows = (state: ViewState, snapshot: RoomSnapshot, now: number): readonly Decision[] =>
	filtered(decisions(snapshot, serverNow(snapshot, now)), state.filters[5], ({text, keys}) => ({words: [text, keys?.does ?? '']}));

export const conflictRows = (state: ViewState, snapshot: RoomSnapshot): readonly ConflictRow[] =>
	filtered(conflicts(snapshot), state.filters[6], ({label, agents, files}) => ({words: [label, agents, ...files]}));

/** Ids of a list's rows in screen order. */
export const idsOf = (list: List, state: ViewState, snapshot: RoomSnapshot, now: number): readonly string[] => {
	if (list === 1) return agentRows(state, snapshot, now).map(row => row.id);
	if (list === 2) return queueRows(state, snapshot, now).map(row => row.task.id);
	if (list === 3) return lockRows(state, snapshot).map(row => row.lock.name);
	if (list === 4) return eventRows(state, snapshot).map(row => row.event.id);
	if (list === 5) return decisionRows(state, snapshot, now).map((_, index) => String(index));
	return list === 6 ? conflictRows(state, snapshot).map(row => row.id) : [];
};

/** A list's selected row: the remembered id while it exists, else the first (of events: the newest). */
export const selectedOf = (list: List, ids: readonly string[], {selected}: ViewState): string => {
	const remembered = selected[list] ?? '';
	return ids.includes(remembered) ? remembered : ((list === 4 ? ids.at(-1) : ids[0]) ?? '');
};

export const selectedId = (list: List, state: ViewState, snapshot: RoomSnapshot, now: number): string => {
	return selectedOf(list, idsOf(list, state, snapshot, now), state);
};

/** Whether a task can restart: not while in review or merging. */
export const canRetry = (task: Task): boolean =>
	!FINAL_STATES.includes(task.state) && !task.decision && task.attempt > 0 && FIRST_STAGES.some(home => home === task.stage);
