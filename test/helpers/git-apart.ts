import {startGitProcess} from '../../source/git/process/worker.ts';
import {node, programFile} from './program.ts';

let end: (() => void) | undefined;

/**
 * As in a room that is a process of its own, git runs through a small process from now on: one for all that a test file opens. A worker is
 * five times as large, and each git that it starts itself costs it as much more.
 */
export const letGitRunApart = (): void => {
	end ??= startGitProcess({node, programFile});
};

/** Git runs in this process again. */
export const letGitRunHere = (): void => {
	end?.();
	end = undefined;
};
