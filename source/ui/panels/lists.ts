import {agentName} from '../../core/agent/agent.ts';
import {priorityBadge} from '../../core/task/task.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import {keyOf} from '../keymap/keymap.ts';
import type {LockRow} from '../model/locks.ts';
import {unseen} from '../model/queue.ts';
import {age, ageOf, clock} from '../model/time.ts';
import {hasPlanner} from '../state/draft.ts';
import {conflictRows, decisionRows, eventRows, lockRows, queueRows, selectedId} from '../state/rows.ts';
import {cell, cut, type Line, said, span, widthOf, wrap} from '../text/text.ts';
import {type Lines, leadOf} from './agents.ts';

const lazily = <Row>(rows: readonly Row[], line: (row: Row) => Line): Lines => ({
	length: rows.length,
	slice: (from, to) => rows.slice(from, to).map(line),
});

/** Cells that a column needs, judged by the first and the last rows: ids that count grow towards the end. */
const widest = <Row>(rows: readonly Row[], text: (row: Row) => string, most: number): number =>
	[...rows.slice(0, 300), ...rows.slice(-300)].reduce((width, row) => Math.min(most, Math.max(width, widthOf(said(text(row))))), 1);

/**
 * Lines of a list before they are windowed; `total` counts rows of the list, not lines. `ids`: the row that each line is of, '' for a heading;
 * without them every line is a row.
 */
export type ListContent = {
	readonly lines: Lines;
	readonly ids?: readonly string[];
	readonly selected: number;
	readonly total: number;
	readonly first: number;
};

const nothing = (...lines: readonly string[]): ListContent => ({
	lines: lines.map(line => [span(` ${line}`, 'dim')]),
	selected: -1,
	total: 0,
	first: 0,
});
/** The first key of an action of the room, as this person has it. */
const keyFor = ({keymap, isAscii}: Drawing, action: string): string => keyOf(keymap, action, isAscii);

const noMatch = (filter: string, drawing: Drawing): ListContent =>
	nothing(`Nothing matches \`${cut(filter, 20)}\`. ${keyFor(drawing, 'back')} shows all.`);

/** Everything that waits and why. */
export const queueList = (drawing: Drawing, columns: number): ListContent => {
	const {state, snapshot, now} = drawing;
	const rows = queueRows(state, snapshot, now);
	if (rows.length === 0)
		return state.filters[2]
			? noMatch(state.filters[2], drawing)
			: nothing(
					'Queue is empty.',
					'What waits for an agent, and why.',
					`${keyFor(drawing, 'new-task')}  new task`,
					// Without somebody who plans the key would only say so.
					...(hasPlanner(snapshot) ? [`${keyFor(drawing, 'ask')}  ask for a plan`] : []),
				);
	const selected = selectedId(2, state, snapshot, now);
	const ids = widest(rows, row => row.task.id, 10);
	const lines = lazily(rows, ({task, why, tone}) => {
		const lead = leadOf(task.id === selected, state.marks[2], task.id);
		const most = Math.max(8, Math.floor((columns - 6 - ids) * 0.5));
		const reason = cut(why, most);
		const left = columns - 3 - lead.length - 1 - ids - 1 - 1 - widthOf(reason) - 1;
		const badge = priorityBadge(task.priority);
		return [
			span(lead, lead.endsWith('*') ? 'strong' : 'plain'),
			span(badge, badge === 'P0' ? 'strong' : 'plain'),
			span(` ${cell(task.id, ids)} ${cell(task.title, left)} `),
			span(`${reason} `, tone),
		];
	});
	const more = state.filters[2] ? 0 : unseen(snapshot);
	const rest: Line[] = more > 0 ? [[span(` … ${more.toLocaleString('en')} more`, 'dim')]] : [];
	return {
		lines: {
			length: rows.length + rest.length,
			slice: (from, to) => [...lines.slice(from, to), ...rest.slice(Math.max(0, from - rows.length), Math.max(0, to - rows.length))],
		},
		selected: rows.findIndex(row => row.task.id === selected),
		total: rows.length + more,
		first: 0,
	};
};

/** `waiting: dev-4 3m, dev-14 1m +2`: as many as fit, and how many more there are. */
const waitingText = (drawing: Drawing, waiters: LockRow['waiters'], columns: number): string => {
	const told = waiters.map(({agent, since}) => `${said(agentName(agent))} ${ageOf(since, teamNow(drawing))}`);
	for (let count = told.length; count > 1; count--) {
		const text = `waiting: ${told.slice(0, count).join(', ')}${count < told.length ? ` +${told.length - count}` : ''}`;
		if (widthOf(text) <= columns) return text;
	}
	return cut(`waiting: ${told[0]}${told.length > 1 ? ` +${told.length - 1}` : ''}`, columns);
};

/** Held locks: what, who, how long; below one that others want, who waits. */
export const locksList = (drawing: Drawing, columns: number): ListContent => {
	const {state, snapshot, now} = drawing;
	const rows = lockRows(state, snapshot);
	if (rows.length === 0)
		return state.filters[3]
			? noMatch(state.filters[3], drawing)
			: nothing(
					'No locks held.',
					'Merges and agents take them.',
					`${state.focus === 3 ? '' : `${keyFor(drawing, 'panel-3')} `}${keyFor(drawing, 'open')}  leases, heartbeats`,
				);
	const selected = selectedId(3, state, snapshot, now);
	const owners = widest(rows, row => row.owner, 12);
	const lines: Line[] = [];
	const ids: string[] = [];
	let at = -1;
	for (const {lock, label, owner, kind, waiters} of rows) {
		ids.push(lock.name, ...(waiters.length > 0 ? [lock.name] : []));
		const left = columns - 1 - 1 - owners - 1 - 4 - 1;
		const isSelected = lock.name === selected;
		if (isSelected) at = lines.length;
		lines.push([
			span(isSelected ? '▸' : waiters.length > 0 ? '!' : ' ', waiters.length > 0 ? 'warning' : 'plain'),
			span(cell(label, left), kind === 'task' ? 'dim' : kind === 'repository' ? 'strong' : 'plain'),
			span(` ${cell(owner, owners)} `),
			span(`${ageOf(lock.takenAt, teamNow(drawing)).padStart(4)} `, 'dim'),
		]);
		if (waiters.length > 0) lines.push([span(`  ${waitingText(drawing, waiters, columns - 3)}`, 'warning')]);
	}
	return {lines, ids, selected: at, total: rows.length, first: 0};
};

/** Branches that would not merge with one another: which, whose, since when; below, in which files. */
export const conflictsList = (drawing: Drawing, columns: number): ListContent => {
	const {state, snapshot, now} = drawing;
	const rows = conflictRows(state, snapshot);
	if (rows.length === 0)
		return state.filters[6]
			? noMatch(state.filters[6], drawing)
			: nothing(
					'No conflicts in sight.',
					'Branches that would not merge',
					'are named here.',
					`${keyFor(drawing, 'train')}  the merge train`,
				);
	const selected = selectedId(6, state, snapshot, now);
	const lines = rows.flatMap(({id, label, agents, files, since}): readonly Line[] => {
		const who = cut(agents, Math.floor(columns / 3));
		return [
			[
				span(id === selected ? '▸' : '!', 'warning'),
				span(`${cell(label, columns - 1 - widthOf(who) - 7)} ${who} `),
				span(`${ageOf(since, teamNow(drawing)).padStart(4)} `, 'dim'),
			],
			[span(`  ${filesText(files, columns - 3)}`, 'dim')],
		];
	});
	const ids = rows.flatMap(({id}) => [id, id]);
	return {lines, ids, selected: 2 * rows.findIndex(row => row.id === selected), total: rows.length, first: 0};
};

/** As many files as fit, and how many more there are. */
const filesText = (files: readonly string[], columns: number): string => {
	for (let count = files.length; count > 1; count--) {
		const text = `${files
			.slice(0, count)
			.map(text => said(text))
			.join(', ')}${count < files.length ? ` +${files.length - count}` : ''}`;
		if (widthOf(text) <= columns) return text;
	}
	const more = files.length > 1 ? ` +${files.length - 1}` : '';
	return `${cut(files[0] ?? '', Math.max(1, columns - more.length))}${more}`;
};

/** What happened, newest last. */
export const eventsList = (drawing: Drawing, columns: number): ListContent => {
	const {state, snapshot, now} = drawing;
	const rows = eventRows(state, snapshot);
	if (rows.length === 0)
		return state.filters[4]
			? noMatch(state.filters[4], drawing)
			: nothing('Nothing has happened yet.', 'Claims, reviews, merges: here.', `${keyFor(drawing, 'events')}  the whole record`);
	const selected = selectedId(4, state, snapshot, now);
	const lines = lazily(rows, ({event, glyph, tone, text}) => [
		span(`${clock(event.at - snapshot.clockOffset)} `, 'dim'),
		span(glyph, tone),
		span(` ${cell(text, columns - 8)}`),
	]);
	return {lines, selected: rows.findIndex(row => row.event.id === selected), total: rows.length, first: 0};
};

/** What the room decides, each as a sentence of at most three rows. */
export const decisionsList = (drawing: Drawing, columns: number): ListContent => {
	const {state, snapshot, now, keymap, isAscii} = drawing;
	const rows = decisionRows(state, snapshot, now);
	const selected = Number(selectedId(5, state, snapshot, now) || '-1');
	const lines: Line[] = [];
	const ids: string[] = [];
	let first = -1;
	for (const [index, {glyph, tone, text: fact, keys}] of rows.entries()) {
		const text = keys ? `${fact} ${keys.actions.map(action => keyOf(keymap, action, isAscii)).join(', then ')} ${keys.does}` : fact;
		if (index === selected) first = lines.length;
		for (const [row, part] of wrap(text, columns - 3, 3).entries()) {
			ids.push(String(index));
			lines.push([span(row === 0 ? glyph : ' ', tone), span(` ${part}`, tone === 'dead' ? 'dead' : tone === 'dim' ? 'dim' : 'plain')]);
		}
	}
	return {lines, ids, selected: state.focus === 5 ? first : -1, total: rows.length, first: 0};
};

/** `4s` for a heartbeat, with its word. */
export const beatText = (at: number | undefined, now: number): string => (at === undefined ? 'no beat yet' : `beat ${age(now - at)}`);
