import type {Task} from '../../core/task.ts';
import {type ColumnName, endOf} from './board.ts';
import type {Look} from './looks.ts';
import {LOOKS} from './looks.ts';
import type {RosterRow} from './roster.ts';

/** That somebody works, reviews or rests changes all the time and tells nothing; these tell of trouble without needing a person at once. */
const TROUBLE: readonly Look[] = ['out-of-context', 'rate-limited'];

/** When a row of the agents changed in a way that matters to a person, server time; 0 where it did not. */
export const toldAt = ({look, agent, since}: Pick<RosterRow, 'look' | 'agent' | 'since'>): number => {
	const isHeld = look === 'paused' || agent?.status === 'stopped';
	return LOOKS[look].group === 'needs' || TROUBLE.includes(look) || (isHeld && agent?.reason) ? since : 0;
};

/**
 * The same of a card of the board: it is new, came to its review or to the train, ended, or waits for a person. `row`: whoever works on it.
 */
export const cardToldAt = (task: Task, column: ColumnName, row: Pick<RosterRow, 'look' | 'agent' | 'since'> | undefined): number => {
	if (column === 'done') return endOf(task);
	const isStep = task.asks !== '' || column === 'review' || column === 'merge';
	return Math.max(task.createdAt, isStep ? task.stageAt : 0, row ? toldAt(row) : 0);
};
