import type {TestRun} from './test-run-schema.ts';

/**
 * How a test run ended. exit: by itself. timeout: exceeded `testTimeout`. killed: by a foreign signal, or with 137, a shell's code for that
 * (such as out of memory). missing: 127 or 126, no such command.
 */
export const RUN_ENDS = ['exit', 'timeout', 'killed', 'missing'] as const;

/** Exit code of the program `test` in a run of all tests on the base that failed, and passed when it was run once more. */
export const FLAKY_EXIT = 3;

/** Only an exit code 0 passes. */
export const isPass = ({end, exit}: TestRun): boolean => end === 'exit' && exit === 0;

const span = (ms: number): string => {
	if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
	const whole = Math.round(ms / 1000);
	return `${Math.floor(whole / 60)} min ${whole % 60} s`;
};

/** Describes a failed run from a task's fields: exit code, -1 for none, and ms. */
export const tellFailure = (exit: number, ms: number): string => (exit < 0 ? `ended after ${span(ms)}` : tellRun({end: 'exit', exit, ms}));

/** Describes a run: `exit 1 after 3.2 s`. */
export const tellRun = ({end, exit, ms}: TestRun): string => {
	switch (end) {
		case 'timeout':
			return `timed out after ${span(ms)}`;
		case 'killed':
			return `killed by another process after ${span(ms)} (out of memory?)`;
		case 'missing':
			return `the test command was not found (exit ${exit})`;
		default:
			return exit === 0 ? `passed in ${span(ms)}` : `exit ${exit} after ${span(ms)}`;
	}
};
