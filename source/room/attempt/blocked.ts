import type {ActionResult} from '../../core/protocol/action.ts';
import type {Task, WholeTask} from '../../core/task/task.ts';
import type {Call, Lease} from '../../core/team/coordination.ts';
import {plainTextLine} from '../../core/text/quote.ts';
import {refusal} from '../../core/text/refusal.ts';
import type {Judgement} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {type Concluded, concluded} from '../parts/slot.ts';
import type {Word} from '../planning/decision.ts';

/**
 * Keeps the task of an agent that reported a blocker and ended until a human answers. Guarantee: it costs no attempt, and no other agent meets the
 * same blocker meanwhile; what it made, its session and its notes (`kept`) stay with the task. Written under the lease's token, as every result.
 */
export const askFirst = async (
	{link}: Pick<Room, 'link'>,
	task: Task,
	held: Lease & {readonly nextCall: Call | undefined},
	{reason, feedback}: Extract<Judgement, {kind: 'blocked'}>,
	kept: Readonly<Record<string, string>>,
): Promise<Concluded> => {
	const waitReason = plainTextLine(reason, 300);
	const completed = await link.retryUntilWritten(() =>
		link.coordination.complete({
			...held,
			stage: task.stage,
			next: 'needs-decision',
			nextRole: '',
			word: 'blocked',
			// Who resolves a conflict in it is not its author.
			fields: {
				...(task.stage === 'resolve' ? {author: task.author} : {}),
				...kept,
				decision: 'blocked',
				waitReason,
				reason: waitReason,
				feedback,
			},
			counts: 'none',
			delayMs: 0,
			text: waitReason,
		}),
	);
	return concluded(held.agent, completed, held.nextCall !== undefined);
};

/** A human's answer to a blocker: the task continues in its stage from where it stopped, with the human's words if any. */
export const decideBlocked = async (room: Pick<Room, 'link' | 'lifecycle'>, task: WholeTask, word: Word): Promise<ActionResult> => {
	const words = word.type === 'approve' ? '' : word.reason.trim();
	const done = words === '' ? 'continued' : 'answered';
	const written = await room.link.coordination.decide({
		task: task.id,
		decision: 'blocked',
		next: task.stage,
		nextRole: task.role,
		fields: {reason: `${done} by you; it was ${task.waitReason}`, feedback: words},
		text: words === '' ? 'continued by you' : `answered by you: ${plainTextLine(words, 200)}`,
	});
	if (written !== 'ok') return refusal('changed', `Task ${task.id} no longer needs this decision.`, 'See `agent-room status`.');
	room.lifecycle.requestTick();
	return {ok: true, text: words === '' ? `${task.id} continues` : `answered; ${task.id} continues`};
};
