import {type ActionResult, refusal} from '../core/action.ts';
import {whyHere} from '../core/why-here.ts';
import {areMergesHeld} from '../core/why-train.ts';
import type {Engine} from './engine.ts';

/** The highest priority there is: such a task is next in the queue for the train. */
const FIRST = 100;

/**
 * A person wants a task merged now. It comes first among those that wait for the train, and a landing that waits is tried again at once. Nothing is
 * skipped by it: the base moves only to a commit that has passed the tests, in the order of the train, as always.
 */
export const mergeNow = async (engine: Engine, given: string): Promise<ActionResult> => {
	const id = given.toLowerCase();
	const {coordination, state} = engine;
	const task = await coordination.task(id);
	if (!task) return refusal('gone', `There is no task \`${given}\`.`, '`agent-room tasks` lists them.');
	if (task.state === 'merged') return refusal('gone', `${id} is merged already.`, `\`agent-room task ${id}\` shows as what.`);
	const room = {...state.getFresh(), hasTestCommand: engine.config.test !== undefined};
	const why = whyHere(task, state.team(), state.serverNow(), room);
	if (task.asks !== '')
		return refusal(
			'asks',
			`${id} waits for your word: ${task.hold}.`,
			`\`agent-room accept ${id}\` lets it go on, \`agent-room reject ${id} --reason TEXT\` sends it back.`,
		);
	if (task.stage !== 'test' && task.stage !== 'merge')
		return refusal('early', `${id} cannot be merged yet: ${why}.`, `\`agent-room explain ${id}\` says what would move it.`);
	if (task.state === 'leased')
		return {ok: true, text: task.stage === 'merge' ? `${id} lands at this moment` : `${id} is being tested; it lands when it passes`};
	if (task.stage === 'merge' && areMergesHeld(state.team()))
		return refusal('held', `Merges are held by you: ${id} has passed and waits.`, '`P` on the merge page lets them go on.');
	if (task.stage === 'test') await coordination.prioritise(id, FIRST);
	if (task.hold !== '') await coordination.hold(id, '');
	for (const wait of [engine.holds, engine.notBefore, engine.train.aside]) wait.delete(id);
	engine.wake();
	return {
		ok: true,
		text: task.stage === 'merge' ? `the landing of ${id} is tried now` : `${id} is next to be tested, and lands when it passes`,
	};
};
