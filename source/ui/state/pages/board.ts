import type {RoomSnapshot} from '../../../store/room.ts';
import {serverNow} from '../../model/ages.ts';
import {boardColumns, COLUMNS, type Column, chosenCard} from '../../model/board.ts';
import type {BoardPage} from '../page.ts';
import {type Behaviour, moved} from './behaviour.ts';

/** The columns of a board and what is chosen on it. Where a filter leaves nothing in its column, that is the first card which it leaves. */
export const lookAtBoard = (page: BoardPage, {snapshot, now}: {readonly snapshot: RoomSnapshot; readonly now: number}) => {
	const columns = boardColumns(snapshot, serverNow(snapshot, now), page);
	const chosen = chosenCard(columns, page);
	const other = chosen.task || page.filter === '' ? undefined : columns.find(({tasks}) => tasks.length > 0);
	return {columns, chosen: other ? {column: other.name, index: 0, task: other.tasks[0]} : chosen};
};

const ACROSS: Readonly<Record<string, -1 | 1>> = {left: -1, 'previous-panel': -1, right: 1, 'next-panel': 1};

/** The column to one side; while a filter is on, the next in which it leaves something. */
const besides = (columns: readonly Column[], at: number, by: -1 | 1, isFiltered: boolean): number => {
	const last = Math.min(columns.length - 1, Math.max(0, at + by));
	if (!isFiltered) return last;
	for (let to = at + by; columns[to]; to += by) if ((columns[to]?.tasks.length ?? 0) > 0) return to;
	return at;
};

/** Moves between cards and columns. The choice sticks to a task, which moves between the columns by itself. */
export const boardBehaviour: Behaviour<BoardPage> = {
	taskOf: (page, context) => lookAtBoard(page, context).chosen.task?.id ?? '',
	choose: (page, {column, id}) => {
		const name = COLUMNS.find(known => known === column);
		return name ? {...page, column: name, selected: id} : page;
	},
	move: (page, move, context) => {
		const {columns, chosen} = lookAtBoard(page, context);
		const at = columns.findIndex(({name}) => name === chosen.column);
		const across = ACROSS[move];
		const to = across === undefined ? at : besides(columns, at, across, page.filter !== '');
		const {name, tasks} = columns[to] ?? {name: chosen.column, tasks: []};
		const index =
			across === undefined ? moved(move, chosen.index, tasks.length - 1) : Math.max(0, Math.min(tasks.length - 1, chosen.index));
		return {...page, column: name, index, selected: tasks[index]?.id ?? ''};
	},
};
