import type {ActionResult} from '../core/action.ts';
import {type Asks, FINAL_STATES, type WholeTask} from '../core/task.ts';
import type {Engine} from './engine.ts';
import {decideHeld} from './held-merge.ts';
import {decidePlan, nothingAsked, type Word} from './plan-orders.ts';
import {decideDropped} from './resolve.ts';
import {decideRounds} from './rounds.ts';

type Decide = (engine: Engine, task: WholeTask, word: Word) => Promise<ActionResult>;

/** Who carries a decision out, by what is asked. */
const DECIDERS: Readonly<Record<Asks, Decide>> = {plan: decidePlan, rounds: decideRounds, dropped: decideDropped, checks: decideHeld};

/** Carries out what a person decided about a task that asks; one that asks nothing any more is refused. */
export const decideAsked = async (engine: Engine, word: Word): Promise<ActionResult> => {
	const task = await engine.coordination.task(word.task.toLowerCase());
	const isAsking = task !== undefined && !FINAL_STATES.includes(task.state);
	return isAsking && task.asks !== '' ? DECIDERS[task.asks](engine, task, word) : nothingAsked(word.task, task);
};
