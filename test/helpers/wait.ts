import {availableParallelism, loadavg} from 'node:os';

/** What a limit of time is given on top: half a second; more on a machine that does much else. */
export const slackMs = (): number => 500 + 200 * Math.max(0, (loadavg()[0] ?? 0) - availableParallelism());

/** Polls until the condition gives something truthy and returns it; fails at the deadline saying what was waited for. */
export const until = async <T>(
	condition: () => T | Promise<T>,
	{
		timeoutMs = 30_000,
		everyMs = 20,
		what = 'the condition',
	}: {readonly timeoutMs?: number; readonly everyMs?: number; readonly what?: string | (() => string)} = {},
): Promise<NonNullable<T>> => {
	const deadline = performance.now() + timeoutMs;
	for (;;) {
		const value = await condition();
		if (value) return value;
		if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${typeof what === 'string' ? what : what()}.`);
		await new Promise(resolve => setTimeout(resolve, everyMs));
	}
};
