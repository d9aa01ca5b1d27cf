import type {GuardianPlace} from './clone.ts';
import {trailerValue} from './names.ts';
import {git} from './run.ts';

/** How far back on the first-parent line a landing is looked for. */
const DEPTH = 2000;

/**
 * The commit that landed a task: the newest on the first-parent line of the base with its `Room-Task:` trailer. The repository is the
 * record: this holds however Redis or the room came to an end.
 */
export const landedCommit = async (
	{repository, base}: Pick<GuardianPlace, 'repository' | 'base'>,
	task: string,
): Promise<string | undefined> => {
	const format = '--format=%H %(trailers:key=Room-Task,valueonly,separator=%x20)';
	const {stdout} = await git(repository.root, [
		'rev-list',
		'--first-parent',
		`--max-count=${DEPTH}`,
		'--no-commit-header',
		format,
		'--end-of-options',
		`refs/heads/${base}`,
		'--',
	]);
	const wanted = trailerValue(task);
	return stdout
		.split('\n')
		.map(line => line.split(' '))
		.find(([, ...tasks]) => tasks.includes(wanted))?.[0];
};
