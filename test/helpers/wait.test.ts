import {availableParallelism, loadavg} from 'node:os';
import {expect, test} from 'vitest';
import {limitMs, until} from './wait.ts';

test('a limit is as given on a quiet machine, and longer by as much as a machine has more to do than cores', () => {
	const share = (loadavg()[0] ?? 0) / availableParallelism();
	const limit = limitMs(1000);
	expect(limit).toBeGreaterThanOrEqual(1000);
	// The load is another by the next look at it, once in five seconds.
	expect(limit).toBeGreaterThan(900 * Math.max(1, share));
});

test('what does not come true is named with the time that was waited for it', async () => {
	await expect(until(() => false, {timeoutMs: 30, everyMs: 5, what: () => 'rain'})).rejects.toThrow(/^Waited \d+ ms in vain for rain\.$/);
});
