import {eventMatcher} from '../../core/event-filter.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {serverNow} from '../model/ages.ts';
import {type ConflictRow, conflicts} from '../model/conflicts.ts';
import {type Decision, decisions} from '../model/decisions.ts';
import {type EventRow, events} from '../model/events.ts';
import {type LockRow, locks} from '../model/locks.ts';
import type {Group} from '../model/looks.ts';
import {type QueueRow, queue} from '../model/queue.ts';
import {arrangementOf, keepPlaces, placed, type RosterRow, roster} from '../model/roster.ts';
import type {List, ViewState} from './state.ts';

export type AgentRow = RosterRow & {readonly group: Group};

const matches = (filter: string, ...texts: readonly string[]): boolean => {
	if (filter === '') return true;
	const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
	const text = texts.join(' ').toLowerCase();
	return words.every(word => (word.startsWith('!') && word.length > 1 ? !text.includes(word.slice(1)) : text.includes(word)));
};

/** Rows of the Agents panel in their places, filtered. */
export const agentRows = (state: ViewState, snapshot: RoomSnapshot, now: number): readonly AgentRow[] => {
	const rows = roster(snapshot, serverNow(snapshot, now));
	const places = state.arrangement.length > 0 ? keepPlaces(state.arrangement, rows) : arrangementOf(rows);
	return placed(places, rows).filter(row =>
		matches(state.filters[1], row.name, row.id, row.task?.id ?? '', row.task?.title ?? '', row.look, row.text, row.agent?.role ?? ''),
	);
};

export const queueRows = (state: ViewState, snapshot: RoomSnapshot, now: number): readonly QueueRow[] =>
	queue(snapshot, serverNow(snapshot, now)).filter(({task, why}) => matches(state.filters[2], task.id, task.title, why, task.role));

export const lockRows = (state: ViewState, snapshot: RoomSnapshot): readonly LockRow[] =>
	locks(snapshot).filter(row => matches(state.filters[3], row.label, row.owner));

const eventsPassing = (text: string, snapshot: RoomSnapshot): readonly EventRow[] => {
	const passes = eventMatcher({text, hasQuiet: false});
	return events(snapshot).filter(({event}) => text === '' || passes(event));
};

export const eventRows = (state: ViewState, snapshot: RoomSnapshot): readonly EventRow[] => eventsPassing(state.filters[4], snapshot);

export const decisionRows = (state: ViewState, snapshot: RoomSnapshot, now: number): readonly Decision[] =>
	decisions(snapshot, serverNow(snapshot, now)).filter(({text}) => matches(state.filters[5], text));

export const conflictRows = (state: ViewState, snapshot: RoomSnapshot): readonly ConflictRow[] =>
	conflicts(snapshot).filter(({label, agents, files}) => matches(state.filters[6], label, agents, ...files));

/** Ids of a list's rows in the order on the screen. */
export const idsOf = (list: List, state: ViewState, snapshot: RoomSnapshot, now: number): readonly string[] => {
	if (list === 1) return agentRows(state, snapshot, now).map(row => row.id);
	if (list === 2) return queueRows(state, snapshot, now).map(row => row.task.id);
	if (list === 3) return lockRows(state, snapshot).map(row => row.lock.name);
	if (list === 4) return eventRows(state, snapshot).map(row => row.event.id);
	if (list === 6) return conflictRows(state, snapshot).map(row => row.id);
	return decisionRows(state, snapshot, now).map((_, index) => String(index));
};

/** The selected row of a list: the remembered id while it exists, else the first row (of events: the newest). */
export const selectedId = (list: List, state: ViewState, snapshot: RoomSnapshot, now: number): string => {
	const ids = idsOf(list, state, snapshot, now);
	const remembered = state.selected[list];
	return ids.includes(remembered) ? remembered : ((list === 4 ? ids.at(-1) : ids[0]) ?? '');
};
