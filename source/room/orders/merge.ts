import type {ActionResult} from '../../core/protocol/action.ts';
import {isMergeQueuePaused} from '../../core/queue/merge-queue.ts';
import {whyHere} from '../../core/queue/why.ts';
import type {Task} from '../../core/task/task.ts';
import {refusal} from '../../core/text/refusal.ts';
import {revertMerge} from '../../git/guardian/revert.ts';
import {discardAttempt} from '../../git/worktree/create.ts';
import {forgetWay, tryNow} from '../parts/merge-queue.ts';
import type {Room} from '../parts/parts.ts';
import {done, ended, noTask, settled} from './revoke.ts';

/** The highest priority: the task is next to enter the merge queue. */
const FIRST = 100;

/**
 * Merges a task now, on a human's order: it comes first among those that wait for the merge queue, and a waiting merge is retried at once. Nothing
 * is skipped: the base still only moves to a commit that has passed the tests, in the order of the merge queue.
 */
export const mergeNow = async (
	{facts, link, record, merges, lifecycle}: Pick<Room, 'facts' | 'link' | 'record' | 'merges' | 'lifecycle'>,
	given: string,
): Promise<ActionResult> => {
	const id = given.toLowerCase();
	const task = await link.coordination.task(id);
	if (!task) return refusal('gone', `Unknown task \`${given}\`.`, 'List tasks with `agent-room tasks`.');
	if (task.state === 'merged') return refusal('gone', `Task ${id} is already merged.`, `See \`agent-room task ${id}\`.`);
	const room = {...record.getFresh(), hasTestCommand: facts.config.test !== undefined};
	const why = whyHere(task, record.team(), record.serverNow(), room);
	if (task.decision === 'pull') {
		merges.pulls?.soon();
		if (task.pull.number === 0) return {ok: true, text: `${id} is ${task.waitReason}`};
		return {ok: true, text: `asking for pull request #${task.pull.number} now; \`agent-room approve ${id}\` merges it`};
	}
	// Opened again on its forge, it asks nothing more.
	if (task.decision === 'closed') merges.pulls?.soon();
	if (task.decision !== '')
		return refusal(
			'needs-decision',
			`Task ${id} needs your decision: ${task.waitReason}.`,
			`Run \`agent-room approve ${id}\` or \`agent-room request-changes ${id} --reason TEXT\`.`,
		);
	if (task.stage !== 'test' && task.stage !== 'merge')
		return refusal('early', `Cannot merge task ${id} yet: ${why}.`, `See \`agent-room explain ${id}\`.`);
	if (task.state === 'leased')
		return {ok: true, text: task.stage === 'merge' ? `${id} is merging now` : `${id} is being tested; it merges when its tests pass`};
	if (task.stage === 'merge' && isMergeQueuePaused(record.team()))
		return refusal('held', `You paused merging. Task ${id} has passed its tests.`, 'Resume merging with `P` on the merge page.');
	if (task.stage === 'test') await link.coordination.setPriority(id, FIRST);
	if (task.waitReason !== '') await link.coordination.setWaitReason(id, '');
	tryNow({merges}, id);
	lifecycle.requestTick();
	return {
		ok: true,
		text: task.stage === 'merge' ? `merging ${id} now` : `${id} is tested next, and merges when its tests pass`,
	};
};

/** Time for a cancelled test to end, ms. */
const GRACE_MS = 500;
const REASON = 'rebuild and retest requested by you';

/**
 * Rebuilds a task's merge on the present base and retests it, on a human's order: what blocked it is forgotten, and the old test is not used. It
 * costs nothing and keeps its place; entries behind it are rebuilt too. Refused for a task that is not submitted, waits for a decision, or merges
 * right now.
 */
export const rebuild = async ({facts, link, record, slots, merges, lifecycle}: Room, given: string): Promise<ActionResult> => {
	const id = given.toLowerCase();
	const task = await link.coordination.task(id);
	if (!task) return noTask(given);
	if (task.state === 'merged' || task.state === 'cancelled' || task.state === 'failed') return ended(task);
	if (task.decision !== '') return settled(id, 'needs-decision');
	if (task.stage !== 'test' && task.stage !== 'merge') {
		const room = {...record.getFresh(), hasTestCommand: facts.config.test !== undefined};
		const why = whyHere(task, record.team(), record.serverNow(), room);
		return refusal('early', `Task ${id} has no merge candidate yet: ${why}.`, `See \`agent-room explain ${id}\`.`);
	}
	const isLeased = task.state === 'leased';
	if (task.stage === 'merge' && isLeased) return settled(id, 'merging');
	forgetWay({merges}, id);
	if (isLeased) {
		const running = slots.attempts().find(attempt => attempt.task.id === id && attempt.token === task.token);
		if (!running) return refusal('changed', `Another room tests task ${id}.`, 'Rebuild it there.');
		if (!running.isEnding) {
			running.endReason = REASON;
			await running.end(GRACE_MS);
		}
	} else if (task.candidate !== '') {
		if ((await link.coordination.retest({task: id, candidate: task.candidate, reason: REASON})) === 'stale')
			return refusal('changed', `Task ${id} has changed meanwhile.`, 'See `agent-room status`.');
	} else if (task.waitReason !== '') await link.coordination.setWaitReason(id, '');
	lifecycle.requestTick();
	return done(`rebuilding ${id} on the current ${facts.base}; its tests run again`);
};

/** Maximum of reverts of one task: merged again and reverted again each time. */
const MOST_REVERTS = 20;
/** Ahead of everything that a human did not prioritize. */
const PRIORITY = 95;

const named = (files: readonly string[]): string =>
	files.length > 2 ? `${files.slice(0, 2).join(', ')} and ${files.length - 2} more` : files.join(', ');

const titleOf = ({id, title}: Task): string => `Revert ${id}: ${title}`.slice(0, 120);

const briefOf = ({id, mergedCommit}: Task, how: string): string =>
	[
		`Revert commit ${mergedCommit}, the merge of task ${id}. Keep later work that can work without it.`,
		`${how} Run the tests and make them pass.`,
	].join('\n');

/** Later work is based on it: that needs an agent that understands both. */
const byAgent = async ({facts, link}: Pick<Room, 'facts' | 'link'>, task: Task, files: readonly string[]): Promise<ActionResult> => {
	const how = `\`git revert --no-edit -m 1 ${task.mergedCommit}\` (without \`-m 1\` if it is not a merge commit) conflicts in ${named(files)}.`;
	const {code, id} = await link.coordination.submit({
		...{id: '', title: titleOf(task), description: briefOf(task, how), stage: 'develop', role: 'developer', priority: PRIORITY},
		...{needs: [], after: [], feature: '', attempts: facts.config.attempts, assigned: ''},
	});
	if (code !== 'ok') return refusal(code, `Cannot add the revert of ${task.id} to the task queue: ${id}.`, '');
	return done(`${task.id} conflicts with later work in ${named(files)}: an agent reverts it in task ${id}`, [id]);
};

/** A free id: `revert-t-3`, then `revert-t-3-2`. */
const freeId = async ({link}: Pick<Room, 'link'>, {id}: Task): Promise<string | undefined> => {
	const ids = Array.from({length: MOST_REVERTS}, (_, at) => `revert-${id}${at === 0 ? '' : `-${at + 1}`}`.slice(0, 100));
	const known = await link.coordination.read(ids);
	return ids.find(one => !known.has(one));
};

/**
 * Reverts a task's merge: the room makes the commit, which is tested and merged like any other. Only if later work is based on it does an agent get
 * it as a task. Refused if the task is not merged, not on the base any more, or already reverted.
 */
export const revert = async (room: Pick<Room, 'facts' | 'link' | 'merges' | 'lifecycle'>, given: string): Promise<ActionResult> => {
	const {store} = room.facts.guardian;
	const task = await room.link.coordination.task(given.toLowerCase());
	if (!task) return noTask(given);
	if (task.state !== 'merged' || task.mergedCommit === '')
		return refusal('early', `Cannot revert task ${task.id}: it is not merged.`, `To cancel it: \`agent-room cancel ${task.id}\`.`);
	const id = await freeId(room, task);
	if (id === undefined) return refusal('many', `Task ${task.id} was already reverted ${MOST_REVERTS} times.`, 'Revert it with git.');
	const from = await room.merges.workBase();
	const made = await revertMerge({store, stateFolder: room.facts.options.stateFolder, task: id, mergedCommit: task.mergedCommit, from});
	if (made.kind === 'foreign')
		return refusal(
			'gone',
			`Task ${task.id} was merged as \`${task.mergedCommit.slice(0, 7)}\`, which is no longer on ${room.facts.base}.`,
			'',
		);
	if (made.kind === 'empty') return refusal('gone', `Nothing of task ${task.id} is left on ${room.facts.base} to revert.`, '');
	if (made.kind === 'conflict') return byAgent(room, task, made.files);
	const {commit, branch, folder} = made;
	const how = 'agent-room has made the commit; it is on your branch.';
	const written = await room.link.coordination.revert({
		...{
			task: task.id,
			mergedCommit: task.mergedCommit,
			id,
			title: titleOf(task),
			description: briefOf(task, how),
			attempts: room.facts.config.attempts,
		},
		...{commit, branch, worktree: folder, base: from},
	});
	room.lifecycle.requestTick();
	if (written.code === 'ok') return done(`${id} reverts ${task.id}; it is tested and merged like any other task`, [id]);
	await discardAttempt(store, {path: folder});
	if (written.code === 'exists')
		return refusal('exists', `Task ${written.id} already reverts ${task.id}.`, `See \`agent-room task ${written.id}\`.`);
	return refusal('changed', `Task ${task.id} has changed meanwhile.`, 'See `agent-room status`.');
};
