import {type Action, type ActionResult, refusal} from '../core/action.ts';
import type {Asks, WholeTask} from '../core/task.ts';
import type {Engine} from './engine.ts';
import {decideRounds} from './rounds.ts';

/** A person's word on what a task asks. */
export type Word = Extract<Action, {type: 'accept' | 'reject'}>;

type Decide = (engine: Engine, task: WholeTask, word: Word) => Promise<ActionResult>;

const notYet: Decide = async (_engine, task) => refusal('refused', `What ${task.id} asks cannot be decided here.`, '');

/** Who carries a decision out, by what is asked. */
const DECIDERS: Readonly<Record<Asks, Decide>> = {plan: notYet, rounds: decideRounds, dropped: notYet};

/** Carries out what a person decided about a task that asks; one that asks nothing any more is refused. */
export const decideAsked = async (engine: Engine, word: Word): Promise<ActionResult> => {
	const task = await engine.coordination.task(word.task.toLowerCase());
	if (!task) return refusal('gone', `There is no task \`${word.task}\`.`, '`agent-room tasks` lists them.');
	if (task.asks === '') return refusal('changed', `${task.id} asks nothing.`, '`agent-room status` shows what waits for you.');
	return DECIDERS[task.asks](engine, task, word);
};
