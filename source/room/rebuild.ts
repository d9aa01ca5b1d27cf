import {type ActionResult, refusal} from '../core/action.ts';
import {whyHere} from '../core/why-here.ts';
import type {Engine} from './engine.ts';
import {done, ended, noTask, settled} from './take-back.ts';

/** A test that is given up gets this long to end, ms. */
const GRACE_MS = 500;
const REASON = 'built and tested anew, as a person asked';

/**
 * A person wants the merge of a task built anew on the base as it is now, and tested again: what it was held up by is forgotten, and what was tested is
 * not used. It costs nothing and keeps its turn; what stands behind it in the train is built anew as well. Refused for what is not handed in, waits for a word, or lands at this
 * moment.
 */
export const rebuild = async (engine: Engine, given: string): Promise<ActionResult> => {
	const {coordination, state, train} = engine;
	const id = given.toLowerCase();
	const task = await coordination.task(id);
	if (!task) return noTask(given);
	if (task.state === 'merged' || task.state === 'cancelled' || task.state === 'dead') return ended(task);
	if (task.asks !== '') return settled(id, 'asks');
	if (task.stage !== 'test' && task.stage !== 'merge') {
		const room = {...state.getFresh(), hasTestCommand: engine.config.test !== undefined};
		const why = whyHere(task, state.team(), state.serverNow(), room);
		return refusal('early', `${id} has no merge yet: ${why}.`, `\`agent-room explain ${id}\` says what would move it.`);
	}
	const isLeased = task.state === 'leased';
	if (task.stage === 'merge' && isLeased) return settled(id, 'landing');
	for (const wait of [engine.holds, engine.notBefore, train.aside, train.behind, train.triedOnRed, train.kills]) wait.delete(id);
	if (isLeased) {
		const running = [...engine.attempts.values()].find(attempt => attempt.task.id === id && attempt.token === task.token);
		if (!running) return refusal('changed', `${id} is tested by another room.`, 'It is built anew there.');
		if (!running.isEnding) {
			running.endReason = REASON;
			await running.end(GRACE_MS);
		}
	} else if (task.candidate !== '') {
		if ((await coordination.recall({task: id, candidate: task.candidate, reason: REASON})) === 'stale')
			return refusal('changed', `${id} has gone on meanwhile.`, 'Look again.');
	} else if (task.hold !== '') await coordination.hold(id, '');
	engine.wake();
	return done(`${id} is built on ${engine.base} as it is now, and tested again`);
};
