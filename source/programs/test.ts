import {execFile} from 'node:child_process';
import {stat} from 'node:fs/promises';
import {setTimeout as wait} from 'node:timers/promises';
import {promisify} from 'node:util';
import type {AskedOfTester, Reply, Report} from '../core/protocol/request.ts';
import {passedUpTo} from '../core/queue/batch.ts';
import {isPass, tellRun} from '../core/task/test-run.ts';
import type {TestRun} from '../core/task/test-run-schema.ts';
import {callRoom, oneLine, shortCommit} from './call-room.ts';
import {type GroupEnd, runInGroup} from './process-group.ts';
import {markSetUp, needsSetup, setupState} from './setup-once.ts';

/** Exit codes; only `FAILED` counts against the task. */
const PASSED = 0;
export const FAILED = 1;
export const COULD_NOT_RUN = 75;

const DEFAULT_TIMEOUT_MS = 1_800_000;
const ROOM_TIMEOUT_MS = 15_000;

/** The environment without the room's variables: token and socket are secret. */
const commandEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
	Object.fromEntries(
		Object.entries(environment).filter(
			([name]) => !/^AGENT_ROOM_(TOKEN|SOCKET|TEST|SETUP|REDIS|CLONE|REPOSITORY|BASE_ONLY|SANDBOX)/.test(name),
		),
	);

/** A shell exits with 137 for a killed command, 127 if it is missing, 126 if not executable. */
const asRun = (end: GroupEnd): TestRun => {
	// A sandbox exits with a code if a signal ended its command.
	const exit = end.endedBy !== undefined && (end.exitCode ?? 0) > 128 ? -1 : (end.exitCode ?? -1);
	const how =
		end.endedBy === 'timeout' ? 'timeout' : end.signal || exit === 137 ? 'killed' : exit === 127 || exit === 126 ? 'missing' : 'exit';
	return {exit, ms: Math.round(end.ms), end: how};
};

/** Runs of one commit; the last one counts. Undefined if nothing could run, which is the room's fault. */
type Runs = readonly TestRun[] | undefined;

type Bench = {
	readonly worktree: string;
	readonly environment: NodeJS.ProcessEnv;
	readonly write: (text: string) => void;
	readonly stop: AbortSignal;
	readonly killAfterMs: number | undefined;
};

/** The sandbox's wrapper command, [] for none. Throws an Error if it is unreadable: nothing runs unsandboxed then. */
const prefixIn = ({AGENT_ROOM_SANDBOX: prefix}: NodeJS.ProcessEnv): readonly string[] => {
	if (!prefix) return [];
	const words: unknown = JSON.parse(prefix);
	if (!Array.isArray(words)) throw new Error('cannot read the sandbox of the tests');
	return words.map(String);
};

/** The sandbox's error if it cannot even run `true`; '' if it works. */
const sandboxProblem = async (prefix: readonly string[], {worktree, environment}: Bench): Promise<string> => {
	const [program = '', ...args] = [...prefix, 'true'];
	return promisify(execFile)(program, args, {cwd: worktree, env: commandEnvironment(environment), timeout: ROOM_TIMEOUT_MS}).then(
		() => '',
		(error: {stderr?: string; message: string}) => oneLine((error.stderr || error.message).trim(), 300),
	);
};

const runOnce = async (command: string, what: string, bench: Bench): Promise<TestRun | undefined> => {
	const prefix = prefixIn(bench.environment);
	const [program = 'sh', ...args] = [...prefix, 'sh'];
	// The owner's own command from the config: the only string here that a shell reads.
	const end = await runInGroup({
		command: [program, ...args, '-c', command],
		cwd: bench.worktree,
		environment: commandEnvironment(bench.environment),
		timeoutMs: Number(bench.environment.AGENT_ROOM_TEST_TIMEOUT_MS) || DEFAULT_TIMEOUT_MS,
		stop: bench.stop,
		...(bench.killAfterMs === undefined ? {} : {killAfterMs: bench.killAfterMs}),
	});
	if (end.error !== undefined || end.endedBy === 'stopped') {
		bench.write(`✗ ${what}could not run: ${oneLine(end.error ?? 'stopped before it ended')}\n`);
		return undefined;
	}
	const run = asRun(end);
	// A broken sandbox is not the candidate's fault.
	const problem = isPass(run) || prefix.length === 0 ? '' : await sandboxProblem(prefix, bench);
	if (problem !== '') {
		bench.write(`✗ ${what}could not run: the sandbox no longer works: ${problem}\n`);
		return undefined;
	}
	if (what === '' || !isPass(run)) bench.write(`${isPass(run) ? '✓' : '✗'} ${what}${tellRun(run)}\n`);
	return run;
};

/** Runs `setup` if needed, then the tests. A failing `setup` is a failed run. */
const setUpAndRun = async (bench: Bench): Promise<TestRun | undefined> => {
	const {AGENT_ROOM_TEST: test = '', AGENT_ROOM_SETUP: setup = ''} = bench.environment;
	if (setup.trim() !== '') {
		const state = await setupState(bench.worktree, setup);
		if (await needsSetup(bench.worktree, state)) {
			bench.write(`Setting up the worktree: ${oneLine(setup)}\n`);
			const run = await runOnce(setup, 'setup: ', bench);
			if (!run || !isPass(run)) return run;
			await markSetUp(bench.worktree, state);
		}
	}
	return runOnce(test, '', bench);
};

/**
 * Runs a failed test again on the same worktree: if it then passes it is flaky, and reported so. A hang, a kill or a missing command is not
 * retried.
 */
const runTwice = async (bench: Bench): Promise<Runs> => {
	const first = await setUpAndRun(bench);
	if (!first) return undefined;
	const mayRetry = bench.environment.AGENT_ROOM_TEST_RETRY !== '0' && first.end === 'exit' && first.exit !== 0;
	if (!mayRetry) return [first];
	bench.write('Running again to check whether it is flaky.\n');
	const second = await setUpAndRun(bench);
	return second && [first, second];
};

const lastOf = (runs: readonly TestRun[]): TestRun => runs.at(-1) ?? {exit: -1, ms: 0, end: 'killed'};

const codeOf = (runs: Runs): number => {
	if (!runs || lastOf(runs).end === 'killed') return COULD_NOT_RUN;
	return isPass(lastOf(runs)) ? PASSED : FAILED;
};

/** Reports a commit's runs; the reply may ask for a test of the base. Without a room the exit code must do. */
const tell = async (bench: Bench, commit: string, runs: Runs): Promise<Reply | undefined> => {
	if (!runs || !bench.environment.AGENT_ROOM_SOCKET) return undefined;
	const report: Report = {kind: 'tested', commit, runs: [...runs]};
	return callRoom(bench.environment, report, AbortSignal.timeout(ROOM_TIMEOUT_MS)).catch(error => {
		bench.write(`(cannot report it to the room: ${oneLine(String(error))})\n`);
		return undefined;
	});
};

/** What the room asks to test next: the base, or another commit of the batch; or to ask again, since an entry ahead is still tested. */
const asked = (reply: Reply | undefined): AskedOfTester => (reply?.ok ? (reply.data as AskedOfTester | undefined) : undefined) ?? {};

/** Puts another commit into the same worktree. */
const placeCommit = async (bench: Bench, commit: string): Promise<void> => {
	const {AGENT_ROOM_REPOSITORY: root = '.', AGENT_ROOM_CLONE: folder = '', AGENT_ROOM_BASE: base = ''} = bench.environment;
	// Rare and heavy: other runs start without git's modules.
	const [{openGuardian}, {openRepository}] = await Promise.all([
		import('../git/guardian/guardian.ts'),
		import('../git/repository/repository.ts'),
	]);
	const guardian = await openGuardian({repository: await openRepository(root), folder, base});
	await guardian.prepareTestTree({candidate: commit, folder: bench.worktree});
};

/** Tests the base alone in the same worktree: did it fail before the candidate? */
const testBase = async (bench: Bench, commit: string): Promise<void> => {
	const {AGENT_ROOM_BASE: base = ''} = bench.environment;
	bench.write(`Testing ${oneLine(base)} itself at ${shortCommit(commit)}: was it failing before?\n`);
	await placeCommit(bench, commit);
	await tell(bench, commit, await runTwice(bench));
};

/** How often the room is asked whether an entry ahead is decided, ms. */
const AGAIN_MS = 1000;

/**
 * Tests what the room asks for until it knows which task of a failed batch fails. Returns the exit code: which place of the batch was the
 * last to pass before the failure, or FAILED for none.
 */
const narrow = async (bench: Bench, first: string, firstRuns: Runs): Promise<number> => {
	let commit = first;
	let runs = firstRuns;
	let place = 0;
	let passed = 0;
	for (;;) {
		if (codeOf(runs) === COULD_NOT_RUN) await tell(bench, commit, runs);
		if (codeOf(runs) === COULD_NOT_RUN) return passed === 0 ? COULD_NOT_RUN : passedUpTo(passed);
		if (place > 0 && codeOf(runs) === PASSED) passed = place;
		let next = asked(await tell(bench, commit, runs));
		if (next.wait) bench.write('Waiting for the entries ahead: one of them may be the cause.\n');
		while (next.wait && !bench.stop.aborted) {
			await wait(AGAIN_MS, undefined, {signal: bench.stop}).catch(() => undefined);
			next = asked(await tell(bench, commit, runs));
		}
		if (next.testBase) await testBase(bench, next.testBase);
		if (!next.testCommit || !next.place || bench.stop.aborted) return passed === 0 ? FAILED : passedUpTo(passed);
		bench.write(`The tasks fail together. Testing the first ${next.place} at ${shortCommit(next.testCommit)}.\n`);
		await placeCommit(bench, next.testCommit);
		[commit, place] = [next.testCommit, next.place];
		runs = await runTwice(bench);
	}
};

/** The log's first line names what was tested, on what base and how. */
const headLine = (environment: NodeJS.ProcessEnv): string => {
	const part = (name: string): string => shortCommit(oneLine(environment[name] ?? ''));
	const on = part('AGENT_ROOM_CANDIDATE_BASE');
	const task = oneLine(environment.AGENT_ROOM_TESTED || environment.AGENT_ROOM_TASK || '', 200) || 'the merge candidate';
	return `Testing ${task} at ${part('AGENT_ROOM_CANDIDATE') || 'HEAD'}${on ? ` on ${on}` : ''}: ${oneLine(environment.AGENT_ROOM_TEST ?? '')}\n`;
};

/**
 * The Test runner's program: runs the owner's test command in the candidate's worktree, reports the runs, and tests the base if the room
 * asks.
 * Returns 0 passed, 1 failed (also timeout), 100 and more for a batch that passed up to that place and fails at the next, 75 could not run: no worktree or command, killed, or stopped from outside; that is the room's
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
	const bench: Bench = {worktree, environment, write, stop: stop.signal, killAfterMs};
	try {
		// The candidate already failed; only the base is left to test.
		if (baseOnly !== '') {
			await testBase(bench, baseOnly);
			return FAILED;
		}
		write(headLine(environment));
		const runs = await runTwice(bench);
		const candidate = environment.AGENT_ROOM_CANDIDATE ?? '';
		if (codeOf(runs) === FAILED) return await narrow(bench, candidate, runs);
		await tell(bench, candidate, runs);
		return codeOf(runs);
	} catch (error) {
		write(`✗ ${oneLine(error instanceof Error ? error.message : String(error), 500)}\n`);
		return COULD_NOT_RUN;
	} finally {
		for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.off(signal, onSignal);
	}
};
