import {type ChildProcess, type StdioOptions, spawn} from 'node:child_process';
import {hasProc, isEnded, procPids, statOf} from '../os/proc.ts';

export type GroupEnd = {
	/** null after a signal. */
	readonly exitCode: number | null;
	readonly signal: string | null;
	/** `timeout`, `stopped` (by `stop`), or undefined if it ended by itself. */
	readonly endedBy: 'timeout' | 'stopped' | undefined;
	readonly error?: string;
	readonly ms: number;
	/** What it printed, if it was fed. */
	readonly output?: string;
};

const KILL_AFTER_MS = 3000;
const LOOK_EVERY_MS = 20;

/** False if the group has no process; signal 0 only checks. */
const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean => {
	try {
		process.kill(-pid, signal);
		return true;
	} catch {
		return false;
	}
};

/** Whether the group has a running process. Zombies do not count if there is a /proc. */
const isGroupAlive = (pid: number): boolean => {
	if (!signalGroup(pid, 0)) return false;
	if (!hasProc) return true;
	return procPids().some(each => {
		const stat = statOf(each);
		return stat?.group === pid && !isEnded(stat);
	});
};

/** Feeds a process its input and resolves with the beginning of its output, once all who hold that have ended. */
const readPrinted = ({stdin, stdout}: ChildProcess, {input, most}: {readonly input: string; readonly most: number}): Promise<string> =>
	new Promise(resolve => {
		let output = '';
		// It may read nothing of its input.
		stdin?.on('error', () => undefined);
		stdin?.end(input);
		stdout?.setEncoding('utf8').on('data', (text: string) => {
			if (output.length < most) output = `${output}${text}`.slice(0, most);
		});
		stdout?.once('close', () => resolve(output));
	});

/**
 * Runs a command on the caller's terminal in its own process group and resolves when it ended. On timeout or `stop` the group gets SIGTERM,
 * and SIGKILL 3 s later. Leftover background processes are killed too, so that nothing leaks into the next run. `feed`: it reads `input`,
 * and at most `most` characters of what it prints are kept.
 */
export const runInGroup = ({
	command,
	cwd,
	environment,
	timeoutMs,
	stop,
	killAfterMs = KILL_AFTER_MS,
	feed,
}: {
	readonly command: readonly [string, ...string[]];
	readonly cwd: string;
	readonly environment: NodeJS.ProcessEnv;
	readonly timeoutMs: number;
	readonly stop: AbortSignal;
	readonly killAfterMs?: number;
	readonly feed?: {readonly input: string; readonly most: number};
}): Promise<GroupEnd> =>
	new Promise(resolve => {
		const startedAt = performance.now();
		const [program, ...args] = command;
		// No one answers it: what asks for input gets the end of it, and what watches where someone sits runs once.
		const stdio: StdioOptions = feed ? ['pipe', 'pipe', 'inherit'] : ['ignore', 'inherit', 'inherit'];
		const child = spawn(program, args, {cwd, env: environment, stdio, detached: true});
		const printed = feed ? readPrinted(child, feed) : undefined;
		let endedBy: GroupEnd['endedBy'];
		let killAt = 0;
		const end = (why: 'timeout' | 'stopped'): void => {
			if (endedBy || child.pid === undefined) return;
			const {pid} = child;
			endedBy = why;
			signalGroup(pid, 'SIGTERM');
			signalGroup(pid, 'SIGCONT');
			killAt = performance.now() + killAfterMs;
			setTimeout(() => signalGroup(pid, 'SIGKILL'), killAfterMs).unref();
		};
		// Node's timers hold at most 2^31-1 ms.
		const timer = setTimeout(() => end('timeout'), Math.min(timeoutMs, 2_147_483_647));
		const onStop = (): void => end('stopped');
		stop.addEventListener('abort', onStop);
		const settle = (result: Pick<GroupEnd, 'exitCode' | 'signal' | 'error'>): void => {
			clearTimeout(timer);
			stop.removeEventListener('abort', onStop);
			const {pid} = child;
			// The shell may exit on SIGTERM before its children have cleaned up: they keep the rest of the 3 s.
			const finish = (): void => {
				if (pid !== undefined && performance.now() < killAt && isGroupAlive(pid)) {
					setTimeout(finish, LOOK_EVERY_MS);
					return;
				}
				if (pid !== undefined) signalGroup(pid, 'SIGKILL');
				const ended = {...result, endedBy, ms: performance.now() - startedAt};
				if (printed === undefined || result.error !== undefined) resolve(ended);
				else void printed.then(output => resolve({...ended, output}));
			};
			finish();
		};
		child.once('error', error => {
			if (child.pid === undefined) settle({exitCode: null, signal: null, error: error.message});
		});
		child.once('exit', (exitCode, signal) => settle({exitCode, signal}));
		if (stop.aborted) onStop();
	});
