import type {RoomSnapshot} from '../../store/room.ts';
import {type Attention, attention} from './attention.ts';

/** Something that a person is told of who looks away. `id` is another for every new question, and the same as long as it is asked. */
export type Need = {readonly id: string; readonly kind: 'asks' | 'trouble' | 'done'; readonly who: string; readonly text: string};

const KINDS: readonly Attention['kind'][] = ['asks', 'logged-out', 'waiting', 'red', 'dead'];

/**
 * All that somebody is needed for: questions, logins, decisions, turns that are over, a red base, tasks out of attempts. An agent that died
 * is none: the room starts it again. `now` is server time.
 */
export const needs = (snapshot: RoomSnapshot, now: number): readonly Need[] =>
	attention(snapshot, now)
		.filter(({kind, id}) => KINDS.includes(kind) && (kind !== 'dead' || id.startsWith('task:')))
		.map(({id, kind, name, text, since}) => {
			const question = snapshot.team.agents.get(id)?.questionId;
			const isTrouble = kind === 'red' || kind === 'dead' || kind === 'logged-out';
			return {id: `${id} ${kind} ${question || since}`, kind: isTrouble ? 'trouble' : 'asks', who: name, text};
		});

/** That nothing is left to do, once there has been something; undefined while there is. */
export const allDone = ({team}: RoomSnapshot): Need | undefined => {
	const {ready, leased, blocked, delayed, merged, dead} = team.counts;
	if (ready + leased + blocked + delayed > 0 || merged + dead === 0) return undefined;
	const rest = dead > 0 ? `, ${dead} dead` : '';
	return {id: `done ${merged} ${dead}`, kind: 'done', who: '', text: `nothing is left to do: ${merged} merged${rest}`};
};
