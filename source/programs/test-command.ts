import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {isPass, tellRun} from '../core/task/test-run.ts';
import type {TestRun} from '../core/task/test-run-schema.ts';
import {asRun, commandEnvironment} from '../core/task/test-start.ts';
import {oneLine} from './call-room.ts';
import {type GroupEnd, runInGroup} from './process-group.ts';

const DEFAULT_TIMEOUT_MS = 1_800_000;
const SANDBOX_MS = 15_000;

/** Where commands of tests run. */
export type Bench = {
	readonly worktree: string;
	/** The commit whose files are there. */
	readonly commit: string;
	readonly environment: NodeJS.ProcessEnv;
	readonly write: (text: string) => void;
	readonly stop: AbortSignal;
	readonly killAfterMs: number | undefined;
};

const runOf = ({exitCode, signal, endedBy, ms}: GroupEnd): TestRun =>
	asRun({exitCode: signal ? undefined : (exitCode ?? undefined), isTimeout: endedBy === 'timeout', ms});

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
	return promisify(execFile)(program, args, {cwd: worktree, env: commandEnvironment(environment), timeout: SANDBOX_MS}).then(
		() => '',
		(error: {stderr?: string; message: string}) => oneLine((error.stderr || error.message).trim(), 300),
	);
};

/** Time limit of one command, ms. */
const limitIn = ({AGENT_ROOM_TEST_TIMEOUT_MS: limit}: NodeJS.ProcessEnv): number => Number(limit) || DEFAULT_TIMEOUT_MS;

/** Only the owner's own commands, and what their `affected` prints, are read by a shell. */
const inGroup = (command: string, bench: Bench, more: {readonly timeoutMs: number; readonly feed?: {input: string; most: number}}) => {
	const [program = 'sh', ...args] = [...prefixIn(bench.environment), 'sh'];
	return runInGroup({
		command: [program, ...args, '-c', command],
		cwd: bench.worktree,
		environment: commandEnvironment(bench.environment),
		stop: bench.stop,
		...(bench.killAfterMs === undefined ? {} : {killAfterMs: bench.killAfterMs}),
		...more,
	});
};

/** Says how a run ended. Undefined if the sandbox no longer works: that is not the candidate's fault. */
export const tellEnd = async (run: TestRun, what: string, bench: Bench): Promise<TestRun | undefined> => {
	const prefix = prefixIn(bench.environment);
	const problem = isPass(run) || prefix.length === 0 ? '' : await sandboxProblem(prefix, bench);
	if (problem !== '') {
		bench.write(`✗ ${what}could not run: the sandbox no longer works: ${problem}\n`);
		return undefined;
	}
	if (what === '' || !isPass(run)) bench.write(`${isPass(run) ? '✓' : '✗'} ${what}${tellRun(run)}\n`);
	return run;
};

/** Runs a command in the sandbox of the tests and says how it ended. Undefined if nothing could run, which is the room's fault. */
export const runOnce = async (command: string, what: string, bench: Bench): Promise<TestRun | undefined> => {
	const end = await inGroup(command, bench, {timeoutMs: limitIn(bench.environment)});
	if (end.error === undefined && end.endedBy !== 'stopped') return tellEnd(runOf(end), what, bench);
	bench.write(`✗ ${what}could not run: ${oneLine(end.error ?? 'stopped before it ended')}\n`);
	return undefined;
};

/** Runs a command with an input, and returns its run and what it prints, at most `most` characters; its errors go to the pane. */
export const askCommand = async (
	command: string,
	feed: {readonly input: string; readonly most: number; readonly timeoutMs: number},
	bench: Bench,
): Promise<{readonly run: TestRun; readonly output: string}> => {
	const end = await inGroup(command, bench, {timeoutMs: Math.min(feed.timeoutMs, limitIn(bench.environment)), feed});
	if (end.error !== undefined) throw new Error(end.error);
	return {run: runOf(end), output: end.output ?? ''};
};
