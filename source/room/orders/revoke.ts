import {agentName} from '../../core/agent/agent.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import type {Task} from '../../core/task/task.ts';
import type {Coordination} from '../../core/team/coordination.ts';
import {refusal} from '../../core/text/refusal.ts';
import {terminate} from '../attempt/end.ts';
import type {Room} from '../parts/parts.ts';

/** A process that is asked to end gets this long before it is killed. */
export const GRACE_MS = 1500;

export const done = (text: string, ids?: readonly string[]): ActionResult => ({ok: true, text, ...(ids ? {ids} : {})});
export const noTask = (id: string): ActionResult => refusal('gone', `No unfinished task \`${id}\`.`, 'List tasks with `agent-room tasks`.');
/** A task that is over has nobody to be taken from: how it ended, and what begins it again. */
export const ended = ({id, state}: Task): ActionResult =>
	state === 'failed'
		? refusal('gone', `Task ${id} has failed.`, `To retry it: \`agent-room retry ${id}\`.`)
		: refusal('gone', `Task ${id} is ${state}.`, `See \`agent-room task ${id}\`.`);

/** An order that nothing can come of any more, or not yet. */
export const settled = (id: string, word: 'merging' | 'needs-decision'): ActionResult =>
	word === 'merging'
		? refusal('merging', `Task ${id} is merging now: too late.`, `See \`agent-room task ${id}\`.`)
		: refusal(
				'needs-decision',
				`Task ${id} needs your approval.`,
				`Run \`agent-room approve ${id}\` or \`agent-room request-changes ${id} --reason TEXT\`.`,
			);

/** Nothing of the work so far is gone on with; it stays on its branch. What git refused to save is nowhere else, and is gone on with. */
const clean = (fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
	fields.fresh === '0'
		? fields
		: {...fields, fresh: '1', commit: '', session: '', handoff: '', conflictWith: '', conflicted: '', drops: '0'};

/**
 * Takes a task from its holder: the process is ended first and its work saved, then one script supersedes the very token that the person
 * saw and hands the task on to `to`, or to anybody; whoever has it by then keeps it. From the first step on, reports of the old attempt are refused (`isEnding`); after the script its token is stale for ever.
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

/** An attempt that is being ended already has its result written first: what was asked is then judged by what came of it. */
export const untilOver = async ({slots}: Pick<Room, 'slots'>, task: string): Promise<void> => {
	await Promise.all(
		slots
			.attempts()
			.filter(({task: {id}, isEnding}) => id === task && isEnding)
			.map(({over}) => over),
	);
};
