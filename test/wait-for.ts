import {setTimeout as wait} from 'node:timers/promises';

/** Polls until `look` gives something truthy and returns it; refuses after `forMs` with the sentence that did not come true. */
export const waitFor = async <T>(sentence: string, look: () => T | Promise<T>, forMs = 10_000): Promise<NonNullable<T>> => {
	const deadline = performance.now() + forMs;
	for (;;) {
		const value = await look();
		if (value) return value;
		if (performance.now() > deadline) throw new Error(`Still not true after ${forMs} ms: ${sentence}`);
		await wait(10);
	}
};
