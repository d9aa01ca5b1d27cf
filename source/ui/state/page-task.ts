import type {RoomEvent} from '../../core/event/event.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {boardColumns, chosenCard} from '../model/board.ts';
import {rowOf} from '../model/events.ts';
import {type LockRow, locksAndLeases} from '../model/locks.ts';
import {mergeRows} from '../model/merges.ts';
import {serverNow} from '../model/time.ts';
import type {Context} from './message.ts';
import type {BoardPage, EventsPage, LocksPage, Page} from './pages.ts';

/** The selected lock while it is held, else the first. */
export const chosenLock = ({selected}: LocksPage, snapshot: RoomSnapshot): LockRow | undefined => {
	const rows = locksAndLeases(snapshot);
	return rows.find(({lock}) => lock.name === selected) ?? rows[0];
};

/** The board's columns and selection. If a filter empties the selected column, the first remaining card. */
export const checkBoard = (page: BoardPage, {snapshot, now}: {readonly snapshot: RoomSnapshot; readonly now: number}) => {
	const columns = boardColumns(snapshot, serverNow(snapshot, now), page);
	const chosen = chosenCard(columns, page);
	const other = chosen.task || page.filter === '' ? undefined : columns.find(({tasks}) => tasks.length > 0);
	return {columns, chosen: other ? {column: other.name, index: 0, task: other.tasks[0]} : chosen};
};

/**
 * Stores the board's selected card and its place, so that the selection follows the card. A filtered or still unknown card stays selected.
 */
export const withChosen = (page: BoardPage, context: {readonly snapshot: RoomSnapshot; readonly now: number}): BoardPage => {
	const {column, index, task} = checkBoard(page, context).chosen;
	if (!task || (task.id === page.selected && column === page.column && index === page.index)) return page;
	const isMeant = page.selected !== '' && task.id !== page.selected;
	if (isMeant && (page.filter !== '' || !context.snapshot.team.tasks.has(page.selected))) return page;
	return {...page, selected: task.id, column, index};
};

export const chosenEvent = ({log, selected}: EventsPage): RoomEvent | undefined => log.entries[rowOf(log.entries, selected)];

/** Id of the page's task, or of the one selected on it; '' for none. */
export const taskOfPage = (page: Page, context: Pick<Context, 'snapshot' | 'now'>): string => {
	const {snapshot} = context;
	switch (page.kind) {
		case 'task':
			return page.task;
		case 'merges': {
			const rows = mergeRows(snapshot);
			return (rows.find(({task}) => task.id === page.selected) ?? rows[0])?.task.id ?? '';
		}
		case 'board':
			return checkBoard(page, context).chosen.task?.id ?? '';
		case 'events':
			return chosenEvent(page)?.task ?? '';
		case 'locks': {
			const row = chosenLock(page, snapshot);
			if (!row) return '';
			return row.kind === 'task' ? row.lock.name.slice(5) : (snapshot.team.agents.get(row.lock.owner.split(' ')[0] ?? '')?.task ?? '');
		}
		// Replay and unknown pages have none.
		default:
			return '';
	}
};
