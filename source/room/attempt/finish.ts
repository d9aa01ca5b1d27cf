import {existsSync} from 'node:fs';
import {holdText} from '../../core/merge/approval.ts';
import {nextRole, nextStage, type Outcome, PIPELINE} from '../../core/task/stages.ts';
import type {Stage, WholeTask} from '../../core/task/task.ts';
import type {Call} from '../../core/team/coordination.ts';
import {plainTextLine} from '../../core/text/quote.ts';
import {isTouched} from '../../git/worktree/look.ts';
import {isDiskFull} from '../../os/disk-full.ts';
import {WRITING_STAGES} from '../../roles/roles.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Attempt, Ended, Judgement} from '../parts/attempt.ts';
import {type Room, waysOf} from '../parts/parts.ts';
import {type Concluded, concluded} from '../parts/slot.ts';
import {movesOf} from '../parts/slot-moves.ts';
import {planAnswer, writePlan} from '../planning/answer.ts';
import {wantsAudit} from '../prepare/guard.ts';
import {brokenSandbox} from '../prepare/sandbox.ts';
import {type Sharing, share} from '../remote/share.ts';
import {isUnattended} from '../session/turn-end.ts';
import {askFirst} from './blocked.ts';
import {cleanup} from './cleanup.ts';
import {giveHome, isLastTry, judgeConflict, sendBack} from './conflict.ts';
import {disposeWorkspace, forget, keptFields, saveAttempt} from './end.ts';
import {handoffOf, lastLinesOf} from './handoff.ts';
import {type Evidence, judge} from './judge.ts';
import {afterRelease, beforeRelease, sessionEndOf, sessionFields} from './judge-session.ts';

/** The question of a task that used up its review rounds. */
const roundsHold = (rounds: number): string =>
	`${rounds} ${rounds === 1 ? 'round' : 'rounds'} of review requested changes. Approve it as it is?`;

const JUDGING: readonly Stage[] = ['review', 'audit'];
/** The agent shows why it crashed and starts no task until it has rested. */
export const restAfterCrash = async ({link, slots}: Pick<Room, 'link' | 'slots'>, agent: string, reason: string): Promise<void> => {
	movesOf(slots).rest(agent, 'crashed');
	await link.retryUntilWritten(() =>
		link.coordination.updateAgent(
			agent,
			{status: 'crashed', reason, question: '', choices: '', questionId: '', detail: ''},
			`crashed: ${reason}`,
		),
	);
};

/** The agent ended well, or a human resumed it: earlier crashes no longer count. */
export const forgive = ({slots}: Pick<Room, 'slots'>, agent: string): void => movesOf(slots).forgive(agent);

const reviewOf = async (
	{facts, record}: Pick<Room, 'facts' | 'record'>,
	{task, workspace: place}: Attempt,
): Promise<Evidence['review']> => {
	if (task.stage !== 'review' && task.stage !== 'audit') return undefined;
	// A worktree that cannot be read is no reason to fail the review: its changes are discarded either way.
	const isChanged = await isTouched(facts.guardian.store, place.folder, task.commit).catch(() => false);
	return {rounds: task.reviews, at: Math.round(record.serverNow()), isTouched: isChanged};
};

/** Of which commit the last review requested changes. The base may have moved under it, which is a reason to submit it again. */
const refusedCommit = ({reviews, stage}: WholeTask): string => {
	const last = reviews.at(-1);
	return stage !== 'resolve' && last?.verdict === 'changes' ? last.commit : '';
};

const evidenceOf = async (room: Room, attempt: Attempt, ended: Ended) => {
	const work = WRITING_STAGES.includes(attempt.task.stage) ? await saveAttempt(room, attempt) : undefined;
	return {
		stage: attempt.task.stage,
		agent: attempt.agent.id,
		finish: attempt.agent.finish,
		ended,
		reported: attempt.reported,
		blocked: attempt.blocked,
		isAnswerable: !isUnattended(room),
		endReason: attempt.endReason,
		isInterrupted: attempt.isInterrupted,
		lastLines: lastLinesOf(room, attempt),
		work,
		review: await reviewOf(room, attempt),
		resolved: work && work.problem === '' ? await judgeConflict(room, attempt.task, work.commit) : undefined,
		plan: attempt.task.stage === 'plan' ? await planAnswer(room, attempt) : undefined,
		session: sessionEndOf(attempt, lastLinesOf(room, attempt)),
		branch: attempt.workspace.branch,
		worktree: attempt.workspace.folder,
		commit: attempt.task.commit,
		refusedCommit: refusedCommit(attempt.task),
	};
};

/** What is broken in the room or on its machine that every agent needs; '' for nothing. */
const roomProblem = (programFile: string, folder: string): string => {
	if (!existsSync(programFile)) return `the room's own program is missing: ${programFile}`;
	return isDiskFull(folder) ? `the disk has no space left: ${folder}` : '';
};

/**
 * A bad end caused by the sandbox costs no attempt; one that met a limit names it. Only the sandbox itself is asked: text on a screen is never
 * believed.
 */
const brokenBeneath = async (
	{facts}: Pick<Room, 'facts'>,
	{surrounded, reported, endReason, workspace}: Attempt,
	{exitCode, signal}: Ended,
): Promise<Judgement | undefined> => {
	if (reported?.kind === 'done' || endReason !== '' || (exitCode === 0 && signal === '')) return undefined;
	const own = roomProblem(facts.options.programFile, workspace.folder);
	if (own !== '') return {kind: 'release', reason: own, isCrash: true};
	const met = surrounded.exceeded();
	if (met !== '') return {kind: 'fail', reason: met, feedback: '', isCrash: false};
	const problem = await surrounded.problem();
	return problem === '' ? undefined : {kind: 'release', reason: brokenSandbox(problem), isCrash: true};
};

/** What the next agent gets with a task that this one did not finish. */
const handedOver = (
	room: Pick<Room, 'facts' | 'record' | 'merges'>,
	attempt: Attempt,
	judgement: Judgement,
	{work, lastLines}: Evidence,
): Promise<Record<string, string>> =>
	judgement.kind === 'fail' || judgement.kind === 'release' || judgement.kind === 'blocked'
		? handoffOf(room, attempt, {reason: judgement.reason, saved: work, lastLines})
		: Promise.resolve({});

/**
 * After the process has ended: ends what its tree left running, then `conclude` writes the outcome under its token. The lease is renewed until that
 * is done. If it cannot be written, the next heartbeat finds the lease without an attempt and returns it.
 */
export const concluding = async (
	room: Pick<Room, 'facts' | 'link' | 'slots' | 'merges' | 'lifecycle'>,
	attempt: Attempt,
	conclude: () => Promise<void>,
): Promise<void> => {
	if (attempt.isEnding) return;
	movesOf(room.slots).move(attempt.agent.id, {type: 'end', attempt});
	const agent = attempt.agent.id;
	try {
		await attempt.end(0);
		await conclude();
	} catch (error) {
		const reason = `cannot write its result: ${error instanceof Error ? error.message : String(error)}`;
		room.facts.log(`finishing ${attempt.task.id} by ${agent}: ${reason}`);
		await restAfterCrash(room, agent, cleanText(reason, 200)).catch(failure => room.facts.log(`${agent}: ${String(failure)}`));
	} finally {
		await disposeWorkspace(room, attempt);
		forget(room, attempt);
	}
};

/**
 * An agent's process has ended: saves its work and writes the judgement. `stale`: the task was reassigned meanwhile; nothing changes, and the
 * commits stay on the attempt's branch.
 */
export const finishAttempt = (room: Room, attempt: Attempt, ended: Ended): Promise<void> =>
	concluding(room, attempt, async () => {
		const agent = attempt.agent.id;
		const evidence = await evidenceOf(room, attempt, ended);
		const judgement = (await brokenBeneath(room, attempt, ended)) ?? judge(evidence);
		const kept = {
			...keptFields(evidence.work),
			...(await handedOver(room, attempt, judgement, evidence)),
			...sessionFields(attempt, judgement, evidence.work),
		};
		await beforeRelease(room, attempt, judgement);
		const {code: written, after} = await write(room, attempt, judgement, kept);
		movesOf(room.slots).move(agent, {type: 'go-on-to', attempt, after});
		if (written === 'stale') room.slots.pane(agent)?.say('attempt superseded: nothing was submitted; its commits stay on its branch');
		else if ('isCrash' in judgement && judgement.isCrash) await restAfterCrash(room, agent, cleanText(judgement.reason, 200));
		else forgive(room, agent);
		await afterRelease(room, attempt, judgement);
		// Worktrees of orchestrators killed with their room are of no use to the next.
		if (attempt.task.stage === 'plan') await cleanup(room, attempt.task);
	});

const write = async (room: Room, attempt: Attempt, judgement: Judgement, kept: Readonly<Record<string, string>>): Promise<Concluded> => {
	const idle = async (writing: Promise<string>): Promise<Concluded> => ({code: await writing, after: 'idle'});
	const held = {task: attempt.task.id, agent: attempt.agent.id, token: attempt.token};
	const planned = attempt.task.stage === 'plan' ? await writePlan(room, attempt, judgement, nextCall(room, attempt)) : undefined;
	if (planned !== undefined) return planned;
	if (judgement.kind === 'plan') throw new Error(`${held.task} is not a planning task`);
	if (judgement.kind === 'fail' && judgement.isLast) {
		const {feedback} = judgement;
		const reason = cleanText(judgement.reason, 300);
		return idle(room.link.retryUntilWritten(() => room.link.coordination.refuse({...held, decision: '', reason, feedback, fields: kept})));
	}
	if (judgement.kind === 'fail' && isLastTry(attempt.task)) return idle(giveHome(room, attempt.task, held, judgement, kept));
	if (judgement.kind === 'fail')
		return idle(
			room.link.retryUntilWritten(() =>
				room.link.coordination.fail({
					...held,
					reason: cleanText(judgement.reason, 300),
					feedback: judgement.feedback,
					delayMs: backoff(room, attempt),
					fields: kept,
				}),
			),
		);
	if (judgement.kind === 'dropped') return sendBack(room, attempt.task, {...held, nextCall: nextCall(room, attempt)}, judgement);
	if (judgement.kind === 'blocked') return askFirst(room, attempt.task, {...held, nextCall: nextCall(room, attempt)}, judgement, kept);
	if (judgement.kind === 'release')
		return idle(
			room.link.retryUntilWritten(() =>
				room.link.coordination.release({...held, reason: cleanText(judgement.reason, 300), to: attempt.task.assigned, fields: kept}),
			),
		);
	const handedIn = judgement.outcome === 'done' && WRITING_STAGES.includes(attempt.task.stage) ? (judgement.fields.commit ?? '') : '';
	const audit = handedIn === '' ? attempt.task.audit : await wantsAudit(room, attempt.task, handedIn);
	const sharing = await share(room, attempt.task.id, handedIn);
	const completed = {...keptHere(completion(room, attempt, judgement, audit), sharing), nextCall: nextCall(room, attempt)};
	const result = await room.link.retryUntilWritten(() => room.link.coordination.complete(completed));
	if (result.code !== 'refused') return concluded(held.agent, result, completed.nextCall !== undefined);
	return idle(
		room.link.retryUntilWritten(() =>
			room.link.coordination.fail({...held, reason: result.reason, feedback: '', delayMs: room.facts.config.backoff, fields: {}}),
		),
	);
};

/** Work that must not leave this machine unasked waits for a human: its next agent may be elsewhere. */
const keptHere = (completed: ReturnType<typeof completion>, sharing: Sharing): ReturnType<typeof completion> => {
	if (sharing.kind === 'shared') return completed;
	const waitReason = plainTextLine(`stays on this machine: ${holdText(sharing.holds)}`, 300);
	const fields = {...completed.fields, decision: 'checks', waitReason, feedback: [waitReason, '', ...sharing.holds].join('\n')};
	return {...completed, next: 'needs-decision', nextRole: '', fields};
};

/** A finished agent claims its next task in the same step, or waits for one. Programs claim only when their work is due. */
const nextCall = ({facts, slots, lifecycle}: Pick<Room, 'facts' | 'slots' | 'lifecycle'>, {agent}: Attempt): Call | undefined =>
	agent.program || !lifecycle.isOpen() || slots.get(agent.id)?.isRetiring
		? undefined
		: {leaseMs: facts.config.lease, nonce: facts.newNonce(), stages: agent.stages};

/** The configured backoff, doubled for each earlier failure. */
const backoff = ({facts}: Pick<Room, 'facts'>, attempt: Attempt): number =>
	Math.min(300_000, facts.config.backoff * 2 ** attempt.task.failures);

/** A reviewer sees the output of the tests that returned the task. */
const testOutput = ({stage, reason, feedback}: WholeTask, outcome: Outcome): string =>
	outcome === 'done' && WRITING_STAGES.includes(stage) && reason.startsWith('tests failed') ? feedback : '';

const completion = (
	room: Pick<Room, 'facts' | 'record'>,
	attempt: Attempt,
	judgement: Extract<Judgement, {kind: 'complete'}>,
	audit: boolean,
) => {
	const {task} = attempt;
	const way = nextStage({...task, audit}, judgement.outcome, waysOf(room)) ?? task.stage;
	const isBack = judgement.outcome === 'changes' || judgement.outcome === 'failed' || judgement.outcome === 'conflict';
	// Review rounds are limited: after the last one a human decides whether the work is good enough, and nothing is lost meanwhile.
	const isLastRound =
		judgement.outcome === 'changes' && JUDGING.includes(task.stage) && task.rounds + 1 >= room.facts.config.maxReviewRounds;
	const next = isLastRound ? ('needs-decision' as const) : way;
	return {
		task: task.id,
		agent: attempt.agent.id,
		token: attempt.token,
		stage: task.stage,
		next,
		nextRole: next === 'needs-decision' ? '' : nextRole(next, task),
		word: judgement.outcome === 'done' ? PIPELINE[task.stage].word : judgement.outcome,
		fields: {
			...judgement.fields,
			...(audit && !task.audit ? {audit: '1'} : {}),
			...(isLastRound ? {decision: 'rounds', waitReason: roundsHold(task.rounds + 1)} : {waitReason: ''}),
			reason: isBack ? judgement.text : '',
			feedback: judgement.feedback || testOutput(task, judgement.outcome),
			// Submitted: the notes of its earlier agents are no longer needed.
			...(WRITING_STAGES.includes(task.stage) && judgement.outcome === 'done' ? {handoff: ''} : {}),
		},
		// A candidate rebuilt because the base moved costs nothing; requested changes count as review rounds, which are limited.
		counts:
			judgement.outcome === 'failed' || judgement.outcome === 'conflict'
				? ('failures' as const)
				: judgement.outcome === 'changes'
					? ('rounds' as const)
					: ('none' as const),
		delayMs: 0,
		text: judgement.text,
	};
};
