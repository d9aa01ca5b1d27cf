import {agentName} from '../../core/agent/agent.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import type {LockRow} from '../model/locks.ts';
import {age, ageInList} from '../model/time.ts';
import {lockRows, selectedId} from '../state/rows.ts';
import {cell, cut, type Line, said, span, widthOf} from '../text/text.ts';
import {keyFor, type ListContent, type ListKind, noMatch, nothing, widest} from './list.ts';

/** `waiting: dev-4 3m, dev-14 1m +2`: as many as fit, and how many more. */
const waitingText = (drawing: Drawing, waiters: LockRow['waiters'], columns: number): string => {
	const told = waiters.map(({agent, since}) => `${said(agentName(agent))} ${ageInList(since, teamNow(drawing))}`);
	for (let count = told.length; count > 1; count--) {
		const text = `waiting: ${told.slice(0, count).join(', ')}${count < told.length ? ` +${told.length - count}` : ''}`;
		if (widthOf(text) <= columns) return text;
	}
	return cut(`waiting: ${told[0]}${told.length > 1 ? ` +${told.length - 1}` : ''}`, columns);
};

export const locksList = (drawing: Drawing, columns: number): ListContent => {
	const {state, snapshot, now} = drawing;
	const rows = lockRows(state, snapshot);
	if (rows.length === 0)
		return state.filters[3]
			? noMatch(state.filters[3], drawing)
			: nothing(
					'No locks held.',
					'Held by merges and agents.',
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
			span(`${ageInList(lock.takenAt, teamNow(drawing)).padStart(4)} `, 'dim'),
		]);
		if (waiters.length > 0) lines.push([span(`  ${waitingText(drawing, waiters, columns - 3)}`, 'warning')]);
	}
	return {lines, ids, selected: at, total: rows.length, first: 0};
};

const contendedIn = ({state, snapshot}: Drawing): number => lockRows(state, snapshot).filter(row => row.waiters.length > 0).length;

export const LOCKS: ListKind = {
	name: 'Locks',
	content: locksList,
	total: (_drawing, content) => content().total,
	alarm: drawing => (contendedIn(drawing) > 0 ? ` !${contendedIn(drawing)}` : ''),
	note: drawing => (contendedIn(drawing) > 0 ? [span(`${contendedIn(drawing)} contended`, 'warning')] : []),
	more: drawing => (drawing.state.focus === 3 ? `${keyFor(drawing, 'open')} leases` : ''),
};

/** `4s` for a heartbeat, with its word. */
export const beatText = (at: number | undefined, now: number): string =>
	at === undefined ? 'no heartbeat yet' : `heartbeat ${age(now - at)}`;
