import {availableParallelism, loadavg} from 'node:os';

/** What a limit of time is given on top: half a second; more on a machine that does much else. */
export const slackMs = (): number => 500 + 200 * Math.max(0, (loadavg()[0] ?? 0) - availableParallelism());

/** A limit is that of a machine that does little else: with more to do than it has cores, what is waited for gets a smaller share of them. */
export const limitMs = (quietMs: number): number => quietMs * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

/** Processor time that `work` took in this process, ms: what others on this machine take of it counts for nothing. */
export const processorMs = (work: () => void): number => {
	const before = process.cpuUsage();
	work();
	const {user, system} = process.cpuUsage(before);
	return (user + system) / 1000;
};

/** Looks are processor time that what is waited for lacks: the longer it takes, the rarer they are. */
const pauseMs = (waitedMs: number): number => Math.min(20 + waitedMs / 25, 100);

/** Polls until the condition gives something truthy and returns it; fails at the deadline saying what was waited for. */
export const until = async <T>(
	condition: () => T | Promise<T>,
	{
		timeoutMs = 30_000,
		everyMs,
		what = 'the condition',
	}: {readonly timeoutMs?: number; readonly everyMs?: number; readonly what?: string | (() => string)} = {},
): Promise<NonNullable<T>> => {
	const began = performance.now();
	for (;;) {
		const value = await condition();
		if (value) return value;
		const waitedMs = performance.now() - began;
		if (waitedMs > limitMs(timeoutMs))
			throw new Error(`Waited ${Math.round(waitedMs)} ms in vain for ${typeof what === 'string' ? what : what()}.`);
		await new Promise(resolve => setTimeout(resolve, everyMs ?? pauseMs(waitedMs)));
	}
};
