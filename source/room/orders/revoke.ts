import {agentName} from '../../core/agent/agent.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import type {Task} from '../../core/task/task.ts';
import type {Coordination} from '../../core/team/coordination.ts';
import {refusal} from '../../core/text/refusal.ts';
import {terminate} from '../attempt/end.ts';
import type {Room} from '../parts/parts.ts';

/** Time for a process to end before it is killed. */
export const GRACE_MS = 1500;

export const done = (text: string, ids?: readonly string[]): ActionResult => ({ok: true, text, ...(ids ? {ids} : {})});
export const noTask = (id: string): ActionResult => refusal('gone', `No unfinished task \`${id}\`.`, 'List tasks with `agent-room tasks`.');
/** The refusal for an ended task: how it ended, and how to restart it. */
export const ended = ({id, state}: Task): ActionResult =>
	state === 'failed'
		? refusal('gone', `Task ${id} has failed.`, `To retry it: \`agent-room retry ${id}\`.`)
		: refusal('gone', `Task ${id} is ${state}.`, `See \`agent-room task ${id}\`.`);

/** The refusal of an order that can have no effect any more, or not yet. */
export const settled = (id: string, word: 'merging' | 'needs-decision'): ActionResult =>
	word === 'merging'
		? refusal('merging', `Task ${id} is merging now: too late.`, `See \`agent-room task ${id}\`.`)
		: refusal(
				'needs-decision',
				`Task ${id} needs your decision.`,
				`Run \`agent-room approve ${id}\` or \`agent-room request-changes ${id} --reason TEXT\`.`,
			);

/**
 * Continues with nothing of the earlier work, which stays on its branch. Work that git refused to save exists only in its worktree, so the task
 * continues there.
 */
const clean = (fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
	fields.fresh === '0'
		? fields
		: {...fields, fresh: '1', commit: '', session: '', handoff: '', conflictWith: '', conflicted: '', drops: '0'};

/**
 * Takes a task from its agent: ends the process and saves its work, then one script supersedes exactly the token that the human saw and assigns the
 * task to `to`, or to any agent; if another has it by then, that one keeps it. Guarantee: from the first step on, reports of the old attempt are
 * refused (`isEnding`); after the script its token is stale forever.
 */
export const takeBack = async (
	room: Room,
	{id, token}: {id: string; token: string},
	{to = '', reason, graceMs = GRACE_MS, isClean = false}: {to?: string; reason: string; graceMs?: number; isClean?: boolean},
): Promise<ActionResult> => {
	const attempt = room.slots.attempts().find(running => running.task.id === id && running.token === token);
	const release = (fields: Readonly<Record<string, string>>): ReturnType<Coordination['release']> =>
		room.link.retryUntilWritten(() =>
			room.link.coordination.release({task: id, token, reason, to, fields: isClean ? clean(fields) : fields}),
		);
	const written = attempt ? await terminate(room, attempt, {reason, graceMs}, release) : await release({});
	room.lifecycle.requestTick();
	if (written === 'merging' || written === 'needs-decision') return settled(id, written);
	if (written === 'stale') return refusal('changed', `Task ${id} has changed meanwhile.`, 'See `agent-room status`.');
	return written === 'ok' ? done(to ? `reassigned ${id} to ${agentName(to)}` : `${id} is back in the task queue`) : noTask(id);
};

/** The result of an ending attempt is written first; the order is then judged by it. */
export const untilOver = async ({slots}: Pick<Room, 'slots'>, task: string): Promise<void> => {
	await Promise.all(
		slots
			.attempts()
			.filter(({task: {id}, isEnding}) => id === task && isEnding)
			.map(({over}) => over),
	);
};
