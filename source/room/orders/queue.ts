import {agentName} from '../../core/agent/agent.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import {type TasksPage, taskLine} from '../../core/protocol/output.ts';
import type {Reply} from '../../core/protocol/request.ts';
import {mergeQueueIn} from '../../core/queue/merge-queue.ts';
import {FINAL_STATES, FIRST_STAGES, priorityBadge} from '../../core/task/task.ts';
import {refusal} from '../../core/text/refusal.ts';
import type {Room} from '../parts/parts.ts';
import {rebuild} from './merge.ts';
import {done, ended, noTask, settled, takeBack, untilOver} from './revoke.ts';

/** Why the place of a task cannot be changed, in words. */
const fixed = (id: string, word: 'gone' | 'leased' | 'needs-decision'): ActionResult => {
	if (word === 'gone') return noTask(id);
	if (word === 'needs-decision') return settled(id, 'needs-decision');
	return refusal(
		'leased',
		`Task ${id} is running; only waiting tasks have a place in the task queue.`,
		`To put it back: \`agent-room unassign ${id}\`.`,
	);
};

/** Moves one task before another in the queue: they swap places. */
export const move = async (room: Room, id: string, before: string): Promise<ActionResult> => {
	const {code, id: about} = await room.link.coordination.reorder(id, before);
	// An entry of the merge queue keeps its place there, whatever its turn: it must be rebuilt behind the other.
	const entries = mergeQueueIn(room.record.team(), room.record.baseCommit()).entries.map(({task}) => task.id);
	const isAhead = entries.includes(before) && !(entries.indexOf(id) > -1 && entries.indexOf(id) < entries.indexOf(before));
	if (code === 'ok' && isAhead) {
		const rebuilt = await rebuild(room, before);
		return rebuilt.ok ? done(`moved ${id} before ${before}, which is rebuilt and retested behind it`) : rebuilt;
	}
	if (code === 'same' && isAhead) return done(`${id} is already first; ${before} stays in the merge queue`);
	if (code === 'ok' || code === 'same') return done(`${id} is ${code === 'same' ? 'already' : 'now'} before ${before}`);
	return fixed(about || id, code);
};

export const setPriority = async ({link}: Pick<Room, 'link'>, id: string, priority: number): Promise<ActionResult> => {
	const word = await link.coordination.setPriority(id, priority);
	if (word === 'ok' || word === 'same')
		return done(`${id} has priority ${priority}, ${priorityBadge(priority)}${word === 'same' ? ' (unchanged)' : ''}`);
	return fixed(id, word);
};

/**
 * Restarts a task from a clean worktree: its attempt is ended, its work stays on its branch, and the next attempt starts from the base. Only for
 * tasks in a writing stage: in review or later there is nothing to restart.
 */
export const restart = async (room: Room, id: string): Promise<ActionResult> => {
	await untilOver(room, id);
	const task = room.record.team().tasks.get(id) ?? (await room.link.coordination.task(id));
	if (!task) return noTask(id);
	if (FINAL_STATES.includes(task.state)) return ended(task);
	if (task.decision) return settled(id, 'needs-decision');
	if (!FIRST_STAGES.some(firstStage => firstStage === task.stage))
		return refusal('refused', `Cannot restart task ${id}: it is in ${task.stage}.`, `See \`agent-room task ${id}\`.`);
	if (task.attempt === 0) return refusal('refused', `Task ${id} is not started.`, '');
	const result = await takeBack(room, task, {to: task.assigned, reason: 'restarted by you', isClean: true});
	return result.ok
		? done(`${id} restarts from ${room.facts.base}${task.branch ? `; ${task.branch} stays` : ''}${whose(task.assigned)}`)
		: result;
};

const whose = (assigned: string): string => (assigned ? `, with ${agentName(assigned)}` : '');

/** Lets a task continue without a dependency that was cancelled or has failed. */
export const free = async ({link, lifecycle}: Pick<Room, 'link' | 'lifecycle'>, id: string, without: string): Promise<ActionResult> => {
	const word = await link.coordination.removeDependency(id, without);
	lifecycle.requestTick();
	if (word === 'ok') return done(`${id} no longer depends on ${without}`);
	if (word === 'open')
		return refusal('open', `Cannot unblock ${id}: ${without} may still merge.`, `Cancel it first: \`agent-room cancel ${without}\`.`);
	return word === 'stale'
		? refusal('gone', `Task ${id} does not depend on \`${without}\`.`, `See \`agent-room explain ${id}\`.`)
		: refusal('gone', `No blocked task \`${id}\`.`, 'List tasks with `agent-room tasks`.');
};

/** Tasks per line of the answer: some hundred KB, far below a line's limit. */
const TASKS_A_LINE = 200;

/** Sends every task, page by page; one that moves meanwhile may come twice. Ends early if the caller disconnects. */
export const sendTasks = async (
	{facts, link, record}: Pick<Room, 'facts' | 'link' | 'record'>,
	reply: (reply: Reply) => void,
	isGone: () => boolean,
): Promise<void> => {
	let cursor = '';
	do {
		const page = await link.coordination.list(cursor, TASKS_A_LINE);
		const team = record.team();
		const room = {hasTestCommand: facts.config.test !== undefined};
		const data: TasksPage = {at: page.now, tasks: page.tasks.map(task => taskLine(task, team, page.now, room))};
		reply({ok: true, code: 'ok', data, last: false});
		({cursor} = page);
	} while (cursor !== '' && !isGone());
	reply({ok: true, code: 'end'});
};
