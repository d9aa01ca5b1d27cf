import {spawn} from 'node:child_process';
import {hasProc, isEnded, procPids, statOf} from '../os/proc.ts';

export type GroupEnd = {
	/** null when a signal ended it. */
	readonly exitCode: number | null;
	readonly signal: string | null;
	/** Why it was ended from here: `timeout`, `stopped` (the caller's signal), or undefined when it ended by itself. */
	readonly endedBy: 'timeout' | 'stopped' | undefined;
	/** It could not be started at all, in words. */
	readonly error?: string;
	readonly ms: number;
};

const KILL_AFTER_MS = 3000;
const LOOK_EVERY_MS = 20;

/** False when no process of the group is left; signal 0 only looks. */
const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean => {
	try {
		process.kill(-pid, signal);
		return true;
	} catch {
		return false;
	}
};

/** Is anything of the group still running? A zombie that nobody has waited for yet does not count, where /proc can tell. */
const isGroupAlive = (pid: number): boolean => {
	if (!signalGroup(pid, 0)) return false;
	if (!hasProc) return true;
	return procPids().some(each => {
		const stat = statOf(each);
		return stat?.group === pid && !isEnded(stat);
	});
};

/**
 * Runs one command on the caller's terminal in a process group of its own and resolves when it has ended. On timeout or when `stop`
 * fires the whole group gets TERM, and KILL three seconds later. Whatever the command left running in its group (a server in the
 * background) is killed with it, so that nothing leaks into the next run.
 */
export const runInGroup = ({
	command,
	cwd,
	environment,
	timeoutMs,
	stop,
	killAfterMs = KILL_AFTER_MS,
}: {
	readonly command: readonly [string, ...string[]];
	readonly cwd: string;
	readonly environment: NodeJS.ProcessEnv;
	readonly timeoutMs: number;
	readonly stop: AbortSignal;
	readonly killAfterMs?: number;
}): Promise<GroupEnd> =>
	new Promise(resolve => {
		const startedAt = performance.now();
		const [program, ...args] = command;
		const child = spawn(program, args, {cwd, env: environment, stdio: 'inherit', detached: true});
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
		// A timer of Node holds at most 2^31-1 ms; a longer limit is as good as none.
		const timer = setTimeout(() => end('timeout'), Math.min(timeoutMs, 2_147_483_647));
		const onStop = (): void => end('stopped');
		stop.addEventListener('abort', onStop);
		const settle = (result: Pick<GroupEnd, 'exitCode' | 'signal' | 'error'>): void => {
			clearTimeout(timer);
			stop.removeEventListener('abort', onStop);
			const {pid} = child;
			// The shell may die of TERM before its children have tidied up: they keep the rest of their three seconds.
			const finish = (): void => {
				if (pid !== undefined && performance.now() < killAt && isGroupAlive(pid)) {
					setTimeout(finish, LOOK_EVERY_MS);
					return;
				}
				if (pid !== undefined) signalGroup(pid, 'SIGKILL');
				resolve({...result, endedBy, ms: performance.now() - startedAt});
			};
			finish();
		};
		child.once('error', error => {
			if (child.pid === undefined) settle({exitCode: null, signal: null, error: error.message});
		});
		child.once('exit', (exitCode, signal) => settle({exitCode, signal}));
		if (stop.aborted) onStop();
	});
