import type {GuardianPlace} from './clone.ts';
import {trailerValue} from './names.ts';
import {git} from './run.ts';

/** How far back on the first-parent line a landing is looked for. */
const DEPTH = 2000;

/**
 * The commits that landed these tasks, as far as they have landed: for each the newest on the first-parent line of the base with its
 * `Room-Task:` trailer. The repository is the record: this holds however Redis or the room came to an end.
 */
export const landedCommits = async (
	{repository, base}: Pick<GuardianPlace, 'repository' | 'base'>,
	tasks: readonly string[],
): Promise<Map<string, string>> => {
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
	const landed = new Map<string, string>();
	for (const [commit = '', ...trailers] of stdout.split('\n').map(line => line.split(' ')))
		for (const trailer of trailers) if (!landed.has(trailer)) landed.set(trailer, commit);
	return new Map(
		tasks.flatMap(task => {
			const commit = landed.get(trailerValue(task));
			return commit === undefined ? [] : [[task, commit]];
		}),
	);
};

/** The commit that landed a task, undefined while it has not landed. */
export const landedCommit = async (place: Pick<GuardianPlace, 'repository' | 'base'>, task: string): Promise<string | undefined> =>
	(await landedCommits(place, [task])).get(task);
