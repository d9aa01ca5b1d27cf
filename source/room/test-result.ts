import {basename} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {nextRole, nextStage, PIPELINE} from '../core/pipeline.ts';
import type {Reply} from '../core/protocol.ts';
import {isPass, type TestRun, tellRun} from '../core/test-run.ts';
import {blameFor} from '../core/train.ts';
import {cleanText} from '../terminal/clean.ts';
import type {Attempt, Ended} from './attempt.ts';
import type {Engine} from './engine.ts';
import {concluding, restAfterCrash, waysOf} from './finish.ts';
import {judgeTest, type TestEvidence, type TestVerdict} from './judge-test.ts';
import {ok} from './report-replies.ts';
import {forgetBuilt, freshTrain, isProven, noteProven, standsOn} from './train.ts';

/** Lines of the screen that go into a failure's feedback. */
const FEEDBACK_LINES = 60;
/** Output is read this much later than a report at most, ms; looked for so often. */
const OUTPUT_LATE_MS = 5000;
const LOOK_MS = 10;
/** Without a test command nothing is tested for this long, ms; then one task looks again. */
const MISSING_MS = 30_000;
const MISSING_BANNER = 'test-missing';

/** The last lines of a run that has just ended. Its report may come before its output has been read: the program's own last line tells. */
const endOfRun = async ({panes}: Engine, {agent}: Attempt, words: string): Promise<readonly string[]> => {
	const lines = (): readonly string[] => panes.get(agent.id)?.screen.tail(FEEDBACK_LINES) ?? [];
	for (let waited = 0; waited < OUTPUT_LATE_MS && !lines().at(-1)?.includes(words); waited += LOOK_MS)
		await wait(LOOK_MS, undefined, {ref: false});
	return lines();
};

/**
 * The program tells how a commit's tests went. Of its candidate: where a failure may be the base's fault, or there is no test command at all,
 * the answer asks for the tests of what it stands on.
 */
export const noteTested = async (
	engine: Engine,
	attempt: Attempt,
	{commit, runs}: {readonly commit: string; readonly runs: readonly TestRun[]},
): Promise<Reply> => {
	const {candidate, candidateBase, id} = attempt.task;
	attempt.tested.set(commit, runs);
	const last = runs.at(-1);
	if (!last) return ok;
	if (isPass(last)) noteProven(engine, commit);
	if (commit !== candidate || isPass(last) || last.end === 'killed') return ok;
	const {train, head} = await freshTrain(engine);
	const blame = blameFor(train, id, isProven(engine, head));
	const isKnownRed = engine.state.team().control.red === head;
	const mustLook = (blame === 'base' && !isKnownRed) || (last.end === 'missing' && blame !== 'derailed');
	if (!mustLook) return ok;
	// What the tests of the base print comes after this on the same screen; the program waits for the answer.
	attempt.lastLines = await endOfRun(engine, attempt, tellRun(last));
	return {...ok, data: {testBase: candidateBase}};
};

const evidenceOf = async (engine: Engine, attempt: Attempt, ended: Ended): Promise<TestEvidence> => {
	const {task, agent} = attempt;
	const {train, head} = await freshTrain(engine);
	return {
		ended,
		endReason: attempt.endReason,
		runs: attempt.tested.get(task.candidate) ?? [],
		baseRuns: attempt.tested.get(task.candidateBase) ?? [],
		candidate: task.candidate,
		blame: blameFor(train, task.id, isProven(engine, head)),
		on: standsOn(engine, task),
		isBaseRed: engine.state.team().control.red === head,
		kills: engine.train.kills.get(task.id) ?? 0,
		ejections: task.ejections,
		flaky: task.flaky,
		log: basename(attempt.logFile),
		lastLines: attempt.lastLines ?? engine.panes.get(agent.id)?.screen.tail(FEEDBACK_LINES) ?? [],
	};
};

const complete = async (engine: Engine, {task, agent, token}: Attempt, verdict: TestVerdict): Promise<string> => {
	const isPassed = verdict.kind === 'passed';
	const next = nextStage(task, isPassed ? 'done' : 'failed', waysOf(engine)) ?? task.home;
	const text = cleanText(verdict.text, 300);
	const written = await engine.persist(() =>
		engine.coordination.complete({
			task: task.id,
			agent: agent.id,
			token,
			stage: 'test',
			next,
			nextRole: nextRole(next, task),
			word: isPassed ? PIPELINE.test.word : 'failed',
			fields: {...verdict.fields, hold: '', reason: isPassed ? '' : text, feedback: verdict.feedback},
			counts: isPassed ? 'none' : 'failures',
			delayMs: 0,
			text,
		}),
	);
	if (written.code !== 'refused') return written.code;
	throw new Error(written.reason);
};

/** What a verdict means beyond its own task. */
const spread = async (engine: Engine, attempt: Attempt, {kind, text}: TestVerdict): Promise<void> => {
	const {task} = attempt;
	const {train, state, coordination} = engine;
	if (kind === 'killed') train.kills.set(task.id, (train.kills.get(task.id) ?? 0) + 1);
	else if (kind !== 'again' && kind !== 'crashed') train.kills.delete(task.id);
	if (kind === 'missing') {
		train.missingUntil = performance.now() + MISSING_MS;
		const command = cleanText(engine.config.test ?? '', 80);
		state.setBanner(MISSING_BANNER, {
			severity: 'error',
			text: `The test command was not found: \`${command}\`. Merges are held; it is tried again every half a minute.`,
		});
	} else if (kind === 'passed' || kind === 'ejected' || kind === 'undecided' || kind === 'red') {
		train.missingUntil = 0;
		state.setBanner(MISSING_BANNER, undefined);
	}
	if (kind !== 'red') return;
	const base = task.candidateBase;
	train.triedOnRed.set(task.id, {base, commit: task.commit});
	if (state.team().control.red === base) return;
	const run = attempt.tested.get(base)?.at(-1);
	const redWhy = cleanText(`\`${engine.config.test ?? ''}\` fails there too${run ? ` (${tellRun(run)})` : ''}`, 200);
	await engine.persist(() => coordination.control({red: base, redWhy}, ''));
	await coordination.note({type: 'base_red', task: task.id, agent: attempt.agent.id, text: `${engine.base} is red: ${text}`});
};

/** What somebody who looks back wants to find. */
const tell = async ({coordination}: Engine, {task, agent}: Attempt, {kind, text}: TestVerdict): Promise<void> => {
	const about = {task: task.id, agent: agent.id, text: cleanText(text, 300)};
	if (kind === 'ejected') await coordination.note({type: 'car_ejected', ...about});
	else if (kind === 'passed' && text.includes('flaky'))
		await coordination.note({type: 'test_flaky', ...about, text: 'failed once, then passed'});
};

const HELD_WORDS: Readonly<Partial<Record<TestVerdict['kind'], string>>> = {
	killed: 'tested again: ',
	red: 'waits for the base to be mended: ',
	missing: 'merges are held: ',
};

/** The test program has ended, by itself or from here: the task goes on, or back, or stands in the train with its failure. */
export const finishTest = (engine: Engine, attempt: Attempt, ended: Ended): Promise<void> =>
	concluding(engine, attempt, async () => {
		const {task, token, agent} = attempt;
		const verdict = judgeTest(await evidenceOf(engine, attempt, ended));
		const {kind} = verdict;
		if (kind === 'passed') noteProven(engine, task.candidate);
		// Before the task is ready again: nobody is to take it up as if nothing were known.
		await spread(engine, attempt, verdict);
		const reason = cleanText(verdict.text, 300);
		const words = HELD_WORDS[kind];
		const feedback: Record<string, string> = kind === 'undecided' ? {feedback: verdict.feedback} : {};
		const written =
			kind === 'passed' || kind === 'ejected'
				? await complete(engine, attempt, verdict)
				: await engine.persist(() =>
						engine.coordination.release({
							task: task.id,
							token,
							reason,
							to: task.assigned,
							fields: {...verdict.fields, ...feedback, ...(words ? {hold: `${words}${reason}`} : {})},
						}),
					);
		forgetBuilt(engine, task.id, token);
		if (written === 'stale') {
			engine.panes.get(agent.id)?.say('this test was superseded: nothing follows from it');
			return;
		}
		if (written === 'ok' || written === 'dead') await tell(engine, attempt, verdict);
		if (kind === 'crashed') await restAfterCrash(engine, agent.id, reason);
		else engine.crashes.delete(agent.id);
	});
