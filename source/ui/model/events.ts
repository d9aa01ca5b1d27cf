import {agentName} from '../../core/agent.ts';
import type {RoomEvent} from '../../core/event.ts';
import {sentenceOf} from '../../core/event-filter.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {Tone} from '../draw/text.ts';
import {age} from './ages.ts';
import {LOOKS} from './looks.ts';

export type EventRow = {readonly event: RoomEvent; readonly glyph: string; readonly tone: Tone; readonly text: string};

const look = (name: keyof typeof LOOKS): {glyph: string; tone: Tone} => ({glyph: LOOKS[name].badge.slice(0, 1), tone: LOOKS[name].tone});
const STATUS: Readonly<Record<string, {glyph: string; tone: Tone}>> = {
	asks: look('asks'),
	dead: look('dead'),
	lost: look('dead'),
	stalled: look('stalled'),
	paused: look('paused'),
};
const STATE: Readonly<Record<string, {glyph: string; tone: Tone}>> = {
	merged: {glyph: '✓', tone: 'good'},
	dead: look('dead'),
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

/** Events whose kind says more than the state that they leave behind. */
const KIND: Readonly<Record<string, {glyph: string; tone: Tone}>> = {
	task_asked: look('asks'),
	task_planned: {glyph: '✓', tone: 'good'},
	car_ejected: {glyph: '✗', tone: 'warning'},
	base_red: look('dead'),
	base_moved: {glyph: '»', tone: 'warning'},
	conflict_predicted: {glyph: '!', tone: 'warning'},
};

const markOf = ({agentFields, taskFields, controlFields, lockFields, type}: RoomEvent): {glyph: string; tone: Tone} => {
	const byKind = KIND[type];
	if (byKind) return byKind;
	const byStatus = STATUS[agentFields.status ?? ''];
	if (byStatus) return byStatus;
	if (Object.keys(controlFields).length > 0) return look('paused');
	const {state = '', stage = ''} = taskFields;
	if (state === 'merged' || state === 'dead' || state === 'cancelled' || state === 'delayed') return STATE[state] ?? look('idle');
	if (STAGE[stage]) return STAGE[stage];
	if (type.includes('submit') || type.includes('creat') || type.includes('added')) return {glyph: '+', tone: 'plain'};
	if (STATE[state]) return STATE[state];
	return {glyph: lockFields.name ? '»' : '·', tone: 'dim'};
};

const rows = new WeakMap<RoomEvent, EventRow>();

/** An event as a row; its text is '' where it has nothing to tell. */
export const eventRow = (event: RoomEvent): EventRow => {
	const known = rows.get(event) ?? {event, ...markOf(event), text: sentenceOf(event)};
	rows.set(event, known);
	return known;
};

/** The events that the room keeps and that tell people something, newest last. */
export const events = (snapshot: RoomSnapshot): readonly EventRow[] => snapshot.team.events.map(eventRow).filter(row => row.text !== '');

/** How old the heartbeats are, in words: `beats 1-3s`, or the one that is late: `dev-2 no beat 14s`. '' where nobody beats. */
export const beats = (snapshot: RoomSnapshot, now: number): {readonly text: string; readonly isLate: boolean} => {
	const ages = [...snapshot.beats]
		.filter(([id]) => snapshot.team.agents.get(id)?.status !== 'stopped' && snapshot.team.agents.has(id))
		.map(([id, at]) => ({id, ms: Math.max(0, now - at)}))
		.sort((a, b) => b.ms - a.ms);
	const oldest = ages[0];
	const newest = ages.at(-1);
	if (!oldest || !newest) return {text: '', isLate: false};
	if (oldest.ms > snapshot.heartbeatTtlMs / 2) return {text: `${agentName(oldest.id)} no beat ${age(oldest.ms)}`, isLate: true};
	const [from, to] = [age(newest.ms), age(oldest.ms)];
	return {text: from === to ? `beats ${to}` : `beats ${from.slice(0, -1)}-${to}`, isLate: false};
};
