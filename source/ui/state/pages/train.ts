import {trainRows} from '../../model/train.ts';
import type {TrainPage} from '../page.ts';
import {type Behaviour, moved} from './behaviour.ts';

export const trainBehaviour: Behaviour<TrainPage> = {
	taskOf: ({selected}, {snapshot}) => {
		const rows = trainRows(snapshot);
		return (rows.find(({task}) => task.id === selected) ?? rows[0])?.task.id ?? '';
	},
	move: (page, move, {snapshot}) => {
		const ids = trainRows(snapshot).map(row => row.task.id);
		return {...page, selected: ids[moved(move, Math.max(0, ids.indexOf(page.selected)), ids.length - 1)] ?? ''};
	},
};
