import {type Comments, countComments, formatComments, readComments, verdictOf, withRound} from '../../core/review/comments.ts';
import type {ReviewRound} from '../../core/review/round.ts';
import {errorLine} from '../../core/task/error-line.ts';
import type {Outcome} from '../../core/task/stages.ts';
import type {Stage} from '../../core/task/task.ts';
import {plainText} from '../../core/text/quote.ts';
import type {Ended, Judgement, PlanAnswer, Reported} from '../parts/attempt.ts';
import type {Resolved} from './conflict.ts';
import {judgeSession, type SessionEnd} from './judge-session.ts';

/** A verdict's comments, preceded by its own text. */
const commentsOf = (text: string, comments: string, verdict: 'approve' | 'changes'): Comments => {
	if (comments.trim() === '') return readComments(text, verdict);
	const read = readComments(comments, verdict);
	return {...read, text: [plainText(text, 2000), read.text].filter(Boolean).join('\n')};
};

const counted = (text: string): string => (text === '' ? '' : ` (${text})`);

/**
 * The outcome of a review or audit: approves exactly the commit that was shown, or requests changes, with the round as stored. An approval that
 * lists a must-fix requests changes. Undefined without a verdict.
 */
const judgeReview = (evidence: Evidence, stage: 'review' | 'audit'): Judgement | undefined => {
	const {reported, agent, commit, review} = evidence;
	if (reported?.kind !== 'done' || reported.verdict === undefined) return undefined;
	const comments = commentsOf(reported.text ?? '', reported.comments ?? '', reported.verdict);
	const verdict = verdictOf(reported.verdict, comments.comments);
	const reviews = withRound(review?.rounds ?? [], {at: review?.at ?? 0, stage, reviewer: agent, commit, verdict, ...comments});
	const left = review?.isTouched ? '; its own changes to the worktree were discarded' : '';
	const commented = counted(countComments(comments.comments));
	if (verdict === 'approve')
		return {
			kind: 'complete',
			outcome: 'done',
			text: `${stage === 'audit' ? 'passed its security review' : 'approved'}${commented}${left}`,
			feedback: '',
			fields: {...(stage === 'review' ? {reviewer: agent} : {}), reviewedCommit: commit, reviews},
		};
	const why = reported.verdict === 'approve' ? ', although the verdict was approve' : '';
	return {
		kind: 'complete',
		outcome: 'changes',
		text: `changes requested${commented}${why}${left}`,
		feedback: formatComments(comments) || 'The reviewer requested changes without naming any.',
		fields: {...(stage === 'review' ? {reviewer: agent} : {}), reviews},
	};
};

export type Evidence = {
	readonly stage: Stage;
	readonly agent: string;
	readonly finish: 'exit' | 'report';
	readonly ended: Ended;
	readonly reported: Reported | undefined;
	/** Why it is blocked, if that was its last report; else ''. */
	readonly blocked: string;
	/** A human may answer what blocks it; without one another agent tries. */
	readonly isAnswerable: boolean;
	/** Why the room ended it; '' if it ended by itself. */
	readonly endReason: string;
	/** A human interrupted its turn, and it has not worked since. */
	readonly isInterrupted: boolean;
	/** Last lines of the screen, cleaned, oldest first. */
	readonly lastLines: readonly string[];
	/** Of a develop attempt: its head after saving, whether that differs from the base branch, and why saving failed. */
	readonly work:
		| {
				readonly commit: string;
				readonly isChanged: boolean;
				readonly isDescended: boolean;
				readonly wasDirty: boolean;
				readonly problem?: string;
		  }
		| undefined;
	/** Of a review or an audit: the earlier rounds, its end (epoch ms of the server), and whether its agent changed files. */
	readonly review: {readonly rounds: readonly ReviewRound[]; readonly at: number; readonly isTouched: boolean} | undefined;
	/** Of an attempt at a task in conflict: the result. */
	readonly resolved: Resolved | undefined;
	/** Of a plan attempt: the plan it submitted, if any. */
	readonly plan?: PlanAnswer | undefined;
	/** Of an agent CLI: its session at the end. */
	readonly session?: SessionEnd | undefined;
	readonly branch: string;
	readonly worktree: string;
	readonly commit: string;
	/** The commit of which the last review requested changes; '' if its last verdict was another. */
	readonly refusedCommit?: string;
};

/** How a process ended, in words: `exit 1`, `killed by SIGKILL`. */
const describeEnd = (ended: Ended): string => (ended.signal ? `killed by ${ended.signal}` : `exit ${ended.exitCode}`);

const isGood = (ended: Ended): boolean => ended.signal === '' && ended.exitCode === 0;

const tail = (evidence: Evidence): string => evidence.lastLines.join('\n');

const crash = (evidence: Evidence): Judgement => {
	// A prompt or a frame at the bottom of the screen means nothing.
	const last = errorLine(evidence.lastLines).replace(/^[·●○✻✗›❯⎿•*\s]+/u, '');
	return {
		kind: 'fail',
		reason: last ? `${describeEnd(evidence.ended)}: ${last}` : describeEnd(evidence.ended),
		feedback: tail(evidence),
		isCrash: true,
	};
};

const complete = (outcome: Outcome, text: string, fields: Readonly<Record<string, string>>, feedback = ''): Judgement => ({
	kind: 'complete',
	outcome,
	text,
	feedback,
	fields,
});

/**
 * Its last report says that it is blocked: its work is not submitted, whatever its exit code. Guarantee: while a human can be asked, that costs no
 * attempt, since the next agent would meet the same.
 */
const blocked = (evidence: Evidence): Judgement => {
	const said = {reason: `blocked: ${evidence.blocked}`, feedback: tail(evidence)};
	return evidence.isAnswerable ? {kind: 'blocked', ...said} : {kind: 'fail', ...said, isCrash: false};
};

const develop = (evidence: Evidence): Judgement => {
	const {reported, ended, work} = evidence;
	const saidDone = reported?.kind === 'done';
	if (!saidDone && evidence.blocked !== '') return blocked(evidence);
	if (!saidDone && !isGood(ended)) return crash(evidence);
	if (!saidDone && evidence.finish === 'report')
		return {kind: 'fail', reason: 'ended without reporting a result', feedback: tail(evidence), isCrash: false};
	// Work that git refused to save is not submitted, and counts as a failure: a full disk or a damaged worktree must not be retried forever.
	if (work?.problem) return {kind: 'fail', reason: `cannot save its work: ${work.problem}`, feedback: tail(evidence), isCrash: true};
	// A branch that was reset, or deleted under its worktree, lost its start: it is never submitted.
	if (work && !work.isDescended)
		return {kind: 'fail', reason: 'its branch no longer contains its start commit', feedback: tail(evidence), isCrash: false};
	// Another round would read the same and cost the same.
	if (work?.isChanged && evidence.refusedCommit === work.commit)
		return {
			kind: 'fail',
			reason: 'submitted without a change since the review requested changes',
			feedback: tail(evidence),
			isCrash: false,
		};
	// A program that was denied everything still ends well; it may say what was denied.
	const why = evidence.session?.reason ? `: ${evidence.session.reason}` : '';
	if (!work?.isChanged) return {kind: 'fail', reason: `ended normally but changed nothing${why}`, feedback: tail(evidence), isCrash: false};
	const fields = {commit: work.commit, branch: evidence.branch, worktree: evidence.worktree, author: evidence.agent};
	const {resolved} = evidence;
	if (resolved?.kind === 'unfinished') return {kind: 'fail', reason: resolved.reason, feedback: tail(evidence), isCrash: false};
	if (resolved?.kind === 'dropped') return {...resolved, fields};
	return complete('done', work.wasDirty ? 'done (uncommitted changes committed)' : 'done', {...fields, ...resolved?.fields});
};

/** An exit of 0 without a verdict is not an approval. */
const silent = (evidence: Evidence): Judgement => ({
	kind: 'fail',
	reason: 'the reviewer ended without a verdict',
	feedback: tail(evidence),
	isCrash: false,
});

const plan = (evidence: Evidence): Judgement => {
	const {plan: answer, reported, ended} = evidence;
	const checked = answer?.checked;
	// A plan that was checked counts, however its author ended after that.
	if (checked?.ok) return {kind: 'plan', plan: checked.plan};
	if (evidence.endReason) return {kind: 'fail', reason: evidence.endReason, feedback: tail(evidence), isCrash: false};
	const cutOff = judgeSession(evidence);
	if (cutOff) return cutOff;
	if (evidence.blocked !== '') return blocked(evidence);
	if (!isGood(ended) && reported?.kind !== 'done') return crash(evidence);
	if (!answer || !checked) return {kind: 'fail', reason: 'the Planner ended without a plan', feedback: tail(evidence), isCrash: false};
	const {message} = checked;
	const feedback = `${message}\n\nThe plan was:\n\n${answer.text}`;
	return complete('changes', `invalid plan: ${message.split('\n')[0] ?? ''}`, {}, feedback);
};

/** Why a task failed whose turn you interrupted and did not resume. */
export const INTERRUPTED = 'interrupted by you';

/** A human interrupted it and did not resume it: another attempt would repeat what was stopped. A command that still ended well is done. */
const isInterrupted = ({isInterrupted: was, endReason, reported, session, ended}: Evidence): boolean =>
	was && endReason === '' && reported?.kind !== 'done' && (session !== undefined || !isGood(ended));

/**
 * Judges an ended attempt from facts: how the process ended, what it reported under its token, and what git holds. Text on a screen is only quoted,
 * never believed. Tests and merges have their own judges.
 */
export const judge = (evidence: Evidence): Judgement => {
	if (isInterrupted(evidence)) return {kind: 'fail', reason: INTERRUPTED, feedback: tail(evidence), isCrash: false, isLast: true};
	if (evidence.stage === 'plan') return plan(evidence);
	if (evidence.endReason) return {kind: 'fail', reason: evidence.endReason, feedback: tail(evidence), isCrash: false};
	const cutOff = judgeSession(evidence);
	if (cutOff) return cutOff;
	if (evidence.stage === 'review' || evidence.stage === 'audit')
		return (
			judgeReview(evidence, evidence.stage) ??
			(evidence.blocked !== '' ? blocked(evidence) : isGood(evidence.ended) ? silent(evidence) : crash(evidence))
		);
	return develop(evidence);
};
