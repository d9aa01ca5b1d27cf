import type {RoomSnapshot} from '../../../store/room.ts';
import {serverNow} from '../../model/ages.ts';
import {boardColumns, COLUMNS, chosenCard} from '../../model/board.ts';
import type {BoardPage} from '../page.ts';
import {type Behaviour, moved} from './behaviour.ts';

/** The columns of a board and what is chosen on it. */
export const lookAtBoard = (page: BoardPage, {snapshot, now}: {readonly snapshot: RoomSnapshot; readonly now: number}) => {
	const columns = boardColumns(snapshot, serverNow(snapshot, now), page);
	return {columns, chosen: chosenCard(columns, page)};
};

const ACROSS: Readonly<Record<string, -1 | 1>> = {left: -1, 'previous-panel': -1, right: 1, 'next-panel': 1};

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
		const to = across === undefined ? at : Math.min(columns.length - 1, Math.max(0, at + across));
		const {name, tasks} = columns[to] ?? {name: chosen.column, tasks: []};
		const index =
			across === undefined ? moved(move, chosen.index, tasks.length - 1) : Math.max(0, Math.min(tasks.length - 1, chosen.index));
		return {...page, column: name, index, selected: tasks[index]?.id ?? ''};
	},
};
