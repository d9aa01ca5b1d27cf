import {tellRun} from '../../core/task/test-run.ts';
import type {TestRun} from '../../core/task/test-run-schema.ts';
import {asRun, COULD_NOT_RUN, commandEnvironment, RAN, testHead} from '../../core/task/test-start.ts';
import {oneLine} from '../../core/text/quote.ts';
import {needsSetup, setupState} from '../../git/worktree/setup-once.ts';
import {endTree} from '../../os/process-tree.ts';
import type {PaneProcess, ProcessEnd} from '../../pty/process.ts';
import type {LogFile} from '../team/output.ts';
import type {Pane, ProgramStart} from '../team/pane.ts';

/** How long a command that took too long may clean up, ms. */
const GRACE_MS = 3000;
/** Node's timers hold no more, ms. */
const LONGEST_MS = 2_147_483_647;
/** A longer list of files is left to the program, bytes: only the test waits for that. */
const MOST_LISTED = 1_000_000;
const CTRL_C = 0x03;
/**
 * The command has the pane's terminal for its output alone: what asks for input gets the end of it, and what watches files where someone sits (as vitest
 * does) runs once.
 */
const WITHOUT_INPUT = ['sh', '-c', 'exec sh -c "$1" </dev/null', 'sh'];

const NOT_RUN: ProcessEnd = {exitCode: COULD_NOT_RUN, signal: ''};

type Environment = Readonly<Record<string, string>>;

export type TestSources = {
	readonly pane: Pane;
	readonly log: LogFile;
	/** How the program `test` starts. */
	readonly program: ProgramStart;
	/** The sandbox of the owner's commands. */
	readonly prefix: readonly string[];
	/** The runs that are known, by commit. */
	readonly tested: Map<string, readonly TestRun[]>;
};

/** A test run: first the owner's command alone, then the program `test` if more is to do. It is one process for the room. */
export type TestProcess = PaneProcess & {
	/** Its time limit rests while it is stopped, and nothing new starts. */
	pause(): void;
	resume(): void;
	/** It is being ended: nothing new starts. */
	close(): void;
};

/**
 * Whether the first run is nothing but the test command. A setup, a choice of the tests and the base alone are the program's: they are rare, or
 * take longer than its start.
 */
export const isPlainRun = async (environment: Environment, folder: string): Promise<boolean> => {
	const {AGENT_ROOM_TEST: test = '', AGENT_ROOM_SETUP: setup = '', AGENT_ROOM_AFFECTED: affected = ''} = environment;
	const {AGENT_ROOM_CLONE: clone = '', AGENT_ROOM_CANDIDATE: commit = ''} = environment;
	if (test.trim() === '' || affected.trim() !== '' || environment.AGENT_ROOM_BASE_ONLY) return false;
	return setup.trim() === '' || !(await needsSetup(folder, await setupState({clone, commit}, setup, MOST_LISTED)));
};

/** A timer that can rest. */
const createLimit = (ms: number, onOver: () => void) => {
	let left = Math.min(ms, LONGEST_MS);
	let since = 0;
	let timer: NodeJS.Timeout | undefined;
	let isOver = false;
	const resume = (): void => {
		if (timer || isOver) return;
		since = performance.now();
		timer = setTimeout(() => {
			isOver = true;
			onOver();
		}, left);
	};
	const pause = (): void => {
		if (!timer) return;
		clearTimeout(timer);
		timer = undefined;
		left = Math.max(0, left - (performance.now() - since));
	};
	const end = (): void => {
		isOver = true;
		clearTimeout(timer);
	};
	resume();
	return {pause, resume, end};
};

const runOf = ({exitCode, signal}: ProcessEnd, isTimeout: boolean, ms: number): TestRun =>
	asRun({exitCode: signal === '' ? exitCode : undefined, isTimeout, ms});

/**
 * Starts a plain test run: the owner's command itself runs in the pane, without a program of ours beside it. If it passes, that is all. Otherwise the
 * program `test` continues in the same pane with how it ended: it looks at the sandbox, runs it again and tests what the room asks for. Throws
 * `ProcessRefused` if the command cannot start. Guarantee: what the command left running is gone before the program starts, and the program does not
 * start while the run is paused or once it is closed.
 */
export const startPlainRun = ({pane, log, program, prefix, tested}: TestSources): TestProcess => {
	const {env, marker} = program;
	const {AGENT_ROOM_TEST: test = '', AGENT_ROOM_CANDIDATE: candidate = '', AGENT_ROOM_TEST_TIMEOUT_MS: limitMs = ''} = env;
	const print = (text: string): void => {
		const bytes = Buffer.from(text.replaceAll('\n', '\r\n'));
		log.write(bytes);
		pane.print(bytes);
	};
	const startedAt = performance.now();
	const command = pane.start({...program, command: [...prefix, ...WITHOUT_INPUT, test], env: commandEnvironment(env)});
	print(testHead(env));
	let current = command;
	let isClosed = false;
	let resting: PromiseWithResolvers<void> | undefined;
	let timedOut: Promise<unknown> | undefined;
	let isInterrupted = false;
	const endCommand = (): Promise<unknown> => {
		const ending = endTree(command, marker, {graceMs: GRACE_MS});
		ending.catch(() => undefined);
		return ending;
	};
	const limit = createLimit(Number(limitMs) || LONGEST_MS, () => {
		timedOut = endCommand();
	});
	// In a sandbox its session is its own, and no key reaches it.
	const stopListening = pane.onTyped((_isEscape, bytes) => {
		if (!isInterrupted && bytes.includes(CTRL_C)) {
			isInterrupted = true;
			endCommand();
		}
		return false;
	});

	const goOn = async (run: TestRun): Promise<ProcessEnd> => {
		// The shell may have ended on SIGTERM before its children have cleaned up.
		await (timedOut ?? endTree(command, marker, {graceMs: 0}));
		while (resting && !isClosed) await resting.promise;
		if (isClosed) return NOT_RUN;
		current = pane.start({...program, env: {...env, [RAN]: JSON.stringify(run)}, isContinued: true});
		return new Promise(resolve => current.onEnd(resolve));
	};
	const conclude = (end: ProcessEnd): ProcessEnd | Promise<ProcessEnd> => {
		limit.end();
		stopListening();
		// A command may answer SIGTERM with exit code 0.
		if (isClosed) return NOT_RUN;
		const run = runOf(end, timedOut !== undefined, performance.now() - startedAt);
		if (isInterrupted) print('✗ could not run: stopped before it ended\n');
		if (isInterrupted) return NOT_RUN;
		if (run.end !== 'exit' || run.exit !== 0) return goOn(run);
		print(`✓ ${tellRun(run)}\n`);
		tested.set(candidate, [run]);
		return end;
	};
	const ended = new Promise<ProcessEnd>(resolve => command.onEnd(resolve)).then(conclude).catch((error: unknown): ProcessEnd => {
		print(`✗ could not run: ${oneLine(String(error))}\n`);
		return NOT_RUN;
	});

	return {
		get pid() {
			return current.pid;
		},
		get startTime() {
			return current.startTime;
		},
		marker,
		onData: listener => current.onData(listener),
		onEnd: listener => void ended.then(listener),
		write: bytes => current.write(bytes),
		resize: (columns, rows) => current.resize(columns, rows),
		pauseReading: () => current.pauseReading(),
		resumeReading: () => current.resumeReading(),
		pause: () => {
			resting ??= Promise.withResolvers();
			limit.pause();
		},
		resume: () => {
			resting?.resolve();
			resting = undefined;
			limit.resume();
		},
		close: () => {
			isClosed = true;
			limit.end();
			resting?.resolve();
		},
	};
};
