import {type ActionResult, refusal} from '../core/action.ts';
import type {Task} from '../core/task.ts';
import {revertLanding} from '../git/revert.ts';
import {discardAttempt} from '../git/worktrees.ts';
import type {Engine} from './engine.ts';
import {done, noTask} from './take-back.ts';

/** A landing that is taken back, landed again and taken back comes this far. */
const MOST_REVERTS = 20;
/** Before everything that was not pushed forward by hand. */
const PRIORITY = 95;

const named = (files: readonly string[]): string =>
	files.length > 2 ? `${files.slice(0, 2).join(', ')} and ${files.length - 2} more` : files.join(', ');

const titleOf = ({id, title}: Task): string => `Revert ${id}: ${title}`.slice(0, 120);

const briefOf = ({id, landed}: Task, how: string): string =>
	[
		`Take back what landed as commit ${landed} (task ${id}), and keep what was built on it since where that can work without it.`,
		`${how} Run the tests, and make them pass.`,
	].join('\n');

/** What came since stands on it: that is for somebody who understands both. */
const byAgent = async (engine: Engine, task: Task, files: readonly string[]): Promise<ActionResult> => {
	const how = `\`git revert --no-edit -m 1 ${task.landed}\` (without \`-m 1\` where it is no merge commit) conflicts in ${named(files)}.`;
	const {code, id} = await engine.coordination.submit({
		...{id: '', title: titleOf(task), brief: briefOf(task, how), stage: 'develop', role: 'developer', priority: PRIORITY},
		...{needs: [], after: [], feature: '', attempts: engine.config.attempts, assigned: ''},
	});
	if (code !== 'ok') return refusal(code, `The revert of ${task.id} could not be queued: ${id}.`, '');
	return done(`${task.id} conflicts with what came since in ${named(files)}: ${id} has an agent take it back`, [id]);
};

/** An id that no task has: `revert-t-3`, then `revert-t-3-2`. */
const freeId = async ({coordination}: Engine, {id}: Task): Promise<string | undefined> => {
	const ids = Array.from({length: MOST_REVERTS}, (_, at) => `revert-${id}${at === 0 ? '' : `-${at + 1}`}`.slice(0, 100));
	const known = await coordination.read(ids);
	return ids.find(one => !known.has(one));
};

/**
 * Takes back what a task has landed: the room makes the commit itself, and it is tested and landed like any other. Only where what came since stands on it
 * an agent gets it as a task. Refused where it has not landed, is not on the base any more, or is taken back already.
 */
export const revert = async (engine: Engine, given: string): Promise<ActionResult> => {
	const {coordination, repository, guardian, options, base} = engine;
	const task = await coordination.task(given.toLowerCase());
	if (!task) return noTask(given);
	if (task.state !== 'merged' || task.landed === '')
		return refusal('early', `${task.id} has not landed: there is nothing to take back.`, `\`agent-room cancel ${task.id}\` ends it.`);
	const id = await freeId(engine, task);
	if (id === undefined) return refusal('many', `${task.id} was taken back ${MOST_REVERTS} times.`, 'Revert it by hand.');
	const from = await guardian.baseHead();
	const made = await revertLanding({repository, stateFolder: options.stateFolder, task: id, landed: task.landed, from});
	if (made.kind === 'foreign')
		return refusal('gone', `${task.id} landed as \`${task.landed.slice(0, 7)}\`, which is not on ${base} any more.`, '');
	if (made.kind === 'empty') return refusal('gone', `Nothing of ${task.id} is left on ${base}: there is nothing to take back.`, '');
	if (made.kind === 'conflict') return byAgent(engine, task, made.files);
	const {commit, branch, folder} = made;
	const how = 'The room has made that commit; it stands on your branch.';
	const written = await coordination.revert({
		...{task: task.id, landed: task.landed, id, title: titleOf(task), brief: briefOf(task, how), attempts: engine.config.attempts},
		...{commit, branch, worktree: folder, base: from},
	});
	engine.wake();
	if (written.code === 'ok') return done(`${id} takes back ${task.id}: it is tested now, and lands like any other`, [id]);
	await discardAttempt(repository, {branch, path: folder, attempt: 1});
	if (written.code === 'exists')
		return refusal('exists', `${written.id} takes back ${task.id} already.`, `\`agent-room task ${written.id}\` shows how it stands.`);
	return refusal('changed', `${task.id} has changed meanwhile.`, 'Look again.');
};
