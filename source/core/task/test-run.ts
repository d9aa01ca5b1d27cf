import type {TestRun} from './test-run-schema.ts';

/**
 * How one run of the test command came to its end. exit: by itself. timeout: it took longer than `testTimeout`. killed: by a signal from elsewhere,
 * or with 137, which is how a shell tells that its command was (out of memory, say). missing: 127 or 126, there is no such command.
 */
export const RUN_ENDS = ['exit', 'timeout', 'killed', 'missing'] as const;

/** Did it pass? Only an exit of 0 by itself is a pass. */
export const isPass = ({end, exit}: TestRun): boolean => end === 'exit' && exit === 0;

const span = (ms: number): string => {
	if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
	const whole = Math.round(ms / 1000);
	return `${Math.floor(whole / 60)} min ${whole % 60} s`;
};

/** A failed run of which only a task's fields tell: exit code, -1 where there was none, and ms. */
export const tellFailure = (exit: number, ms: number): string => (exit < 0 ? `ended after ${span(ms)}` : tellRun({end: 'exit', exit, ms}));

/** One run in words: `exit 1 after 3.2 s`. */
export const tellRun = ({end, exit, ms}: TestRun): string => {
	switch (end) {
		case 'timeout':
			return `timed out after ${span(ms)}`;
		case 'killed':
			return `killed from outside after ${span(ms)} (out of memory?)`;
		case 'missing':
			return `the test command was not found (exit ${exit})`;
		default:
			return exit === 0 ? `passed in ${span(ms)}` : `exit ${exit} after ${span(ms)}`;
	}
};
