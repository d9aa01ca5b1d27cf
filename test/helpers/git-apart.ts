import {startGitProcess} from '../../source/git/process/worker.ts';
import {node, programFile} from './program.ts';

let end: (() => Promise<void>) | undefined;
const ending = new Set<Promise<void>>();

/**
 * As in a room that is a process of its own, git runs through a small process from now on: one for all that a test file opens. A worker is
 * five times as large, and each git that it starts itself costs it as much more.
 */
export const letGitRunApart = (): void => {
	end ??= startGitProcess({node, programFile});
};

/** Git runs in this process again. */
export const letGitRunHere = (): void => {
	const isOver = end?.();
	end = undefined;
	if (!isOver) return;
	ending.add(isOver);
	void isOver.then(() => ending.delete(isOver));
};

/** The end of a test file: every small process has ended, and with it the git that it ran. One that hangs fails the file that it belongs to. */
export const gitApartHasEnded = async (): Promise<void> => {
	letGitRunHere();
	await Promise.all(ending);
};
