import {trainRows} from '../../model/train.ts';
import type {TrainPage} from '../page.ts';
import {type Behaviour, moved} from './behaviour.ts';

/** Cars on either side of the chosen one that are looked at. */
const AROUND = 10;

export const trainBehaviour: Behaviour<TrainPage> = {
	taskOf: ({selected}, {snapshot}) => {
		const rows = trainRows(snapshot);
		return (rows.find(({task}) => task.id === selected) ?? rows[0])?.task.id ?? '';
	},
	// What is seen of it: the facts of the cars around the chosen one, and the log of that one.
	looksAt: (page, {snapshot}) => {
		const rows = trainRows(snapshot);
		const at = Math.max(
			0,
			rows.findIndex(({task}) => task.id === page.selected),
		);
		const from = Math.max(0, at - AROUND);
		const chosen = rows[at]?.task;
		return [
			...rows.slice(from, from + 2 * AROUND).map(({task}) => ({what: 'facts', task: task.id}) as const),
			...(chosen?.testLog ? [{what: 'log', task: chosen.id} as const] : []),
		];
	},
	move: (page, move, {snapshot}) => {
		const ids = trainRows(snapshot).map(row => row.task.id);
		return {...page, selected: ids[moved(move, Math.max(0, ids.indexOf(page.selected)), ids.length - 1)] ?? ''};
	},
};
