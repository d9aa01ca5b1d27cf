import {execFile} from 'node:child_process';
import {stat} from 'node:fs/promises';
import {promisify} from 'node:util';
import type {Reply, Report} from '../core/protocol/request.ts';
import {isPass, tellRun} from '../core/task/test-run.ts';
import type {TestRun} from '../core/task/test-run-schema.ts';
import {callRoom, oneLine, shortCommit} from './call-room.ts';
import {type GroupEnd, runInGroup} from './process-group.ts';
import {markSetUp, needsSetup, setupState} from './setup-once.ts';

/** Exit codes of the program: the room counts only `FAILED` against the task. */
const PASSED = 0;
export const FAILED = 1;
export const COULD_NOT_RUN = 75;

const DEFAULT_TIMEOUT_MS = 1_800_000;
const ROOM_TIMEOUT_MS = 15_000;

/** What the owner's command gets to see: everything but the room's own words, whose token and socket are secrets. */
const commandEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
	Object.fromEntries(
		Object.entries(environment).filter(
			([name]) => !/^AGENT_ROOM_(TOKEN|SOCKET|TEST|SETUP|REDIS|CLONE|REPOSITORY|BASE_ONLY|SANDBOX)/.test(name),
		),
	);

/** A shell says 137 for a command that was killed, 127 and 126 for one that is not there or cannot be executed. */
const asRun = (end: GroupEnd): TestRun => {
	// Around a command that was ended by a signal a sandbox ends with a code.
	const exit = end.endedBy !== undefined && (end.exitCode ?? 0) > 128 ? -1 : (end.exitCode ?? -1);
	const how =
		end.endedBy === 'timeout' ? 'timeout' : end.signal || exit === 137 ? 'killed' : exit === 127 || exit === 126 ? 'missing' : 'exit';
	return {exit, ms: Math.round(end.ms), end: how};
};

/** The runs of one commit: the last one counts. Undefined if nothing could be run, which is the room's fault. */
type Runs = readonly TestRun[] | undefined;

type Bench = {
	readonly worktree: string;
	readonly environment: NodeJS.ProcessEnv;
	readonly write: (text: string) => void;
	readonly stop: AbortSignal;
	readonly killAfterMs: number | undefined;
};

/** The beginning of a command that surrounds it, [] for none. Throws an Error where that cannot be read: nothing runs without it then. */
const prefixIn = ({AGENT_ROOM_SANDBOX: prefix}: NodeJS.ProcessEnv): readonly string[] => {
	if (!prefix) return [];
	const words: unknown = JSON.parse(prefix);
	if (!Array.isArray(words)) throw new Error('cannot read the sandbox of the tests');
	return words.map(String);
};

/** What the sandbox says when it does not even run `true`; '' if it does. */
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
	// The command is the owner's own, trusted text from the config: the one string of this program that a shell reads.
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
	// A sandbox that works no more is not the fault of what was to be tested in it.
	const problem = isPass(run) || prefix.length === 0 ? '' : await sandboxProblem(prefix, bench);
	if (problem !== '') {
		bench.write(`✗ ${what}could not run: the sandbox no longer works: ${problem}\n`);
		return undefined;
	}
	if (what === '' || !isPass(run)) bench.write(`${isPass(run) ? '✓' : '✗'} ${what}${tellRun(run)}\n`);
	return run;
};

/** `setup` where the tree needs it, then the tests. A `setup` that fails is a run that fails. */
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
 * A failure is looked at once more on the same tree: passes it then, it is flaky, and said to be. What hung is not given the time again; what was
 * killed or is not there fails the same way.
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

/** Tells the room of the runs of a commit; the answer may ask for the tests of the base. Without a room the exit code has to say it. */
const tell = async (bench: Bench, commit: string, runs: Runs): Promise<Reply | undefined> => {
	if (!runs || !bench.environment.AGENT_ROOM_SOCKET) return undefined;
	const report: Report = {kind: 'tested', commit, runs: [...runs]};
	return callRoom(bench.environment, report, AbortSignal.timeout(ROOM_TIMEOUT_MS)).catch(error => {
		bench.write(`(cannot report it to the room: ${oneLine(String(error))})\n`);
		return undefined;
	});
};

const askedBase = (reply: Reply | undefined): string => {
	const asked = reply?.ok ? (reply.data as {testBase?: unknown} | undefined)?.testBase : undefined;
	return typeof asked === 'string' ? asked : '';
};

/** The same tests on the base alone, in the same tree: was it red before the candidate came? */
const testBase = async (bench: Bench, commit: string): Promise<void> => {
	const {AGENT_ROOM_REPOSITORY: root = '.', AGENT_ROOM_CLONE: folder = '', AGENT_ROOM_BASE: base = ''} = bench.environment;
	// Seldom needed and heavy: every other run starts without git's parts.
	const [{openGuardian}, {openRepository}] = await Promise.all([
		import('../git/guardian/guardian.ts'),
		import('../git/repository/repository.ts'),
	]);
	bench.write(`Testing ${oneLine(base)} itself at ${shortCommit(commit)}: was it failing before?\n`);
	const guardian = await openGuardian({repository: await openRepository(root), folder, base});
	await guardian.prepareTestTree({candidate: commit, folder: bench.worktree});
	await tell(bench, commit, await runTwice(bench));
};

/** Two trees of candidates are never mixed up: the first line of every log says what was tested, on what, and how. */
const headLine = (environment: NodeJS.ProcessEnv): string => {
	const part = (name: string): string => shortCommit(oneLine(environment[name] ?? ''));
	const on = part('AGENT_ROOM_CANDIDATE_BASE');
	const task = oneLine(environment.AGENT_ROOM_TASK ?? '', 60) || 'the merge candidate';
	return `Testing ${task} at ${part('AGENT_ROOM_CANDIDATE') || 'HEAD'}${on ? ` on ${on}` : ''}: ${oneLine(environment.AGENT_ROOM_TEST ?? '')}\n`;
};

/**
 * The test orchestrator's program: runs the owner's one test command on the worktree that stands at the candidate, on this terminal.
 * Answers 0 passed, 1 failed (also on timeout), 75 could not run, which is the room's fault and costs no attempt: no worktree, no
 * command, nothing to run it with, killed, or stopped from outside. How it went is reported besides, and where the room then asks for it, the base
 * is tested in the same tree.
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
		// Its candidate has failed already; only the base is left to be looked at.
		if (baseOnly !== '') {
			await testBase(bench, baseOnly);
			return FAILED;
		}
		write(headLine(environment));
		const runs = await runTwice(bench);
		const reply = await tell(bench, environment.AGENT_ROOM_CANDIDATE ?? '', runs);
		const base = codeOf(runs) === FAILED ? askedBase(reply) : '';
		if (base !== '') await testBase(bench, base);
		return codeOf(runs);
	} catch (error) {
		write(`✗ ${oneLine(error instanceof Error ? error.message : String(error), 500)}\n`);
		return COULD_NOT_RUN;
	} finally {
		for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.off(signal, onSignal);
	}
};
