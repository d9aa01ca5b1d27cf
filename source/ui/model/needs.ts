import {isBudgetReached, isHeldByBudget, reachedText} from '../../core/budget.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {type Attention, attention} from './attention.ts';

/** Something that a person is told of who looks away. `id` is another for every new question, and the same as long as it is asked. */
export type Need = {readonly id: string; readonly kind: 'asks' | 'trouble' | 'done'; readonly who: string; readonly text: string};

const KINDS: readonly Attention['kind'][] = ['asks', 'logged-out', 'waiting', 'red', 'budget', 'dead'];

/** A budget that is only told of is no row of the attention bar, where it would stand for ever. */
const warned = ({team: {control}}: RoomSnapshot): readonly Attention[] =>
	isBudgetReached(control) && !isHeldByBudget(control)
		? [{id: 'budget', kind: 'budget', name: 'budget', task: '', text: reachedText(control), since: control.reachedAt}]
		: [];

/**
 * All that somebody is needed for: questions, logins, decisions, turns that are over, a red base, a budget that is reached (also where that holds up nobody), tasks out of attempts. An agent that died
 * is none: the room starts it again. `now` is server time.
 */
export const needs = (snapshot: RoomSnapshot, now: number): readonly Need[] =>
	[...attention(snapshot, now), ...warned(snapshot)]
		.filter(({kind, id}) => KINDS.includes(kind) && (kind !== 'dead' || id.startsWith('task:')))
		.map(({id, kind, name, text, since}) => {
			const question = snapshot.team.agents.get(id)?.questionId;
			const isTrouble = kind === 'red' || kind === 'budget' || kind === 'dead' || kind === 'logged-out';
			return {id: `${id} ${kind} ${question || since}`, kind: isTrouble ? 'trouble' : 'asks', who: name, text};
		});

/** That nothing is left to do, once there has been something; undefined while there is. */
export const allDone = ({team}: RoomSnapshot): Need | undefined => {
	const {ready, leased, blocked, delayed, merged, dead} = team.counts;
	if (ready + leased + blocked + delayed > 0 || merged + dead === 0) return undefined;
	const rest = dead > 0 ? `, ${dead} dead` : '';
	return {id: `done ${merged} ${dead}`, kind: 'done', who: '', text: `nothing is left to do: ${merged} merged${rest}`};
};
