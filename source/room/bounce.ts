import {type ActionResult, refusal} from '../core/action.ts';
import {nextRole} from '../core/pipeline.ts';
import {plainTextLine} from '../core/quote.ts';
import {formatRemarks, readComments, withRound} from '../core/review.ts';
import type {Engine} from './engine.ts';
import {decideHeld} from './held-merge.ts';

/**
 * A person sends handed-in work back to its author, with words that stand in its review and in the next brief. Refused with what to do: without words,
 * for what is not handed in, lands at this moment, or waits for a decision anyway.
 */
export const bounce = async (engine: Engine, id: string, reason: string): Promise<ActionResult> => {
	const said = reason.trim();
	if (said === '') return refusal('bad-reason', `Why does ${id} go back?`, 'Its author needs words: --reason TEXT.');
	const task = await engine.coordination.task(id.toLowerCase());
	if (!task) return refusal('gone', `There is no task \`${id}\`.`, '`agent-room tasks` lists them.');
	// Held by its checks it is handed in as much as anything: to send it back is one of the answers.
	if (task.asks === 'checks') return decideHeld(engine, task, {type: 'reject', task: task.id, reason: said});
	const remarks = readComments(said, 'changes');
	const at = Math.round(engine.state.serverNow());
	const round = {at, stage: 'review', reviewer: 'person', commit: task.commit, verdict: 'changes', ...remarks} as const;
	const written = await engine.coordination.bounce({
		task: task.id,
		role: nextRole(task.home, task),
		reason: `sent back by you: ${plainTextLine(said, 200)}`,
		fields: {reviews: withRound(task.reviews, round), feedback: formatRemarks(remarks)},
	});
	engine.wake();
	switch (written) {
		case 'ok':
			return {ok: true, text: `${task.id} goes back to ${task.home}`};
		case 'gone':
			return refusal('gone', `\`${task.id}\` is over.`, 'Its landing can be reverted: H on the merge page.');
		case 'landing':
			return refusal('landing', `${task.id} lands at this moment.`, 'Its landing can be reverted: H on the merge page.');
		case 'asks':
			return refusal('asks', `${task.id} waits for your decision.`, `\`agent-room reject ${task.id} --reason TEXT\`.`);
		case 'stale':
			return refusal(
				'changed',
				`${task.id} is not handed in: it is in ${task.stage}.`,
				`\`agent-room message\` reaches whoever works on it.`,
			);
	}
};
