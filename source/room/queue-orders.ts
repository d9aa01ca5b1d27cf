import {type ActionResult, refusal} from '../core/action.ts';
import {agentName} from '../core/agent.ts';
import {FINAL_STATES, HOMES, priorityBadge} from '../core/task.ts';
import {trainIn} from '../core/why-train.ts';
import type {Engine} from './engine.ts';
import {rebuild} from './rebuild.ts';
import {done, ended, noTask, settled, takeBack, untilOver} from './take-back.ts';

/** Why the turn of a task cannot be changed, in words. */
const fixed = (id: string, word: 'gone' | 'leased' | 'asks'): ActionResult => {
	if (word === 'gone') return noTask(id);
	if (word === 'asks') return settled(id, 'asks');
	return refusal(
		'leased',
		`${id} is being worked on: only what waits has a turn.`,
		`\`agent-room release ${id}\` gives it back to the queue.`,
	);
};

/** One task before another in the queue: the two change places. */
export const move = async (engine: Engine, id: string, before: string): Promise<ActionResult> => {
	const {code, id: about} = await engine.coordination.move(id, before);
	// What stands in the train keeps its place in it, whatever its turn: it has to be built again, behind the other.
	const cars = trainIn(engine.state.team(), engine.state.baseCommit()).cars.map(({task}) => task.id);
	const isAhead = cars.includes(before) && !(cars.indexOf(id) > -1 && cars.indexOf(id) < cars.indexOf(before));
	if (code === 'ok' && isAhead) {
		const rebuilt = await rebuild(engine, before);
		return rebuilt.ok ? done(`${id} comes before ${before}, which is built and tested again behind it`) : rebuilt;
	}
	if (code === 'same' && isAhead) return done(`${id} has the earlier turn already; ${before} stands in the train, and goes on`);
	if (code === 'ok' || code === 'same') return done(`${id} comes before ${before}${code === 'same' ? ' already' : ''}`);
	return fixed(about || id, code);
};

export const prioritise = async (engine: Engine, id: string, priority: number): Promise<ActionResult> => {
	const word = await engine.coordination.prioritise(id, priority);
	if (word === 'ok' || word === 'same')
		return done(`${id} has priority ${priority}, ${priorityBadge(priority)}${word === 'same' ? ', already' : ''}`);
	return fixed(id, word);
};

/**
 * Again from a clean worktree: whoever works on it is ended, what was made stays on its branch, and the next attempt begins at the base. Only of
 * what is being made: in review or on its way to the base there is nothing to begin again.
 */
export const retry = async (engine: Engine, id: string): Promise<ActionResult> => {
	await untilOver(engine, id);
	const task = engine.state.team().tasks.get(id) ?? (await engine.coordination.task(id));
	if (!task) return noTask(id);
	if (FINAL_STATES.includes(task.state)) return ended(task);
	if (task.asks) return settled(id, 'asks');
	if (!HOMES.some(home => home === task.stage))
		return refusal(
			'refused',
			`${id} is in ${task.stage}: there is no work to begin again.`,
			`\`agent-room task ${id}\` shows where it stands.`,
		);
	if (task.attempt === 0) return refusal('refused', `Nobody has begun ${id} yet.`, '');
	const result = await takeBack(engine, task, {to: task.assigned, reason: 'again from a clean worktree, by a person', isClean: true});
	return result.ok
		? done(`${id} begins again from ${engine.base}${task.branch ? `; ${task.branch} stays` : ''}${whose(task.assigned)}`)
		: result;
};

const whose = (assigned: string): string => (assigned ? `, with ${agentName(assigned)}` : '');

/** A task goes on without one that was cancelled or is dead. */
export const free = async (engine: Engine, id: string, without: string): Promise<ActionResult> => {
	const word = await engine.coordination.free(id, without);
	engine.wake();
	if (word === 'ok') return done(`${id} goes on without ${without}`);
	if (word === 'open')
		return refusal('open', `${without} may still be merged: ${id} waits for it.`, `\`agent-room cancel ${without}\` ends that first.`);
	return word === 'stale'
		? refusal('gone', `${id} does not wait for \`${without}\`.`, `\`agent-room explain ${id}\` says what it waits for.`)
		: refusal('gone', `There is no task \`${id}\` that waits.`, '`agent-room tasks` lists them.');
};
