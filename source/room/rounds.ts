import {type ActionResult, refusal} from '../core/action.ts';
import {nextRole, nextStage} from '../core/pipeline.ts';
import {plainTextLine} from '../core/quote.ts';
import {formatRemarks, readComments, withRound} from '../core/review.ts';
import type {WholeTask} from '../core/task.ts';
import type {Engine} from './engine.ts';
import {waysOf} from './finish.ts';
import type {Word} from './plan-orders.ts';

/** What a task says that has used up its rounds of review, for whoever looks at it. */
export const roundsHold = (rounds: number): string =>
	`${rounds} ${rounds === 1 ? 'round' : 'rounds'} of review asked for changes: is it good enough as it is?`;

/**
 * A person's word on work whose rounds of review are used up. Accepted, it goes on as if a reviewer had approved the commit that it stands at;
 * rejected, it goes back with the person's words, and as many rounds begin again.
 */
export const decideRounds = async (engine: Engine, task: WholeTask, word: Word): Promise<ActionResult> => {
	const isAccepted = word.type === 'accept';
	const said = word.type === 'reject' ? word.reason.trim() : '';
	if (!isAccepted && said === '') return refusal('bad-reason', `Why is ${task.id} rejected?`, 'Its author needs words: --reason TEXT.');
	const next = isAccepted ? nextStage(task, 'done', waysOf(engine)) : nextStage(task, 'changes', waysOf(engine));
	if (next === undefined || next === 'merged') return refusal('changed', `${task.id} has gone on meanwhile.`, 'Look again.');
	const verdict = isAccepted ? ('approve' as const) : ('changes' as const);
	const remarks = readComments(said, verdict);
	const stage = task.stage === 'audit' ? 'audit' : 'review';
	const round = {at: Math.round(engine.state.serverNow()), stage, reviewer: 'person', commit: task.commit, verdict, ...remarks} as const;
	const written = await engine.coordination.decide({
		task: task.id,
		asks: 'rounds',
		next,
		nextRole: nextRole(next, task),
		fields: {
			reviews: withRound(task.reviews, round),
			reason: isAccepted ? '' : 'changes requested by a person',
			feedback: isAccepted ? '' : formatRemarks(remarks),
		},
		text: isAccepted ? 'approved by a person' : `changes requested by a person: ${plainTextLine(said, 200)}`,
	});
	engine.wake();
	if (written === 'gone') return refusal('gone', `There is no unfinished task \`${task.id}\`.`, '`agent-room tasks` lists them.');
	if (written === 'stale') return refusal('changed', `${task.id} asks nothing any more.`, 'Somebody else decided it.');
	return {ok: true, text: isAccepted ? `${task.id} is approved, to ${next}` : `${task.id} goes back to ${next}`};
};
