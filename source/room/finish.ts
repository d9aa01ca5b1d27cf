import {nextStage, PIPELINE, stageRole} from '../core/pipeline.ts';
import {removeWorktree} from '../git/remove-worktree.ts';
import {saveWork} from '../git/save-work.ts';
import {hasDescended, worktreeState} from '../git/worktree-state.ts';
import {cleanText} from '../terminal/clean.ts';
import {closeQuestion} from './answer.ts';
import type {Attempt, Ended} from './attempt.ts';
import type {Engine} from './engine.ts';
import {type Judgement, judge} from './judge.ts';

/** Lines of the screen that go into a failure's feedback. */
const FEEDBACK_LINES = 60;
/** An agent that crashed rests this long, doubled for each crash in a row. */
const REST_MS = 3000;
const LONGEST_REST_MS = 120_000;
/** A landing that git refuses is tried again after this long. */
const HOLD_MS = 3000;

/** `isChanged`: it holds commits that the base branch has not; `isDescended`: it still contains what the attempt started from. */
export type SavedAttempt = {
	readonly commit: string;
	readonly isChanged: boolean;
	readonly isDescended: boolean;
	readonly wasDirty: boolean;
};

/** Commits what an attempt left in its worktree. Undefined where the worktree is gone or git refuses: the last commit stands then. */
export const saveAttempt = async (engine: Engine, attempt: Attempt): Promise<SavedAttempt | undefined> => {
	if (attempt.place.branch === '') return undefined;
	try {
		const saved = await saveWork({
			worktree: attempt.place.folder,
			message: `Save the work of ${attempt.agent.id} on ${attempt.task.id}\n\nLeft uncommitted at the end of attempt ${Math.max(1, attempt.task.attempt)}; committed by the room.`,
		});
		const state = await worktreeState(attempt.place.folder, await engine.guardian.baseHead());
		const isDescended = attempt.task.base === '' || (await hasDescended(attempt.place.folder, saved.commit, attempt.task.base));
		return {commit: saved.commit, isChanged: state.commits > 0, isDescended, wasDirty: saved.wasDirty};
	} catch (error) {
		engine.log(`the work of ${attempt.agent.id} on ${attempt.task.id} could not be saved: ${String(error)}`);
		return undefined;
	}
};

/** The agent shows why it died and takes no task until it has rested. */
export const restAfterCrash = async (engine: Engine, agent: string, reason: string): Promise<void> => {
	const crashes = (engine.crashes.get(agent) ?? 0) + 1;
	engine.crashes.set(agent, crashes);
	engine.notBefore.set(agent, engine.state.serverNow() + Math.min(LONGEST_REST_MS, REST_MS * 2 ** (crashes - 1)));
	await engine.persist(() =>
		engine.coordination.describe(agent, {status: 'dead', reason, question: '', choices: '', questionId: ''}, `died: ${reason}`),
	);
};

const evidenceOf = async (engine: Engine, attempt: Attempt, ended: Ended) => {
	const work = attempt.agent.program || attempt.task.stage === 'review' ? undefined : await saveAttempt(engine, attempt);
	return {
		stage: attempt.task.stage,
		agent: attempt.agent.id,
		finish: attempt.agent.finish,
		ended,
		reported: attempt.reported,
		endReason: attempt.endReason,
		lastLines: engine.panes.get(attempt.agent.id)?.screen.tail(FEEDBACK_LINES) ?? [],
		work,
		landed: attempt.task.stage === 'merge' ? await engine.guardian.landedCommit(attempt.task.id) : undefined,
		branch: attempt.place.branch,
		worktree: attempt.place.folder,
		commit: attempt.task.commit,
	};
};

/**
 * The process of an attempt has ended: what its tree left running is ended, its work saved, and the judgement written under its
 * token. `stale` means that somebody took over in the meantime: then nothing is changed and the commits stay on the attempt's branch.
 */
export const finishAttempt = async (engine: Engine, attempt: Attempt, ended: Ended): Promise<void> => {
	if (attempt.isEnding) return;
	attempt.isEnding = true;
	const held = {agent: attempt.agent.id, task: attempt.task.id, token: attempt.token};
	engine.finishing.set(held.agent, held);
	try {
		await attempt.end(0);
		const evidence = await evidenceOf(engine, attempt, ended);
		const judgement = judge(evidence);
		const written = await write(engine, attempt, judgement, evidence.work?.commit);
		if (written === 'stale')
			engine.panes.get(attempt.agent.id)?.say('this attempt was superseded: nothing of it was handed in; its commits stay on its branch');
		else if ('isCrash' in judgement && judgement.isCrash) await restAfterCrash(engine, attempt.agent.id, cleanText(judgement.reason, 200));
		else engine.crashes.delete(attempt.agent.id);
		if (judgement.kind === 'complete' && attempt.task.stage === 'merge' && judgement.outcome === 'done') await tidy(engine, attempt);
		if (attempt.task.stage === 'merge')
			await engine.persist(() => engine.coordination.unlock({name: `repository:${engine.base}`, token: attempt.token}));
		await dropLocks(engine, attempt);
		const question = engine.questions.get(attempt.agent.id);
		if (question) await closeQuestion(engine, question, 'its agent has ended');
		await attempt.place.leave();
	} catch (error) {
		engine.log(`finishing ${attempt.task.id} by ${attempt.agent.id} failed: ${String(error)}`);
	} finally {
		engine.finishing.delete(held.agent);
		engine.attempts.delete(attempt.agent.id);
		engine.wake();
	}
};

/** What an agent had locked (`report lock`) is free once it has ended, however it ended: a dead one never unlocks. */
export const dropLocks = async (engine: Engine, attempt: Attempt): Promise<void> => {
	const held = [...engine.state.team().locks.values()].filter(lock => lock.owner === attempt.agent.id && lock.name.startsWith('path:'));
	for (const {name} of held) await engine.persist(() => engine.coordination.unlock({name, token: attempt.token}));
};

/** A merged task's worktree has done its duty; `removeWorktree` keeps it when anything in it is not reachable from a ref. */
const tidy = async (engine: Engine, attempt: Attempt): Promise<void> => {
	const {worktree} = engine.state.team().tasks.get(attempt.task.id) ?? attempt.task;
	if (worktree !== '') await removeWorktree({repository: engine.repository, folder: worktree});
};

const write = async (engine: Engine, attempt: Attempt, judgement: Judgement, saved: string | undefined): Promise<string> => {
	const held = {task: attempt.task.id, agent: attempt.agent.id, token: attempt.token};
	const kept: Record<string, string> = saved ? {commit: saved} : {};
	if (judgement.kind === 'fail')
		return engine.persist(() =>
			engine.coordination.fail({
				...held,
				reason: cleanText(judgement.reason, 300),
				feedback: judgement.feedback,
				delayMs: backoff(engine, attempt),
				fields: kept,
			}),
		);
	if (judgement.kind === 'release')
		return engine.persist(() => engine.coordination.release({...held, reason: judgement.reason, to: '', fields: kept}));
	if (judgement.kind === 'hold') {
		engine.notBefore.set(held.task, engine.state.serverNow() + HOLD_MS);
		await engine.persist(() => engine.coordination.hold(held.task, cleanText(`landing waits: ${judgement.reason}`, 300)));
		return engine.persist(() => engine.coordination.release({...held, reason: judgement.reason, to: '', fields: kept}));
	}
	const result = await engine.persist(() => engine.coordination.complete(completion(engine, attempt, judgement)));
	if (result.code !== 'refused') return result.code;
	return engine.persist(() =>
		engine.coordination.fail({...held, reason: result.reason, feedback: '', delayMs: engine.config.backoff, fields: {}}),
	);
};

/** Exponential: the configured backoff, doubled for each failure before. */
const backoff = (engine: Engine, attempt: Attempt): number => Math.min(300_000, engine.config.backoff * 2 ** attempt.task.failures);

const completion = (engine: Engine, attempt: Attempt, judgement: Extract<Judgement, {kind: 'complete'}>) => {
	const {task} = attempt;
	const next = nextStage(task.stage, judgement.outcome, {review: engine.config.review === 'required'}) ?? task.stage;
	const isBack = judgement.outcome === 'changes' || judgement.outcome === 'failed' || judgement.outcome === 'conflict';
	const isLastRound = judgement.outcome === 'changes' && task.rounds + 1 >= engine.config.rounds;
	return {
		task: task.id,
		agent: attempt.agent.id,
		token: attempt.token,
		stage: task.stage,
		next,
		nextRole: next === 'merged' ? '' : stageRole(next),
		word: judgement.outcome === 'done' ? PIPELINE[task.stage].word : judgement.outcome,
		fields: {...judgement.fields, hold: '', reason: isBack ? judgement.text : '', feedback: judgement.feedback},
		// A candidate rebuilt because the base moved costs nothing; changes count as rounds, which are bounded.
		counts:
			judgement.outcome === 'failed' || judgement.outcome === 'conflict' || isLastRound
				? ('failures' as const)
				: judgement.outcome === 'changes'
					? ('rounds' as const)
					: ('none' as const),
		delayMs: 0,
		text: judgement.text,
	};
};
