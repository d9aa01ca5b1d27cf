import {type GitRunner, runGitHere, runGitThrough} from '../../source/git/process/run.ts';
import {letGitRunHere} from './git-apart.ts';

/** The git commands that are run while something is done, by their names, in order. */
export const askedOfGit = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
	const asked: string[] = [];
	const runner: GitRunner = (folder, args, options) => {
		const at = args.findIndex((arg, index) => !arg.startsWith('-') && args[index - 1] !== '-c');
		asked.push(args[at] ?? '');
		return runGitHere(folder, args, options);
	};
	// A small process that becomes ready meanwhile would take the commands over.
	letGitRunHere();
	runGitThrough(runner);
	try {
		await work();
	} finally {
		runGitThrough(undefined, runner);
	}
	return asked;
};
