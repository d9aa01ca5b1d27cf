import type {Task} from './task.ts';

/**
 * The attempts of a task, the same in all places: `2 of 3` while it is open, `3 of 3 failed` once it has failed. Only failures count: a
 * run that was interrupted or resumed is the same attempt.
 */
export const attemptCount = ({state, failures, attempts}: Pick<Task, 'state' | 'failures' | 'attempts'>): string =>
	state === 'failed' ? `${failures} of ${attempts} failed` : `${Math.min(attempts, failures + 1)} of ${attempts}`;
