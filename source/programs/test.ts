import {stat} from 'node:fs/promises';
import {setTimeout as wait} from 'node:timers/promises';
import type {AskedOfTester, Reply, Report} from '../core/protocol/request.ts';
import {passedUpTo} from '../core/queue/batch.ts';
import {FLAKY_EXIT, isPass} from '../core/task/test-run.ts';
import type {TestRun} from '../core/task/test-run-schema.ts';
import {COULD_NOT_RUN, ranBefore, testHead} from '../core/task/test-start.ts';
import {beginSetup, needsSetup, setupState} from '../git/worktree/setup-once.ts';
import {allTests, testsFor} from './affected.ts';
import {callRoom, oneLine, shortCommit} from './call-room.ts';
import {type Bench, runOnce, tellEnd} from './test-command.ts';

/** Exit codes; only `FAILED` counts against the task. */
const PASSED = 0;
export const FAILED = 1;

const ROOM_TIMEOUT_MS = 15_000;

/** Runs of one commit; the last one counts. Undefined if nothing could run, which is the room's fault. */
type Runs = readonly TestRun[] | undefined;

/** Runs `setup` if needed; returns its failed run. 'ready': the tests may run. Undefined if nothing could run. */
const setUp = async (bench: Bench): Promise<TestRun | 'ready' | undefined> => {
	const {AGENT_ROOM_SETUP: setup = '', AGENT_ROOM_CLONE: clone = ''} = bench.environment;
	if (setup.trim() === '') return 'ready';
	const state = await setupState({clone, commit: bench.commit}, setup);
	if (!(await needsSetup(bench.worktree, state))) return 'ready';
	bench.write(`Setting up the worktree: ${oneLine(setup)}\n`);
	const succeeded = await beginSetup(bench.worktree, state);
	const run = await runOnce(setup, 'setup: ', bench);
	if (!run || !isPass(run)) return run;
	await succeeded();
	return 'ready';
};

/** Says once for each commit why all tests run although `affected` was asked. */
const tellProblem = (bench: Bench, problem: string): void => {
	if (problem !== '') bench.write(`✗ affected: ${problem}. Running all tests.\n`);
};

type Tests = Awaited<ReturnType<typeof testsFor>>;

/** Runs `setup` if needed, then the tests. A failing `setup` is a failed run. */
const setUpAndRun = async ({bench, choose}: Tests): Promise<TestRun | undefined> => {
	const ready = await setUp(bench);
	if (ready !== 'ready') return ready;
	const {command, isAffected} = await choose();
	const run = await runOnce(command, '', bench);
	return run && (isAffected ? {...run, isAffected} : run);
};

/**
 * Runs a failed test again on the same worktree: if it then passes it is flaky, and reported so. A hang, a kill or a missing command is not
 * retried. `ran`: how the first run ended that the room made itself.
 */
const runTwice = async (tests: Tests, ran?: TestRun): Promise<Runs> => {
	const {bench} = tests;
	const first = ran ? await tellEnd(ran, '', bench) : await setUpAndRun(tests);
	if (!first) return undefined;
	const mayRetry = bench.environment.AGENT_ROOM_TEST_RETRY !== '0' && first.end === 'exit' && first.exit !== 0;
	if (!mayRetry) return [first];
	bench.write('Running again to check whether it is flaky.\n');
	const second = await setUpAndRun(tests);
	return second && [first, second];
};

const runAll = (bench: Bench): Promise<Runs> => runTwice({bench, choose: async () => allTests(bench)});

/** `problem`: why all tests ran although `affected` was asked; '' without. */
type Tested = {readonly runs: Runs; readonly problem: string};

/** Runs the tests of the commit that was just put into the worktree: those that `affected` chooses for the change to `commit`, or all. */
const testChange = async (given: Bench, commit: string, ran?: TestRun): Promise<Tested> => {
	const tests = await testsFor(given, commit);
	let problem = '';
	const choose = async () => {
		const chosen = await tests.choose();
		if (problem === '') tellProblem(given, chosen.problem);
		problem = chosen.problem;
		return chosen;
	};
	const runs = await runTwice({...tests, choose}, ran);
	const last = runs?.at(-1);
	if (!last?.isAffected || last.end !== 'missing') return {runs, problem};
	problem = 'it printed a command that was not found';
	tellProblem(given, problem);
	return {runs: await runAll(given), problem};
};

const lastOf = (runs: readonly TestRun[]): TestRun => runs.at(-1) ?? {exit: -1, ms: 0, end: 'killed'};

const codeOf = (runs: Runs): number => {
	if (!runs || lastOf(runs).end === 'killed') return COULD_NOT_RUN;
	return isPass(lastOf(runs)) ? PASSED : FAILED;
};

/** For full tests of the base: a missing test command is no result, since it says nothing about the base. */
const wholeCode = (runs: Runs): number => {
	if (runs?.at(-1)?.end === 'missing') return COULD_NOT_RUN;
	return codeOf(runs) === PASSED && (runs?.length ?? 0) > 1 ? FLAKY_EXIT : codeOf(runs);
};

/** Reports a commit's runs; the reply may ask for a test of the base. Without a room the exit code must do. */
const tell = async (bench: Bench, commit: string, {runs, problem}: Tested): Promise<Reply | undefined> => {
	if (!runs || !bench.environment.AGENT_ROOM_SOCKET) return undefined;
	const report: Report = {kind: 'tested', commit, runs: [...runs], ...(problem === '' ? {} : {affectedProblem: problem})};
	return callRoom(bench.environment, report, AbortSignal.timeout(ROOM_TIMEOUT_MS)).catch(error => {
		bench.write(`(cannot report it to the room: ${oneLine(String(error))})\n`);
		return undefined;
	});
};

/** What the room asks to test next: the base, or another commit of the batch; or to ask again, since an entry ahead is still tested. */
const asked = (reply: Reply | undefined): AskedOfTester => (reply?.ok ? (reply.data as AskedOfTester | undefined) : undefined) ?? {};

/** Puts another commit into the same worktree. */
const placeCommit = async (bench: Bench, commit: string): Promise<Bench> => {
	const {AGENT_ROOM_REPOSITORY: root = '.', AGENT_ROOM_CLONE: folder = '', AGENT_ROOM_BASE: base = ''} = bench.environment;
	// Rare and heavy: other runs start without git's modules.
	const [{openGuardian}, {openRepository}] = await Promise.all([
		import('../git/guardian/guardian.ts'),
		import('../git/repository/repository.ts'),
	]);
	const guardian = await openGuardian({repository: await openRepository(root), folder, base});
	await guardian.prepareTestTree({candidate: commit, folder: bench.worktree});
	return {...bench, commit};
};

/**
 * Tests the base alone in the same worktree: did it fail before the candidate, whose affected tests failed, or all of its tests? Where the
 * affected tests fail on the base too, some may exist only with the change: then all tests of the base decide.
 */
const testBase = async (given: Bench, commit: string, hasAffected: boolean): Promise<void> => {
	const {AGENT_ROOM_BASE: base = '', AGENT_ROOM_CANDIDATE: candidate = commit} = given.environment;
	given.write(`Testing ${oneLine(base)} itself at ${shortCommit(commit)}: was it failing before?\n`);
	const bench = await placeCommit(given, commit);
	if (hasAffected) {
		const tested = await testChange(bench, candidate);
		const isDecided = !tested.runs || isPass(lastOf(tested.runs)) || !lastOf(tested.runs).isAffected;
		if (isDecided || bench.stop.aborted) return void (await tell(bench, commit, tested));
		bench.write(`They fail there too: running all tests of ${oneLine(base)}.\n`);
		await placeCommit(bench, commit);
	}
	await tell(bench, commit, {runs: await runAll(bench), problem: ''});
};

/** How often the room is asked whether an entry ahead is decided, ms. */
const AGAIN_MS = 1000;

/**
 * Tests what the room asks for until it knows which task of a failed batch fails. Returns the exit code: which place of the batch was the
 * last to pass before the failure, or FAILED for none.
 */
const narrow = async (bench: Bench, first: string, firstTested: Tested): Promise<number> => {
	let commit = first;
	let tested = firstTested;
	let place = 0;
	let passed = 0;
	for (;;) {
		if (codeOf(tested.runs) === COULD_NOT_RUN) await tell(bench, commit, tested);
		if (codeOf(tested.runs) === COULD_NOT_RUN) return passed === 0 ? COULD_NOT_RUN : passedUpTo(passed);
		if (place > 0 && codeOf(tested.runs) === PASSED) passed = place;
		let next = asked(await tell(bench, commit, tested));
		if (next.wait) bench.write('Waiting for the entries ahead: one of them may be the cause.\n');
		while (next.wait && !bench.stop.aborted) {
			await wait(AGAIN_MS, undefined, {signal: bench.stop}).catch(() => undefined);
			next = asked(await tell(bench, commit, tested));
		}
		if (next.testBase) await testBase(bench, next.testBase, tested.runs?.at(-1)?.isAffected === true);
		if (!next.testCommit || !next.place || bench.stop.aborted) return passed === 0 ? FAILED : passedUpTo(passed);
		bench.write(`The tasks fail together. Testing the first ${next.place} at ${shortCommit(next.testCommit)}.\n`);
		[commit, place] = [next.testCommit, next.place];
		tested = await testChange(await placeCommit(bench, commit), commit);
	}
};

/**
 * The Test runner's program: runs the owner's test command in the candidate's worktree, reports the runs, and tests the base if the room
 * asks.
 * Returns 0 passed, 1 failed, 3 flaky (of all tests on the base only) (also timeout), 100 and more for a batch that passed up to that place and fails at the next, 75 could not run: no worktree or command, killed, or stopped from outside; that is the room's
 * fault and costs no attempt.
 */
export const runTest = async ({
	environment,
	write,
	killAfterMs,
}: {
	readonly environment: NodeJS.ProcessEnv;
	readonly write: (text: string) => void;
	readonly killAfterMs?: number;
}): Promise<number> => {
	const {AGENT_ROOM_WORKTREE: worktree = '', AGENT_ROOM_TEST: test = '', AGENT_ROOM_BASE_ONLY: baseOnly = ''} = environment;
	const isFolder =
		worktree !== '' &&
		(await stat(worktree).then(
			entry => entry.isDirectory(),
			() => false,
		));
	if (!isFolder || test.trim() === '') {
		write(`✗ could not run: ${isFolder ? 'no test command is configured' : `there is no worktree at \`${oneLine(worktree)}\``}\n`);
		return COULD_NOT_RUN;
	}
	const stop = new AbortController();
	const onSignal = (): void => stop.abort();
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
	const candidate = environment.AGENT_ROOM_CANDIDATE ?? '';
	const bench: Bench = {worktree, commit: candidate, environment, write, stop: stop.signal, killAfterMs};
	try {
		// The candidate already failed; only the base is left to test.
		if (baseOnly !== '') {
			await testBase(bench, baseOnly, false);
			return FAILED;
		}
		const ran = ranBefore(environment);
		if (!ran) write(testHead(environment));
		const tested = await testChange(bench, candidate, ran);
		if (environment.AGENT_ROOM_TEST_WHOLE) return wholeCode(tested.runs);
		if (codeOf(tested.runs) === FAILED) return await narrow(bench, candidate, tested);
		await tell(bench, candidate, tested);
		return codeOf(tested.runs);
	} catch (error) {
		write(`✗ ${oneLine(error instanceof Error ? error.message : String(error), 500)}\n`);
		return COULD_NOT_RUN;
	} finally {
		for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.off(signal, onSignal);
	}
};
