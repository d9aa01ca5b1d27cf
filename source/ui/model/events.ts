import {agentName} from '../../core/agent/agent.ts';
import type {RoomEvent} from '../../core/event/event.ts';
import {type EventFilter, eventMatcher, sentenceOf} from '../../core/event/words.ts';
import {isNewer} from '../../core/team/snapshot.ts';
import type {Direction, EventPage, Reach} from '../../store/history.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {Tone} from '../text/text.ts';
import {STATUS_STYLES} from './status-styles.ts';
import {age, remember} from './time.ts';

export type EventRow = {readonly event: RoomEvent; readonly glyph: string; readonly tone: Tone; readonly text: string};

const look = (name: keyof typeof STATUS_STYLES): {glyph: string; tone: Tone} => ({
	glyph: STATUS_STYLES[name].badge.slice(0, 1),
	tone: STATUS_STYLES[name].tone,
});
const STATUS: Readonly<Record<string, {glyph: string; tone: Tone}>> = {
	'needs-input': look('needs-input'),
	crashed: look('crashed'),
	unreachable: look('crashed'),
	stalled: look('stalled'),
	paused: look('paused'),
};
const STATE: Readonly<Record<string, {glyph: string; tone: Tone}>> = {
	merged: {glyph: '✓', tone: 'good'},
	crashed: look('crashed'),
	cancelled: {glyph: '✗', tone: 'dim'},
	leased: look('working'),
	blocked: {glyph: '⊘', tone: 'dim'},
	delayed: {glyph: '◌', tone: 'stalled'},
};
const STAGE: Readonly<Record<string, {glyph: string; tone: Tone}>> = {
	review: look('review'),
	audit: look('review'),
	test: look('merging'),
	merge: look('merging'),
};

/** Events whose type says more than the resulting state. */
const KIND: Readonly<Record<string, {glyph: string; tone: Tone}>> = {
	task_needs_decision: look('needs-input'),
	task_planned: {glyph: '✓', tone: 'good'},
	entry_removed: {glyph: '✗', tone: 'warning'},
	base_failing: look('crashed'),
	base_moved: {glyph: '»', tone: 'warning'},
	merges_go_to: {glyph: '»', tone: 'warning'},
	base_strayed: look('crashed'),
	room_left: look('crashed'),
	task_unmerged: look('needs-input'),
	conflict_predicted: {glyph: '!', tone: 'warning'},
};

const markOf = ({agentFields, taskFields, controlFields, lockFields, type}: RoomEvent): {glyph: string; tone: Tone} => {
	const byKind = KIND[type];
	if (byKind) return byKind;
	const byStatus = STATUS[agentFields.status ?? ''];
	if (byStatus) return byStatus;
	if (Object.keys(controlFields).length > 0) return look('paused');
	const {state = '', stage = ''} = taskFields;
	if (state === 'merged' || state === 'failed' || state === 'cancelled' || state === 'delayed') return STATE[state] ?? look('idle');
	if (STAGE[stage]) return STAGE[stage];
	if (type.includes('submit') || type.includes('creat') || type.includes('added')) return {glyph: '+', tone: 'plain'};
	if (STATE[state]) return STATE[state];
	return {glyph: lockFields.name ? '»' : '·', tone: 'dim'};
};

const rows = new WeakMap<RoomEvent, EventRow>();

/** An event as a row; empty text if there is nothing to say. */
export const eventRow = (event: RoomEvent): EventRow => {
	const known = rows.get(event) ?? {event, ...markOf(event), text: sentenceOf(event)};
	rows.set(event, known);
	return known;
};

export const events = (snapshot: RoomSnapshot): readonly EventRow[] => snapshot.team.events.map(eventRow).filter(row => row.text !== '');

/**
 * What one wants to read back: progress stands in the agent's row, and events that say the same one after another are one, the last,
 * with their number: `dev-1 needs input: May I? ×12`.
 */
export const foldEvents = (rows: readonly EventRow[]): readonly EventRow[] => {
	const folded: {row: EventRow; times: number}[] = [];
	for (const row of rows) {
		if (row.event.type === 'task_progressed') continue;
		const last = folded.at(-1);
		if (last?.row.text === row.text) folded[folded.length - 1] = {row, times: last.times + 1};
		else folded.push({row, times: 1});
	}
	return folded.map(({row, times}) => (times === 1 ? row : {...row, text: `${row.text} ×${times}`}));
};

const memoFolded = remember((snapshot): readonly EventRow[] => foldEvents(events(snapshot)));
/** The events of the panel, folded. */
export const panelEvents = (snapshot: RoomSnapshot): readonly EventRow[] => memoFolded(snapshot, 0);

/** Ages of the heartbeats, short enough for the title: `heartbeats 1-3s`, or the late one: `dev-2 late 14s`. '' without any. */
export const beats = (snapshot: RoomSnapshot, now: number): {readonly text: string; readonly isLate: boolean} => {
	const ages = [...snapshot.beats]
		.filter(([id]) => snapshot.team.agents.get(id)?.status !== 'stopped' && snapshot.team.agents.has(id))
		.map(([id, at]) => ({id, ms: Math.max(0, now - at)}))
		.sort((a, b) => b.ms - a.ms);
	const oldest = ages[0];
	const newest = ages.at(-1);
	if (!oldest || !newest) return {text: '', isLate: false};
	if (oldest.ms > snapshot.heartbeatTtlMs / 2) return {text: `${agentName(oldest.id)} late ${age(oldest.ms)}`, isLate: true};
	const [from, to] = [age(newest.ms), age(oldest.ms)];
	return {text: from === to ? `heartbeats ${to}` : `heartbeats ${from.slice(0, -1)}-${to}`, isLate: false};
};

/** Limit of events in a view; the far end is dropped and read again when needed. */
export const MOST_ENTRIES = 2000;
/** Distance from an end at which more is read; also the first read. */
export const NEAR = 60;

/** Limits to `MOST_ENTRIES`: drops the end opposite to `grown`. */
const bounded = (log: Log, grown: Direction): Log => {
	const {entries} = log;
	if (entries.length <= MOST_ENTRIES) return log;
	if (grown === 'newer') {
		const kept = entries.slice(-MOST_ENTRIES);
		return {...log, entries: kept, reached: {...log.reached, older: kept[0]?.id ?? ''}, has: {...log.has, older: true}};
	}
	const kept = entries.slice(0, MOST_ENTRIES);
	return {...log, entries: kept, reached: {...log.reached, newer: kept.at(-1)?.id ?? ''}, has: {...log.has, newer: true}};
};

/** Appends live events; reads the gap if there were more than those. */
export const withLive = (log: Log, {team}: RoomSnapshot): Log => {
	const {newer} = log.reached;
	const [first] = team.events;
	if (newer === '' || log.has.newer || !first || !isNewer(team.streamId, newer)) return log;
	if (isNewer(first.id, newer)) return {...log, has: {...log.has, newer: true}};
	const last = log.entries.at(-1)?.id ?? '0-0';
	const passes = eventMatcher(log.filter);
	const fresh = team.events.filter(event => isNewer(event.id, newer) && isNewer(event.id, last) && passes(event));
	const entries = fresh.length > 0 ? [...log.entries, ...fresh] : log.entries;
	return bounded({...log, entries, reached: {...log.reached, newer: team.streamId}}, 'newer');
};

/** Merges a page into the log; undefined: no answer. */
export const withAnswer = (log: Log, direction: Direction, page: EventPage | undefined): Log => {
	if (!page) return {...log, asked: undefined, isAway: true};
	const known = new Set(log.entries.map(({id}) => id));
	const fresh = page.entries.filter(({id}) => !known.has(id));
	const entries = direction === 'older' ? [...fresh, ...log.entries] : [...log.entries, ...fresh];
	const reached = {...log.reached, [direction]: page.reached};
	return bounded(
		{...log, entries, reached, has: {...log.has, [direction]: !page.isEnd}, asked: undefined, isAway: false, reach: page.reach},
		direction,
	);
};

/** The direction to read around the row `at`; undefined for none. */
export const wantedOf = (log: Log, at: number): Direction | undefined => {
	if (log.asked) return undefined;
	if (log.has.newer && at >= log.entries.length - NEAR) return 'newer';
	return log.has.older && (at < NEAR || log.entries.length < NEAR) ? 'older' : undefined;
};

/** The row of an event, the last for ''; if it is gone, the next one. */
export const rowOf = (entries: readonly RoomEvent[], id: string): number => {
	if (id === '') return entries.length - 1;
	const at = entries.findIndex(event => !isNewer(id, event.id));
	return at === -1 ? entries.length - 1 : at;
};

/** A window of the event log, oldest first, that grows where the user moves. */
export type Log = {
	readonly filter: EventFilter;
	readonly entries: readonly RoomEvent[];
	/** The last events examined in each direction, filtered or not; '' before the first answer. */
	readonly reached: Readonly<Record<Direction, string>>;
	readonly has: Readonly<Record<Direction, boolean>>;
	/** A pending read. */
	readonly asked: Direction | undefined;
	/** The last read failed: Redis is disconnected. */
	readonly isAway: boolean;
	/** Undefined before the first answer. */
	readonly reach: Reach | undefined;
};
