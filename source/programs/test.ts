import {stat} from 'node:fs/promises';
import {oneLine, seconds, shortCommit} from './format.ts';
import {type GroupEnd, runInGroup} from './process-group.ts';
import {markSetUp, needsSetup, setupState} from './setup-once.ts';

/** Exit codes of the program: the room counts only `FAILED` against the task. */
const PASSED = 0;
export const FAILED = 1;
export const COULD_NOT_RUN = 75;

const DEFAULT_TIMEOUT_MS = 1_800_000;

/** What the owner's command gets to see: everything but the room's own words, whose token and socket are secrets. */
const commandEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
	Object.fromEntries(Object.entries(environment).filter(([name]) => !/^AGENT_ROOM_(TOKEN|SOCKET|TEST|SETUP|REDIS)/.test(name)));

const words = (end: GroupEnd): string =>
	end.endedBy === 'timeout'
		? `timed out after ${seconds(end.ms)}`
		: end.signal
			? `ended by ${end.signal} after ${seconds(end.ms)}`
			: `exit ${end.exitCode ?? '?'} after ${seconds(end.ms)}`;

/**
 * The test orchestrator's program: runs the owner's one test command on the worktree that stands at the candidate, on this terminal.
 * Answers 0 passed, 1 failed (also on timeout), 75 could not run, which is the room's fault and costs no attempt: no worktree, no
 * command, nothing to run it with, or stopped from outside. `setup` runs first where the worktree needs it; its failure is the candidate's.
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
	const {AGENT_ROOM_WORKTREE: worktree = '', AGENT_ROOM_TEST: test = '', AGENT_ROOM_SETUP: setup = ''} = environment;
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
	const timeoutMs = Number(environment.AGENT_ROOM_TEST_TIMEOUT_MS) || DEFAULT_TIMEOUT_MS;
	const stop = new AbortController();
	const onSignal = (): void => stop.abort();
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
	// The command is the owner's own, trusted text from the config: the one string of this program that a shell reads.
	const run = (command: string): Promise<GroupEnd> =>
		runInGroup({
			command: ['sh', '-c', command],
			cwd: worktree,
			environment: commandEnvironment(environment),
			timeoutMs,
			stop: stop.signal,
			...(killAfterMs === undefined ? {} : {killAfterMs}),
		});
	const step = async (command: string, what: string): Promise<number> => {
		const end = await run(command);
		const isRoomsFault = end.error !== undefined || end.endedBy === 'stopped';
		if (isRoomsFault) write(`✗ ${what}could not run: ${oneLine(end.error ?? 'stopped before it ended')}\n`);
		else if (end.exitCode === 0 && !end.endedBy) return PASSED;
		else write(`✗ ${what}${words(end)}\n`);
		return isRoomsFault ? COULD_NOT_RUN : FAILED;
	};

	try {
		const task = oneLine(environment.AGENT_ROOM_TASK ?? '', 60);
		write(
			`Testing ${task || 'the candidate'} at ${shortCommit(oneLine(environment.AGENT_ROOM_CANDIDATE ?? '')) || 'HEAD'}: ${oneLine(test)}\n`,
		);
		if (setup.trim() !== '') {
			const state = await setupState(worktree, setup);
			if (await needsSetup(worktree, state)) {
				write(`Setting up the worktree: ${oneLine(setup)}\n`);
				const code = await step(setup, 'setup: ');
				if (code !== PASSED) return code;
				await markSetUp(worktree, state);
			}
		}
		const startedAt = performance.now();
		const code = await step(test, '');
		if (code === PASSED) write(`✓ passed in ${seconds(performance.now() - startedAt)}\n`);
		return code;
	} finally {
		for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.off(signal, onSignal);
	}
};
