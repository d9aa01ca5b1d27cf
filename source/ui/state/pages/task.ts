import type {TaskPage} from '../page.ts';
import {type Behaviour, moved} from './behaviour.ts';

export const taskBehaviour: Behaviour<TaskPage> = {
	taskOf: ({task}) => task,
	looksAt: ({task}) => [
		{what: 'facts', task},
		{what: 'patch', task},
		{what: 'record', task},
	],
	move: (page, move, context, state) => {
		if (['left', 'right', 'next-panel', 'previous-panel'].includes(move)) {
			const column = move === 'left' ? 0 : move === 'right' ? 1 : page.column === 0 ? 1 : 0;
			return {...page, column};
		}
		const {column} = page;
		const end = context.overflow(state).page[column];
		const row = moved(move, Math.min(end, page.scroll[column]), end);
		return {...page, scroll: column === 0 ? [row, page.scroll[1]] : [page.scroll[0], row]};
	},
};
