import type {ActionResult} from '../../core/protocol/action.ts';
import {formatComments, readComments, withRound} from '../../core/review/comments.ts';
import {nextRole, nextStage} from '../../core/task/stages.ts';
import {type NeededDecision, type WholeTask, WORDLESS_DECISIONS} from '../../core/task/task.ts';
import {plainTextLine} from '../../core/text/quote.ts';
import {refusal} from '../../core/text/refusal.ts';
import {decideBlocked} from '../attempt/blocked.ts';
import {decideDropped} from '../attempt/conflict.ts';
import {decideClosed, decidePull} from '../forge/decide.ts';
import {decideApproval} from '../merge/approval.ts';
import {decideReturning} from '../merge/returns.ts';
import {type Room, waysOf} from '../parts/parts.ts';
import {askedOf, decidePlan, nothingAsked, reopened, type Word} from '../planning/decision.ts';
import {decideNamed, decideUnmerged} from './base.ts';

/**
 * A human's decision on work that used up its review rounds. Accepted, it continues as if a reviewer had approved its commit; rejected, it returns
 * with the comment and as many new rounds.
 */
const decideRounds = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'lifecycle'>,
	task: WholeTask,
	word: Word,
): Promise<ActionResult> => {
	const isAccepted = word.type === 'approve';
	const said = word.type === 'request-changes' ? word.reason.trim() : '';
	if (!isAccepted && said === '') return refusal('bad-reason', `Missing reason for ${task.id}.`, 'Add --reason TEXT for its author.');
	const next = isAccepted ? nextStage(task, 'done', waysOf(room)) : nextStage(task, 'changes', waysOf(room));
	if (next === undefined || next === 'merged')
		return refusal('changed', `Task ${task.id} has changed meanwhile.`, 'See `agent-room status`.');
	const verdict = isAccepted ? ('approve' as const) : ('changes' as const);
	const comments = readComments(said, verdict);
	const stage = task.stage === 'audit' ? 'audit' : 'review';
	const round = {at: Math.round(room.record.serverNow()), stage, reviewer: 'person', commit: task.commit, verdict, ...comments} as const;
	const written = await room.link.coordination.decide({
		task: task.id,
		decision: 'rounds',
		next,
		nextRole: nextRole(next, task),
		fields: {
			reviews: withRound(task.reviews, round),
			reason: isAccepted ? '' : 'changes requested by you',
			feedback: isAccepted ? '' : formatComments(comments),
		},
		text: isAccepted ? 'approved by you' : `changes requested by you: ${plainTextLine(said, 200)}`,
	});
	room.lifecycle.requestTick();
	if (written === 'gone') return refusal('gone', `There is no unfinished task \`${task.id}\`.`, 'List tasks with `agent-room tasks`.');
	if (written === 'stale') return refusal('changed', `Task ${task.id} is no longer waiting for approval.`, 'It was answered elsewhere.');
	return {ok: true, text: isAccepted ? `approved ${task.id}, to ${next}` : `requested changes; ${task.id} is back in ${next}`};
};

type Decide = (room: Room, task: WholeTask, word: Word) => Promise<ActionResult>;

/** What carries a decision out, by the kind of question. */
const DECIDERS: Readonly<Record<NeededDecision, Decide>> = {
	plan: decidePlan,
	rounds: decideRounds,
	dropped: decideDropped,
	checks: decideApproval,
	returns: decideReturning,
	unmerged: decideUnmerged,
	named: decideNamed,
	pull: decidePull,
	closed: decideClosed,
	blocked: decideBlocked,
};

/** Carries out a human's decision on a task; refused if the task no longer waits for one. */
export const decideAsked = async (room: Room, word: Word): Promise<ActionResult> => {
	const known = await room.link.coordination.task(word.task.toLowerCase());
	const asked = known ? askedOf(known) : '';
	if (known === undefined || asked === '') return nothingAsked(word.task, known);
	if (word.type === 'request-changes' && word.reason.trim() === '' && !WORDLESS_DECISIONS.includes(asked))
		return refusal('bad-reason', `Missing reason for ${known.id}.`, 'Add --reason TEXT for its author.');
	return DECIDERS[asked](room, await reopened(room.link, known), word);
};
