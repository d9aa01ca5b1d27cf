import {basename} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type {Reply} from '../../core/protocol/request.ts';
import {type Blame, blameFor} from '../../core/queue/merge-queue.ts';
import {nextRole, nextStage, PIPELINE} from '../../core/task/stages.ts';
import {isPass, tellRun} from '../../core/task/test-run.ts';
import type {TestRun} from '../../core/task/test-run-schema.ts';
import {isDiskFull} from '../../os/disk-full.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {concluding, forgive, restAfterCrash} from '../attempt/finish.ts';
import type {Attempt, Ended} from '../parts/attempt.ts';
import {forgetBuilt, freshMergeQueue, hasPassed, notePassed, standsOn} from '../parts/merge-queue.ts';
import {type Room, waysOf} from '../parts/parts.ts';
import {ok} from '../parts/replies.ts';

/** The facts about an ended test run. */
export type TestEvidence = {
	readonly ended: Ended;
	/** Why the room ended it; '' if it ended by itself. */
	readonly endReason: string;
	/** Its reported runs of the candidate, of which the last counts, and of what the candidate is based on, [] if that was not tested. */
	readonly runs: readonly TestRun[];
	readonly baseRuns: readonly TestRun[];
	readonly candidate: string;
	/** The cause of a failure where the entry is now. */
	readonly blame: Blame;
	/** What it is based on in words, such as `T-1` or `main at abc1234`. */
	readonly on: string;
	readonly isBaseRed: boolean;
	/** How often in a row its tests were killed before. */
	readonly kills: number;
	/** The disk of the tests is full. */
	readonly isDiskFull: boolean;
	readonly removals: number;
	readonly flaky: number;
	/** File name of the run's log. */
	readonly log: string;
	/** The last lines of the candidate's run, oldest first. */
	readonly lastLines: readonly string[];
};

/**
 * passed: may merge. removed: returns to its author, with proof that it caused the failure. undecided: failed with an unknown cause; stays in the
 * merge queue. again: tested again, at no cost. killed: the same, a limited number of times. red: the base fails without it too. missing: there is
 * no test command. crashed: the run itself failed.
 */
type TestVerdict = {
	readonly kind: 'passed' | 'removed' | 'undecided' | 'again' | 'killed' | 'red' | 'missing' | 'crashed';
	readonly text: string;
	readonly feedback: string;
	readonly fields: Readonly<Record<string, string>>;
};

/** Exit code of the program `test` when it could not run the tests at all. */
export const COULD_NOT_RUN = 75;

/** Tests killed from outside this often in a row count as failed. */
export const MOST_KILLS = 3;

const describeEnd = ({signal, exitCode}: Ended): string => (signal ? `killed by ${signal}` : `exit ${exitCode}`);

const NO_CANDIDATE = {candidate: '', candidateBase: '', failedCandidate: ''} as const;

const failure = (evidence: TestEvidence, last: TestRun | undefined): TestVerdict => {
	const feedback = evidence.lastLines.join('\n');
	const how = last ? tellRun(last) : 'exit 1';
	const of = (kind: TestVerdict['kind'], text: string, fields: TestVerdict['fields']): TestVerdict => ({kind, text, feedback, fields});
	const ofBase = evidence.baseRuns.at(-1);
	const own = (): TestVerdict =>
		of('removed', `tests failed (${how}), ${evidence.on} passes: removed from the merge queue`, {
			...NO_CANDIDATE,
			removals: String(evidence.removals + 1),
		});
	const undecided = (): TestVerdict =>
		of('undecided', `tests failed (${how}); waiting for ${evidence.on} ahead to find the cause`, {
			failedCandidate: evidence.candidate,
		});
	if (evidence.blame === 'outdated') return of('again', `${evidence.on} is outdated: test result ignored (${how})`, NO_CANDIDATE);
	if (evidence.blame === 'undecided') return undecided();
	if (ofBase) {
		if (isPass(ofBase)) return own();
		if (ofBase.end === 'killed') return of('crashed', `the tests of ${evidence.on} were ${tellRun(ofBase)}`, NO_CANDIDATE);
		if (ofBase.end === 'missing') return of('missing', tellRun(ofBase), NO_CANDIDATE);
		if (evidence.blame === 'base') return of('red', `${evidence.on} fails its own tests: ${tellRun(ofBase)}`, NO_CANDIDATE);
	}
	if (evidence.blame === 'own') return own();
	if (evidence.isBaseRed) return of('red', `tests failed (${how}) on ${evidence.on}, which is failing`, NO_CANDIDATE);
	// The base could not be tested: the failure stays, and next time only the base is tested.
	return undecided();
};

/**
 * Judges an ended test run. Guarantee: no task is removed without proof that its base passes; a failure caused by another entry, the base, a missing
 * command or the machine costs no attempt. Text on a screen is only quoted, never believed.
 */
export const judgeTest = (evidence: TestEvidence): TestVerdict => {
	const {ended, runs} = evidence;
	const last = runs.at(-1);
	const ran: Record<string, string> = last ? {testMs: String(Math.round(last.ms)), testExit: String(last.exit), testLog: evidence.log} : {};
	const of = (kind: TestVerdict['kind'], text: string, fields: TestVerdict['fields']): TestVerdict => ({
		kind,
		text,
		feedback: '',
		fields: {...ran, ...fields},
	});
	if (evidence.endReason !== '') return of('again', evidence.endReason, NO_CANDIDATE);
	if (ended.signal === '' && ended.exitCode === 0) {
		if (evidence.blame === 'outdated') return of('again', `passed on ${evidence.on}, which is outdated`, NO_CANDIDATE);
		const isFlaky = runs.length > 1;
		return of('passed', isFlaky ? 'tests passed (flaky: they failed once, then passed)' : 'tests passed', {
			failedCandidate: '',
			...(isFlaky ? {flaky: String(evidence.flaky + 1)} : {}),
		});
	}
	const isKilled = last?.end === 'killed';
	if (isKilled && evidence.kills + 1 < MOST_KILLS) return of('killed', `its tests were ${tellRun(last)}`, NO_CANDIDATE);
	// The program reports every run: without a report no test ran, whatever its exit code.
	const hasRun = last !== undefined || evidence.baseRuns.length > 0;
	if (!isKilled && (ended.signal !== '' || ended.exitCode === COULD_NOT_RUN || !hasRun))
		return of('crashed', `the test run could not finish: ${describeEnd(ended)}`, NO_CANDIDATE);
	if (evidence.isDiskFull)
		return of('crashed', `the disk has no space left: test result ignored (${last ? tellRun(last) : describeEnd(ended)})`, NO_CANDIDATE);
	const failed = failure(evidence, last);
	return {...failed, fields: {...ran, ...failed.fields}};
};

/** Lines of the screen in a failure's feedback. */
const FEEDBACK_LINES = 60;
/** How long after a report its output may still come, ms, and how often that is checked. */
const OUTPUT_LATE_MS = 5000;
const LOOK_MS = 10;
/** Without a test command nothing is tested for this long, ms; then one task tries again. */
const MISSING_MS = 30_000;
const MISSING_BANNER = 'test-missing';

/** The last lines of a run that has just ended. Its report may come before its output is read: the program's own last line marks the end. */
const endOfRun = async ({slots}: Pick<Room, 'slots'>, {agent}: Attempt, words: string): Promise<readonly string[]> => {
	const lines = (): readonly string[] => slots.pane(agent.id)?.screen.tail(FEEDBACK_LINES) ?? [];
	for (let waited = 0; waited < OUTPUT_LATE_MS && !lines().at(-1)?.includes(words); waited += LOOK_MS)
		await wait(LOOK_MS, undefined, {ref: false});
	return lines();
};

/**
 * Takes the program's report on a commit's tests. If the candidate's failure may be the base's fault, or there is no test command at all, the answer
 * asks to test what it is based on.
 */
export const noteTested = async (
	room: Pick<Room, 'facts' | 'record' | 'slots' | 'merges'>,
	attempt: Attempt,
	{commit, runs}: {readonly commit: string; readonly runs: readonly TestRun[]},
): Promise<Reply> => {
	const {candidate, candidateBase, id} = attempt.task;
	attempt.tested.set(commit, runs);
	const last = runs.at(-1);
	if (!last) return ok;
	if (isPass(last)) notePassed(room, commit);
	if (commit !== candidate || isPass(last) || last.end === 'killed') return ok;
	const {mergeQueue, head} = await freshMergeQueue(room);
	const blame = blameFor(mergeQueue, id, hasPassed(room, head));
	const isKnownRed = room.record.team().control.failingBase === head;
	const mustLook = (blame === 'base' && !isKnownRed) || (last.end === 'missing' && blame !== 'outdated');
	if (!mustLook) return ok;
	// The output of the base's tests follows on the same screen; the program waits for this answer.
	attempt.lastLines = await endOfRun(room, attempt, tellRun(last));
	return {...ok, data: {testBase: candidateBase}};
};

const evidenceOf = async (
	room: Pick<Room, 'facts' | 'record' | 'slots' | 'merges'>,
	attempt: Attempt,
	ended: Ended,
): Promise<TestEvidence> => {
	const {task, agent} = attempt;
	const {mergeQueue, head} = await freshMergeQueue(room);
	return {
		ended,
		endReason: attempt.endReason,
		runs: attempt.tested.get(task.candidate) ?? [],
		baseRuns: attempt.tested.get(task.candidateBase) ?? [],
		candidate: task.candidate,
		blame: blameFor(mergeQueue, task.id, hasPassed(room, head)),
		on: standsOn(room, task),
		isBaseRed: room.record.team().control.failingBase === head,
		kills: room.merges.mergeQueue.kills.get(task.id) ?? 0,
		isDiskFull: isDiskFull(attempt.workspace.folder),
		removals: task.removals,
		flaky: task.flaky,
		log: basename(attempt.logFile),
		lastLines: attempt.lastLines ?? room.slots.pane(agent.id)?.screen.tail(FEEDBACK_LINES) ?? [],
	};
};

const complete = async (
	room: Pick<Room, 'facts' | 'link' | 'record'>,
	{task, agent, token}: Attempt,
	verdict: TestVerdict,
): Promise<string> => {
	const isPassed = verdict.kind === 'passed';
	const next = nextStage(task, isPassed ? 'done' : 'failed', waysOf(room)) ?? task.firstStage;
	const text = cleanText(verdict.text, 300);
	const written = await room.link.retryUntilWritten(() =>
		room.link.coordination.complete({
			task: task.id,
			agent: agent.id,
			token,
			stage: 'test',
			next,
			nextRole: nextRole(next, task),
			word: isPassed ? PIPELINE.test.word : 'failed',
			fields: {...verdict.fields, waitReason: '', reason: isPassed ? '' : text, feedback: verdict.feedback},
			counts: isPassed ? 'none' : 'failures',
			delayMs: 0,
			text,
		}),
	);
	if (written.code !== 'refused') return written.code;
	throw new Error(written.reason);
};

/** Effects of a verdict beyond its own task. */
const spread = async (
	{facts, link, record, merges}: Pick<Room, 'facts' | 'link' | 'record' | 'merges'>,
	attempt: Attempt,
	{kind, text}: TestVerdict,
): Promise<void> => {
	const {task} = attempt;
	if (kind === 'killed') merges.mergeQueue.kills.set(task.id, (merges.mergeQueue.kills.get(task.id) ?? 0) + 1);
	else if (kind !== 'again' && kind !== 'crashed') merges.mergeQueue.kills.delete(task.id);
	if (kind === 'missing') {
		merges.mergeQueue.missingUntil = performance.now() + MISSING_MS;
		const command = cleanText(facts.config.test ?? '', 80);
		record.setBanner(MISSING_BANNER, {
			severity: 'error',
			text: `The test command was not found: \`${command}\`. Merges wait; agent-room retries every 30 s.`,
		});
	} else if (kind === 'passed' || kind === 'removed' || kind === 'undecided' || kind === 'red') {
		merges.mergeQueue.missingUntil = 0;
		record.setBanner(MISSING_BANNER, undefined);
	}
	if (kind !== 'red') return;
	const base = task.candidateBase;
	merges.mergeQueue.triedOnFailingBase.set(task.id, {base, commit: task.commit});
	if (record.team().control.failingBase === base) return;
	const run = attempt.tested.get(base)?.at(-1);
	const failingWhy = cleanText(`\`${facts.config.test ?? ''}\` fails there too${run ? ` (${tellRun(run)})` : ''}`, 200);
	await link.retryUntilWritten(() => link.coordination.control({failingBase: base, failingWhy}, ''));
	await link.coordination.appendEvent({
		type: 'base_failing',
		task: task.id,
		agent: attempt.agent.id,
		text: `${facts.base} is failing: ${text}`,
	});
};

/** Records the verdict for later reading. */
const tell = async ({link}: Pick<Room, 'link'>, {task, agent}: Attempt, {kind, text}: TestVerdict): Promise<void> => {
	const about = {task: task.id, agent: agent.id, text: cleanText(text, 300)};
	if (kind === 'removed') await link.coordination.appendEvent({type: 'entry_removed', ...about});
	else if (kind === 'passed' && text.includes('flaky'))
		await link.coordination.appendEvent({type: 'test_flaky', ...about, text: 'failed once, then passed'});
};

const HELD_WORDS: Readonly<Partial<Record<TestVerdict['kind'], string>>> = {
	killed: 'retested: ',
	red: 'waits for a passing base branch: ',
	missing: 'merge blocked: ',
};

/** The test program has ended, by itself or by the room: the task continues, returns, or stays in the merge queue with its failure. */
export const finishTest = (room: Room, attempt: Attempt, ended: Ended): Promise<void> =>
	concluding(room, attempt, async () => {
		const {task, token, agent} = attempt;
		const verdict = judgeTest(await evidenceOf(room, attempt, ended));
		const {kind} = verdict;
		if (kind === 'passed') notePassed(room, task.candidate);
		// Before the task is ready again, so that it is not started without what is known now.
		await spread(room, attempt, verdict);
		const reason = cleanText(verdict.text, 300);
		const words = HELD_WORDS[kind];
		const feedback: Record<string, string> = kind === 'undecided' ? {feedback: verdict.feedback} : {};
		const written =
			kind === 'passed' || kind === 'removed'
				? await complete(room, attempt, verdict)
				: await room.link.retryUntilWritten(() =>
						room.link.coordination.release({
							task: task.id,
							token,
							reason,
							to: task.assigned,
							fields: {...verdict.fields, ...feedback, ...(words ? {waitReason: `${words}${reason}`} : {})},
						}),
					);
		forgetBuilt(room, task.id, token);
		if (written === 'stale') {
			room.slots.pane(agent.id)?.say('test superseded: result ignored');
			return;
		}
		if (written === 'ok' || written === 'failed') await tell(room, attempt, verdict);
		if (kind === 'crashed') await restAfterCrash(room, agent.id, reason);
		else forgive(room, agent.id);
	});
