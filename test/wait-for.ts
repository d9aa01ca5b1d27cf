import {until} from './helpers/wait.ts';

/** Polls until `look` gives something truthy and returns it; fails at the deadline with the sentence that did not come true. */
export const waitFor = <T>(sentence: string, look: () => T | Promise<T>, forMs = 30_000): Promise<NonNullable<T>> =>
	until(look, {timeoutMs: forMs, everyMs: 10, what: `this to be true: ${sentence}`});
