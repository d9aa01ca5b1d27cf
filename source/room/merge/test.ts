import {basename} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type {AskedOfTester, Reply} from '../../core/protocol/request.ts';
import {nextStep} from '../../core/queue/batch.ts';
import {type Blame, blameFor, type MergeQueue} from '../../core/queue/merge-queue.ts';
import {nextRole, nextStage, PIPELINE} from '../../core/task/stages.ts';
import type {Task} from '../../core/task/task.ts';
import {isPass, tellRun} from '../../core/task/test-run.ts';
import type {TestRun} from '../../core/task/test-run-schema.ts';
import type {QueueEntry} from '../../git/guardian/prefix.ts';
import {isDiskFull} from '../../os/disk-full.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {concluding, forgive, restAfterCrash} from '../attempt/finish.ts';
import type {Attempt, Ended} from '../parts/attempt.ts';
import {forgetBuilt, freshMergeQueue, hasPassed, notePassed, standsOn} from '../parts/merge-queue.ts';
import {type Room, waysOf} from '../parts/parts.ts';
import {ok} from '../parts/replies.ts';
import {judgeBatch, judgeTest, type TestEvidence, type TestVerdict} from './test-verdict.ts';

/** The entries of a test run, each based on the one before: one, or a batch. */
const entriesOf = ({entries, task}: Attempt): readonly QueueEntry[] =>
	entries.length > 0 ? entries : [{task: task.id, candidate: task.candidate, testedCommit: ''}];

const isBatch = ({entries}: Attempt): boolean => entries.length > 1;

const runsOf = (attempt: Attempt): ReadonlyArray<readonly TestRun[]> =>
	entriesOf(attempt).map(({candidate}) => attempt.tested.get(candidate) ?? []);

/** Which places of the run are known to pass or fail; tests that were killed say nothing. */
const resultsOf = (attempt: Attempt): ReadonlyMap<number, boolean> =>
	new Map(
		runsOf(attempt).flatMap((runs, at) => {
			const last = runs.at(-1);
			return last === undefined || last.end === 'killed' ? [] : [[at + 1, isPass(last)] as const];
		}),
	);

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

const AFFECTED_BANNER = 'affected';

/** Says once why `affected` chooses no tests, until it does again. */
const showAffected = ({record}: Pick<Room, 'record'>, problem: string): void =>
	record.setBanner(
		AFFECTED_BANNER,
		problem === ''
			? undefined
			: {severity: 'warning', text: `\`affected\` of agent-room.yaml cannot be used: ${cleanText(problem, 200)}. All tests run instead.`},
	);

/**
 * Takes the program's report on a commit's tests. If the candidate's failure may be the base's fault, or there is no test command at all, the answer
 * asks to test what it is based on. Of a batch that failed, it asks for the next commit until it is known which entry fails.
 */
export const noteTested = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'merges'>,
	attempt: Attempt,
	{commit, runs, affectedProblem = ''}: {readonly commit: string; readonly runs: readonly TestRun[]; readonly affectedProblem?: string},
): Promise<Reply> => {
	const {candidateBase, id} = attempt.task;
	const isNew = attempt.tested.get(commit) === undefined;
	attempt.tested.set(commit, runs);
	const last = runs.at(-1);
	if (!last) return ok;
	// Whatever else changed later is not covered by the tests of one change.
	if (isPass(last) && !last.isAffected) notePassed(room, commit);
	if (affectedProblem !== '' || last.isAffected) showAffected(room, affectedProblem);
	if (!entriesOf(attempt).some(({candidate}) => candidate === commit) || last.end === 'killed') return ok;
	// The output of the next tests follows on the same screen; the program waits for this answer.
	if (!isPass(last) && isNew && isBatch(attempt)) attempt.lastLines = await endOfRun(room, attempt, tellRun(last));
	const step = nextStep(entriesOf(attempt).length, resultsOf(attempt));
	if (step.kind === 'passed') return ok;
	const {mergeQueue, head} = await freshMergeQueue(room);
	const blame = blameFor(mergeQueue, id, hasPassed(room, head));
	if (step.kind === 'test') return askNext(room, attempt, step.place, {mergeQueue, blame});
	if (step.place > 1) return ok;
	const isKnownRed = room.record.team().control.failingBase === head;
	const mustLook = (blame === 'base' && !isKnownRed) || (last.end === 'missing' && blame !== 'outdated');
	if (!mustLook) return ok;
	attempt.lastLines ??= await endOfRun(room, attempt, tellRun(last));
	return {...ok, data: {testBase: candidateBase} satisfies AskedOfTester};
};

/** Asks for the commit at this place of a batch. While an entry ahead is still tested, it may be the cause: the batch waits for that. */
const askNext = async (
	room: Pick<Room, 'link'>,
	attempt: Attempt,
	place: number,
	{mergeQueue, blame}: {readonly mergeQueue: MergeQueue; readonly blame: Blame},
): Promise<Reply> => {
	if (blame === 'outdated') return ok;
	const {agent, task, token} = attempt;
	const at = mergeQueue.entries.findIndex(entry => entry.task.id === task.id);
	const isUndecided = blame === 'undecided' && mergeQueue.entries.slice(0, at).some(({state}) => state === 'testing');
	if (isUndecided) return {...ok, data: {wait: true} satisfies AskedOfTester};
	const text = `failed together with ${entriesOf(attempt).length - 1} others: testing the first ${place}`;
	await room.link.coordination.progress({task: task.id, agent: agent.id, token}, {progress: text}, text);
	return {...ok, data: {testCommit: entriesOf(attempt)[place - 1]?.candidate ?? '', place} satisfies AskedOfTester};
};

/** What is known about the entry at `place` of a test run, 1 for the first: it is based on the one before. */
const evidenceOf = async (
	room: Pick<Room, 'facts' | 'record' | 'slots' | 'merges'>,
	attempt: Attempt,
	ended: Ended,
	place = 1,
): Promise<TestEvidence> => {
	const {agent} = attempt;
	const {mergeQueue, head} = await freshMergeQueue(room);
	const entries = entriesOf(attempt);
	const entry = entries[place - 1] ?? {task: attempt.task.id, candidate: attempt.task.candidate};
	const before = entries[place - 2];
	const known = room.record.team().tasks.get(entry.task) ?? attempt.task;
	return {
		ended,
		endReason: attempt.endReason,
		runs: attempt.tested.get(entry.candidate) ?? [],
		baseRuns: attempt.tested.get(before?.candidate ?? attempt.task.candidateBase) ?? [],
		candidate: entry.candidate,
		hasAffected: attempt.workspace.environment.AGENT_ROOM_AFFECTED !== undefined,
		blame: blameFor(mergeQueue, attempt.task.id, hasPassed(room, head)),
		on: before?.task ?? standsOn(room, attempt.task),
		isBaseRed: room.record.team().control.failingBase === head,
		kills: isBatch(attempt) ? 0 : (room.merges.mergeQueue.kills.get(entry.task) ?? 0),
		isDiskFull: isDiskFull(attempt.workspace.folder),
		removals: known.removals,
		flaky: known.flaky,
		log: basename(attempt.logFile),
		lastLines: attempt.lastLines ?? room.slots.pane(agent.id)?.screen.tail(FEEDBACK_LINES) ?? [],
	};
};

const complete = async (
	room: Pick<Room, 'facts' | 'link' | 'record'>,
	{agent, token}: Attempt,
	task: Task,
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
	task: Task,
	{kind, text}: TestVerdict,
): Promise<void> => {
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
	const base = attempt.task.candidateBase;
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
const tell = async ({link}: Pick<Room, 'link'>, {agent}: Attempt, {id}: Task, {kind, text}: TestVerdict): Promise<void> => {
	const about = {task: id, agent: agent.id, text: cleanText(text, 300)};
	if (kind === 'removed') await link.coordination.appendEvent({type: 'entry_removed', ...about});
	else if (kind === 'passed' && text.includes('flaky'))
		await link.coordination.appendEvent({type: 'test_flaky', ...about, text: 'failed once, then passed'});
};

const HELD_WORDS: Readonly<Partial<Record<TestVerdict['kind'], string>>> = {
	killed: 'retested: ',
	red: 'waits for a passing base branch: ',
	missing: 'merge blocked: ',
};

/** Writes the verdict on one entry: the task continues, returns, or stays in the merge queue with its failure. */
const writeVerdict = async (room: Room, attempt: Attempt, task: Task, verdict: TestVerdict): Promise<string> => {
	const {kind} = verdict;
	// Before the task is ready again, so that it is not started without what is known now.
	await spread(room, attempt, task, verdict);
	const reason = cleanText(verdict.text, 300);
	const words = HELD_WORDS[kind];
	const feedback: Record<string, string> = kind === 'undecided' ? {feedback: verdict.feedback} : {};
	const written =
		kind === 'passed' || kind === 'removed'
			? await complete(room, attempt, task, verdict)
			: await room.link.retryUntilWritten(() =>
					room.link.coordination.release({
						task: task.id,
						token: attempt.token,
						reason,
						to: task.assigned,
						fields: {...verdict.fields, ...feedback, ...(words ? {waitReason: `${words}${reason}`} : {})},
					}),
				);
	if (written === 'ok' || written === 'failed') await tell(room, attempt, task, verdict);
	return written;
};

/** The verdicts on all entries of a run, by place. */
const verdictsOf = async (room: Room, attempt: Attempt, ended: Ended): Promise<readonly TestVerdict[]> => {
	const first = await evidenceOf(room, attempt, ended);
	if (!isBatch(attempt)) return [judgeTest(first)];
	const results = resultsOf(attempt);
	const step = nextStep(entriesOf(attempt).length, results);
	const failing = step.kind === 'found' ? await evidenceOf(room, attempt, ended, step.place) : first;
	return judgeBatch({entries: entriesOf(attempt), runs: runsOf(attempt), results, first, failing});
};

/**
 * In which order verdicts are written: of those that passed the last one first, so that none waits to merge without it; then the one that
 * failed, so that no other is built on it; and the first entry last: with it the tester is free.
 */
const inOrder = (verdicts: readonly TestVerdict[]): ReadonlyArray<readonly [number, TestVerdict]> => {
	const all = [...verdicts.entries()];
	const rankOf = ([at, {kind}]: readonly [number, TestVerdict]): number =>
		at === 0 ? 3 : kind === 'passed' ? 0 : kind === 'removed' ? 1 : 2;
	return all.sort((a, b) => rankOf(a) - rankOf(b) || (rankOf(a) === 0 ? b[0] - a[0] : a[0] - b[0]));
};

/** The test program has ended, by itself or by the room: writes the verdict on each entry of its run. */
export const finishTest = (room: Room, attempt: Attempt, ended: Ended): Promise<void> =>
	concluding(room, attempt, async () => {
		const {agent} = attempt;
		const verdicts = await verdictsOf(room, attempt, ended);
		const [first] = verdicts;
		for (const [at, verdict] of inOrder(verdicts)) {
			const {task: id = '', candidate = ''} = entriesOf(attempt)[at] ?? {};
			const task = at === 0 ? attempt.task : room.record.team().tasks.get(id);
			if (verdict.kind === 'passed' && verdict.fields.testedCommit === candidate && verdict.fields.testedWith === '')
				notePassed(room, candidate);
			const written = task && (await writeVerdict(room, attempt, task, verdict));
			if (at === 0 && written === 'stale') room.slots.pane(agent.id)?.say('test superseded: result ignored');
			if (at === 0) forgetBuilt(room, attempt.token);
			if (at === 0 && written === 'stale') return;
		}
		if (first?.kind === 'crashed') await restAfterCrash(room, agent.id, cleanText(first.text, 300));
		else forgive(room, agent.id);
	});
