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
import {decideAsked} from './decisions.ts';

/**
 * A person sends handed-in work back to its author, with words that stand in its review and in the next brief. Refused with what to do: without words,
 * for what is not handed in, lands at this moment, or waits for a decision anyway.
 */
export const requestChanges = async (room: Room, order: Extract<Action, {type: 'request-changes'}>): Promise<ActionResult> => {
	const id = order.task.toLowerCase();
	const task = await room.link.coordination.task(id);
	if (!task) return refusal('gone', `There is no task \`${plainTextLine(order.task, 60)}\`.`, '`agent-room tasks` lists them.');
	if (task.decision !== '') return decideAsked(room, order);
	const said = order.reason.trim();
	if (said === '') return refusal('bad-reason', `Why does ${id} go back?`, 'Its author needs words: --reason TEXT.');
	const comments = readComments(said, 'changes');
	const at = Math.round(room.record.serverNow());
	const round = {at, stage: 'review', reviewer: 'person', commit: task.commit, verdict: 'changes', ...comments} as const;
	const written = await room.link.coordination.requestChanges({
		task: task.id,
		role: nextRole(task.firstStage, task),
		reason: `sent back by you: ${plainTextLine(said, 200)}`,
		fields: {reviews: withRound(task.reviews, round), feedback: formatComments(comments)},
	});
	room.lifecycle.requestTick();
	switch (written) {
		case 'ok':
			return {ok: true, text: `${task.id} goes back to ${task.firstStage}`};
		case 'gone':
			return refusal('gone', `\`${task.id}\` is over.`, 'Its landing can be reverted: H on the merge page.');
		case 'merging':
			return refusal('merging', `${task.id} lands at this moment.`, 'Its landing can be reverted: H on the merge page.');
		case 'needs-decision':
			return refusal('needs-decision', `${task.id} waits for your decision.`, `\`agent-room request-changes ${task.id} --reason TEXT\`.`);
		case 'stale':
			return refusal(
				'changed',
				`${task.id} is not handed in: it is in ${task.stage}.`,
				`\`agent-room message\` reaches whoever works on it.`,
			);
	}
};

const LONGEST = 4000;

/**
 * A person's remark about a change. It stands in every later brief of the task. Whoever writes at it now gets it as a message at once; what was handed in goes
 * back to its author where it must be fixed. Refused where it comes too late: what is merged, or lands at this moment, is mended by another task.
 */
export const takeComment = async (
	room: Pick<Room, 'link' | 'record' | 'lifecycle'>,
	action: Extract<Action, {type: 'comment'}>,
): Promise<ActionResult> => {
	const id = action.task.toLowerCase();
	const task = await room.link.coordination.task(id);
	if (!task) return refusal('gone', `There is no task \`${plainTextLine(action.task, 60)}\`.`, '`agent-room tasks` lists them.');
	if (FINAL_STATES.includes(task.state))
		return refusal('gone', `${id} is ${task.state}: nobody works on it any more.`, 'A new task mends what is wrong with it.');
	const comment: Comment = {
		file: plainTextLine(action.file, 1000),
		line: action.line,
		severity: action.severity,
		text: plainText(action.text, LONGEST),
		at: Math.round(room.record.serverNow()),
		commit: task.commit,
	};
	if (comment.text.trim() === '') return refusal('bad-text', 'The comment says nothing.', 'Write what is to be done.');
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
			return refusal('gone', `${id} is over.`, `\`agent-room task ${id}\` shows how it ended.`);
		case 'merging':
			return refusal('merging', `${id} lands at this moment: it is too late for that.`, 'A new task mends what is wrong with it.');
		case 'full':
			return refusal('full', `${id} has more comments than can be kept.`, 'Reject it, or write a new task.');
		case 'back':
			return {ok: true, text: `${id} goes back to ${written.stage} with your comment`};
		case 'ok': {
			if (written.owner === '' || !WRITING_STAGES.includes(written.stage))
				return {ok: true, text: `your comment is kept for the next who works on ${id}`};
			const sent = await sendAsPerson(room, written.owner, `about ${id}, ${said}`);
			const name = agentName(written.owner);
			return {ok: true, text: sent.ok ? `${name} is told of your comment` : `your comment is kept; ${name} could not be told`};
		}
	}
};
