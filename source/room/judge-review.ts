import {plainText} from '../core/quote.ts';
import {countRemarks, formatRemarks, type Remarks, readComments, verdictOf, withRound} from '../core/review.ts';
import type {Evidence, Judgement} from './judge.ts';

/** What was said with the verdict: its comments, and a text of its own before them. */
const remarksOf = (text: string, comments: string, verdict: 'approve' | 'changes'): Remarks => {
	if (comments.trim() === '') return readComments(text, verdict);
	const read = readComments(comments, verdict);
	return {...read, text: [plainText(text, 2000), read.text].filter(Boolean).join('\n')};
};

const counted = (text: string): string => (text === '' ? '' : ` (${text})`);

/**
 * What a review or an audit comes to: exactly the commit that was shown is approved, or changes are asked for, with the round as it is kept. An
 * approval that names something that must be fixed asks for changes. Undefined where there is no verdict.
 */
export const judgeReview = (evidence: Evidence, stage: 'review' | 'audit'): Judgement | undefined => {
	const {reported, agent, commit, review} = evidence;
	if (reported?.kind !== 'done' || reported.verdict === undefined) return undefined;
	const remarks = remarksOf(reported.text ?? '', reported.comments ?? '', reported.verdict);
	const verdict = verdictOf(reported.verdict, remarks.comments);
	const reviews = withRound(review?.rounds ?? [], {at: review?.at ?? 0, stage, reviewer: agent, commit, verdict, ...remarks});
	const left = review?.isTouched ? '; what it changed in its worktree was left out' : '';
	const remarked = counted(countRemarks(remarks.comments));
	if (verdict === 'approve')
		return {
			kind: 'complete',
			outcome: 'done',
			text: `${stage === 'audit' ? 'passed its audit' : 'approved'}${remarked}${left}`,
			feedback: '',
			fields: {...(stage === 'review' ? {reviewer: agent} : {}), reviewedCommit: commit, reviews},
		};
	const why = reported.verdict === 'approve' ? ', though it was called an approval' : '';
	return {
		kind: 'complete',
		outcome: 'changes',
		text: `changes requested${remarked}${why}${left}`,
		feedback: formatRemarks(remarks) || 'The reviewer asked for changes without saying which.',
		fields: {...(stage === 'review' ? {reviewer: agent} : {}), reviews},
	};
};
