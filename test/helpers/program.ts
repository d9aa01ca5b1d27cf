import {type ChildProcess, spawn} from 'node:child_process';
import {dirname, join} from 'node:path';
import {onTestFinished} from 'vitest';

export const root = join(import.meta.dirname, '..', '..');
/** The room's own Node: the one that `node_modules/.bin` holds, whatever the machine's is. */
export const node = join(root, 'node_modules', '.bin', 'node');
/** The programs of panes and the small process of git, as they are built: from their sources each start costs twice as much. */
export const programFile = join(root, 'dist', 'program.js');

/** The environment of a program under test: nothing of the room, of git or of CI that the caller's shell may carry, and Node 24 first on the PATH. */
export const cleanEnvironment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
	const own = Object.entries(process.env).filter(
		([name]) => !/^(AGENT_ROOM_|GIT_|XDG_|VITEST|NODE_(?!COMPILE_CACHE)|NO_COLOR|FORCE_COLOR|TMUX|CI$)/.test(name),
	);
	return {...Object.fromEntries(own), PATH: `${dirname(node)}:${process.env.PATH ?? ''}`, ...more};
};

export type Ended = {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
};
export type Running = {readonly pid: number; readonly child: ChildProcess; readonly output: () => string; readonly ended: Promise<Ended>};

/** Starts a program with pipes; it is killed by its pid when the test ends. */
export const startProgram = (
	command: readonly [string, ...string[]],
	{cwd, env, input}: {readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly input?: string} = {},
): Running => {
	const [program, ...args] = command;
	const child = spawn(program, args, {
		cwd,
		env: env ?? cleanEnvironment(),
		stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
	});
	const {pid} = child;
	if (pid === undefined) throw new Error(`\`${program}\` could not be started.`);
	let stdout = '';
	let stderr = '';
	child.stdout?.setEncoding('utf8').on('data', (text: string) => {
		stdout += text;
	});
	child.stderr?.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	// One that ends without reading what it is given says in its own way whether that was right.
	child.stdin?.on('error', () => undefined).end(input);
	const ended = new Promise<Ended>(resolve => child.once('close', (code, signal) => resolve({code, signal, stdout, stderr})));
	onTestFinished(() => {
		if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
	});
	return {pid, child, output: () => stdout + stderr, ended};
};

/** Runs one of the room's programs, as the room starts it: from its source a start costs twice as much. */
export const startRoomProgram = (name: string, env: NodeJS.ProcessEnv, args: readonly string[] = []): Running =>
	startProgram([node, programFile, name, ...args], {env: cleanEnvironment(env)});
