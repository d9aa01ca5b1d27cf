import {agentName} from '../../core/agent/agent.ts';
import type {Action, ActionResult} from '../../core/protocol/action.ts';
import {formatComment, formatComments, readComments, withRound} from '../../core/review/comments.ts';
import type {Comment} from '../../core/review/round.ts';
import {nextRole} from '../../core/task/stages.ts';
import {FINAL_STATES} from '../../core/task/task.ts';
import {plainText, plainTextLine} from '../../core/text/quote.ts';
import {refusal} from '../../core/text/refusal.ts';
import {WRITING_STAGES} from '../../roles/roles.ts';
import {sendAsPerson} from '../mail/mail.ts';
import type {Room} from '../parts/parts.ts';
import {askedOf} from '../planning/decision.ts';
import {decideAsked} from './decisions.ts';

/**
 * A human returns submitted work to its author, with a comment that is added to its review and the next brief. Refused, with what to do, without a
 * comment, and for a task that is not submitted, merges right now, or waits for a decision anyway.
 */
export const requestChanges = async (room: Room, order: Extract<Action, {type: 'request-changes'}>): Promise<ActionResult> => {
	const id = order.task.toLowerCase();
	const task = await room.link.coordination.task(id);
	if (!task) return refusal('gone', `Unknown task \`${plainTextLine(order.task, 60)}\`.`, 'List tasks with `agent-room tasks`.');
	if (task.decision !== '' || askedOf(task) !== '') return decideAsked(room, order);
	const said = order.reason.trim();
	if (said === '') return refusal('bad-reason', `Missing reason for ${id}.`, 'Add --reason TEXT for its author.');
	const comments = readComments(said, 'changes');
	const at = Math.round(room.record.serverNow());
	const round = {at, stage: 'review', reviewer: 'person', commit: task.commit, verdict: 'changes', ...comments} as const;
	const written = await room.link.coordination.requestChanges({
		task: task.id,
		role: nextRole(task.firstStage, task),
		reason: `changes requested by you: ${plainTextLine(said, 200)}`,
		fields: {reviews: withRound(task.reviews, round), feedback: formatComments(comments)},
	});
	room.lifecycle.requestTick();
	switch (written) {
		case 'ok':
			return {ok: true, text: `requested changes; ${task.id} is back in ${task.firstStage}`};
		case 'gone':
			return refusal('gone', `Task \`${task.id}\` has ended.`, `To undo the merge: \`agent-room revert ${task.id}\`.`);
		case 'merging':
			return refusal('merging', `Task ${task.id} is merging now.`, `To undo the merge: \`agent-room revert ${task.id}\`.`);
		case 'needs-decision':
			return refusal(
				'needs-decision',
				`Task ${task.id} needs your decision.`,
				`Run \`agent-room request-changes ${task.id} --reason TEXT\`.`,
			);
		case 'stale':
			return refusal(
				'changed',
				`Task ${task.id} is not submitted: it is in ${task.stage}.`,
				'Write to its agent with `agent-room message`.',
			);
	}
};

const LONGEST = 4000;

/**
 * A human's comment on a change. It is in every later brief of the task. An agent that writes on it gets it at once as a message; submitted work
 * with a must-fix returns to its author. Refused if too late: what is merged, or merges right now, needs another task.
 */
export const takeComment = async (
	room: Pick<Room, 'link' | 'record' | 'lifecycle'>,
	action: Extract<Action, {type: 'comment'}>,
): Promise<ActionResult> => {
	const id = action.task.toLowerCase();
	const task = await room.link.coordination.task(id);
	if (!task) return refusal('gone', `Unknown task \`${plainTextLine(action.task, 60)}\`.`, 'List tasks with `agent-room tasks`.');
	if (FINAL_STATES.includes(task.state)) return refusal('gone', `Task ${id} is already ${task.state}.`, 'Add a new task to fix it.');
	const comment: Comment = {
		file: plainTextLine(action.file, 1000),
		line: action.line,
		severity: action.severity,
		text: plainText(action.text, LONGEST),
		at: Math.round(room.record.serverNow()),
		commit: task.commit,
	};
	if (comment.text.trim() === '') return refusal('bad-text', 'Empty comment.', 'Write what to do.');
	const said = formatComment(comment);
	const written = await room.link.coordination.comment({
		task: id,
		comment,
		role: nextRole(task.firstStage, task),
		feedback: said,
		text: plainTextLine(said, 200),
	});
	room.lifecycle.requestTick();
	switch (written.code) {
		case 'gone':
			return refusal('gone', `Task ${id} has ended.`, `See \`agent-room task ${id}\`.`);
		case 'merging':
			return refusal('merging', `Task ${id} is merging now: too late.`, 'Add a new task to fix it.');
		case 'full':
			return refusal('full', `Task ${id} has too many comments.`, 'Request changes, or add a new task.');
		case 'back':
			return {ok: true, text: `${id} is back in ${written.stage} with your comment`};
		case 'ok': {
			if (written.owner === '' || !WRITING_STAGES.includes(written.stage))
				return {ok: true, text: `comment saved for the next agent of ${id}`};
			const sent = await sendAsPerson(room, written.owner, `about ${id}, ${said}`);
			const name = agentName(written.owner);
			return {ok: true, text: sent.ok ? `comment saved and sent to ${name}` : `comment saved, but not sent to ${name}`};
		}
	}
};
