import type {Outcome} from '../core/pipeline.ts';
import type {Plan} from '../core/plan.ts';
import type {ReviewRound} from '../core/review-round.ts';
import type {Stage} from '../core/task.ts';
import type {Ended, PlanAnswer, Reported} from './attempt.ts';
import {judgeReview} from './judge-review.ts';
import {judgeSession, type SessionEnd} from './judge-session.ts';
import type {Resolved} from './resolve.ts';

/**
 * What follows from how the session of an agent CLI ended. `brake`: its account waits. `logged-out`: it takes nothing until a person has logged it in.
 * `new-session`: the work goes on where it stands, in a session that begins anew.
 */
export type AfterSession = 'brake' | 'logged-out' | 'new-session';

/** What the end of an attempt means for its task. */
export type Judgement =
	| {
			readonly kind: 'complete';
			readonly outcome: Outcome;
			readonly text: string;
			readonly feedback: string;
			readonly fields: Readonly<Record<string, string>>;
	  }
	/** What an orchestrator made of its feature. */
	| {readonly kind: 'plan'; readonly plan: Plan}
	/** Counts a failure; the agent rests where it died. */
	| {readonly kind: 'fail'; readonly reason: string; readonly feedback: string; readonly isCrash: boolean}
	/** The room's fault or nobody's: costs no attempt. */
	| {readonly kind: 'release'; readonly reason: string; readonly isCrash: boolean; readonly after?: AfterSession}
	/** A conflict was resolved and content of a side is missing: back with what it is, or, where that was said before, a person decides. */
	| {
			readonly kind: 'dropped';
			readonly reason: string;
			readonly feedback: string;
			readonly isAgain: boolean;
			readonly fields: Readonly<Record<string, string>>;
	  };

export type Evidence = {
	readonly stage: Stage;
	readonly agent: string;
	readonly finish: 'exit' | 'report';
	readonly ended: Ended;
	readonly reported: Reported | undefined;
	/** Why it cannot go on, where that was its last word; else ''. */
	readonly blocked: string;
	/** Why the room itself ended it; '' where it ended by itself. */
	readonly endReason: string;
	/** Last lines of the screen, cleaned, oldest first. */
	readonly lastLines: readonly string[];
	/** Of a develop attempt: its head after uncommitted work was saved, whether that differs from the base branch, and why it could not be saved. */
	readonly work:
		| {
				readonly commit: string;
				readonly isChanged: boolean;
				readonly isDescended: boolean;
				readonly wasDirty: boolean;
				readonly problem?: string;
		  }
		| undefined;
	/** Of a review or an audit: the rounds before, when it ended (epoch ms of the server), and whether its agent changed files. */
	readonly review: {readonly rounds: readonly ReviewRound[]; readonly at: number; readonly isTouched: boolean} | undefined;
	/** Of an attempt at a task in conflict: what became of the conflict. */
	readonly resolved: Resolved | undefined;
	/** Of a plan attempt: what it handed in, if anything. */
	readonly plan?: PlanAnswer | undefined;
	/** Of an agent CLI: how its session stood at the end. */
	readonly session?: SessionEnd | undefined;
	readonly branch: string;
	readonly worktree: string;
	readonly commit: string;
};

/** The program `test` exits with this when it could not run the tests at all. */
export const COULD_NOT_RUN = 75;

/** How a process ended, in words: `exit 1`, `killed by SIGKILL`. */
const describeEnd = (ended: Ended): string => (ended.signal ? `killed by ${ended.signal}` : `exit ${ended.exitCode}`);

const isGood = (ended: Ended): boolean => ended.signal === '' && ended.exitCode === 0;

const tail = (evidence: Evidence): string => evidence.lastLines.join('\n');

const crash = (evidence: Evidence): Judgement => {
	// A prompt or a frame at the bottom of the screen says nothing.
	const last = evidence.lastLines.findLast(line => /[\p{L}\p{N}]/u.test(line));
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

/** It said itself that it cannot go on, and nothing else since: whatever its exit code, what it leaves is not handed in. */
const blocked = (evidence: Evidence): Judgement => ({
	kind: 'fail',
	reason: `blocked: ${evidence.blocked}`,
	feedback: tail(evidence),
	isCrash: false,
});

const develop = (evidence: Evidence): Judgement => {
	const {reported, ended, work} = evidence;
	const saidDone = reported?.kind === 'done';
	if (!saidDone && evidence.blocked !== '') return blocked(evidence);
	if (!saidDone && !isGood(ended)) return crash(evidence);
	if (!saidDone && evidence.finish === 'report')
		return {kind: 'fail', reason: 'ended without reporting that it is done', feedback: tail(evidence), isCrash: false};
	// What git refused to save is not handed in, and counts: a full disk or a spoilt worktree must not be tried for ever.
	if (work?.problem) return {kind: 'fail', reason: `its work could not be saved: ${work.problem}`, feedback: tail(evidence), isCrash: true};
	// A branch that was reset, or deleted beneath its worktree, has lost what it was started from: it is never handed in.
	if (work && !work.isDescended)
		return {kind: 'fail', reason: 'its branch no longer contains the commit it started from', feedback: tail(evidence), isCrash: false};
	// A program that was allowed nothing ends well all the same, and may say what it was not allowed.
	const why = evidence.session?.reason ? `: ${evidence.session.reason}` : '';
	if (!work?.isChanged) return {kind: 'fail', reason: `ended well but changed nothing${why}`, feedback: tail(evidence), isCrash: false};
	const fields = {commit: work.commit, branch: evidence.branch, worktree: evidence.worktree, author: evidence.agent};
	const {resolved} = evidence;
	if (resolved?.kind === 'unfinished') return {kind: 'fail', reason: resolved.reason, feedback: tail(evidence), isCrash: false};
	if (resolved?.kind === 'dropped') return {...resolved, fields};
	return complete('done', work.wasDirty ? 'done; what was uncommitted was committed for it' : 'done', {...fields, ...resolved?.fields});
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
	// Taken once it was found good, however its author ended then.
	if (checked?.ok) return {kind: 'plan', plan: checked.plan};
	if (evidence.endReason) return {kind: 'fail', reason: evidence.endReason, feedback: tail(evidence), isCrash: false};
	const cutOff = judgeSession(evidence);
	if (cutOff) return cutOff;
	if (!isGood(ended) && reported?.kind !== 'done') return crash(evidence);
	if (!answer || !checked) return {kind: 'fail', reason: 'the orchestrator ended without a plan', feedback: tail(evidence), isCrash: false};
	const {message} = checked;
	const feedback = `${message}\n\nThe plan was:\n\n${answer.text}`;
	return complete('changes', `the plan cannot be used: ${message.split('\n')[0] ?? ''}`, {}, feedback);
};

/**
 * Judges an ended attempt from what is known for certain: how the process ended, what it reported under its token, and what git
 * holds. Text on a screen is only ever quoted, never believed. Tests and landings have judges of their own.
 */
export const judge = (evidence: Evidence): Judgement => {
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
