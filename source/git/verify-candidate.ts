import {changedPaths, isSame, renamedPaths} from './changes.ts';
import {oneLine, trailerValue} from './names.ts';
import {git, gitLine} from './run.ts';

/** What a candidate changes against its first parent, or why it must not land. */
export type Verdict = {readonly paths: ReadonlySet<string>} | {readonly refused: string};

/**
 * The last look before a landing, by other means than those that built it: the candidate stands directly on `expectedBase`, names its
 * task exactly once, changes only paths that the task changed against its merge base, takes the task's version wherever the base had
 * not touched a path, and leaves none of the task's paths out. What is refused went wrong in the building.
 */
export const verifyCandidate = async (
	clone: string,
	options: {candidate: string; expectedBase: string; task: string},
): Promise<Verdict> => {
	const {candidate, expectedBase, task} = options;
	const refuse = (reason: string): Verdict => ({refused: reason});
	const format = '--format=%P%x00%(trailers:key=Room-Task,valueonly,separator=%x20)';
	const found = await git(clone, ['rev-list', '--no-walk', '--no-commit-header', format, '--end-of-options', candidate, '--'], {
		accept: [128],
	});
	if (found.code !== 0) return refuse('the guardian does not have it');
	const [parents = '', trailers = ''] = found.stdout.split('\0');
	const [first = '', second = '', ...others] = parents.split(' ');
	if (first !== expectedBase) return refuse(`its first parent is not \`${expectedBase.slice(0, 12)}\``);
	if (second === '' || others.length > 0) return refuse('it is not a merge of one task');
	if (trailers.trim() !== trailerValue(task)) return refuse(`its trailer is not that of \`${oneLine(task)}\``);

	const bases = (await gitLine(clone, ['merge-base', '--all', '--end-of-options', first, second], {accept: [1]}))
		.split('\n')
		.filter(Boolean);
	if (bases.length === 0) return refuse('the task shares no history with the base');
	const changes = (from: string, to: string) => changedPaths(clone, ['diff-tree', '-r'], [from, to]);
	const [landing, ...sides] = await Promise.all([
		changes(first, candidate),
		...bases.flatMap(base => [changes(base, second), changes(base, first)]),
	]);
	const paths = new Set(landing.keys());
	const byTask = sides.filter((_, at) => at % 2 === 0);
	const foreign = [...landing.keys()].filter(path => !byTask.some(changed => changed.has(path)));
	if (foreign.length > 0) {
		// A file that the base has renamed since: the task's change to the old name lands in the new one.
		const renamed = await Promise.all(bases.map(base => renamedPaths(clone, base, first)));
		const stray = foreign.find(path => !renamed.some((names, at) => byTask[at]?.has(names.get(path) ?? path)));
		if (stray !== undefined) return refuse(`it changes \`${oneLine(stray)}\`, which the task did not change`);
	}
	const [changedByTask, changedByBase] = sides;
	if (!changedByTask || !changedByBase || bases.length > 1) return {paths};
	for (const [path, change] of changedByTask) {
		// Where the base has touched the path, or a rename may have made it, the content is a merge of both: not to be told from outside.
		if (changedByBase.has(path) || change.from.isMissing) continue;
		const landed = landing.get(path);
		if (!landed || !isSame(landed.to, change.to)) return refuse(`it does not bring the task's \`${oneLine(path)}\``);
	}
	return {paths};
};
