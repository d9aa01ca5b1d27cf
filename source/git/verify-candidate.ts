import {changedPaths, isSame, renamedPaths} from './changes.ts';
import {oneLine, trailerValue} from './names.ts';
import {GitRefused} from './refused.ts';
import {gitLine} from './run.ts';

/**
 * The last look before a landing, by other means than those that built it: the candidate stands directly on `expectedBase`, names its
 * task exactly once, changes only paths that the task changed against its merge base, takes the task's version wherever the base had
 * not touched a path, and leaves none of the task's paths out.
 * @throws GitRefused `unsafe-candidate`: building it went wrong, and it must not land.
 */
export const verifyCandidate = async (clone: string, options: {candidate: string; expectedBase: string; task: string}): Promise<void> => {
	const {candidate, expectedBase, task} = options;
	const refuse = (reason: string): never => {
		throw new GitRefused(
			'unsafe-candidate',
			`candidate \`${candidate.slice(0, 12)}\` must not land: ${reason}`,
			'It is built again from the start.',
		);
	};
	const line = await gitLine(clone, [
		'rev-list',
		'--no-walk',
		'--no-commit-header',
		'--format=%P%x00%(trailers:key=Room-Task,valueonly,separator=%x20)',
		'--end-of-options',
		candidate,
		'--',
	]);
	const [parents = '', trailers = ''] = line.split('\0');
	const [first = '', second = '', ...others] = parents.split(' ');
	if (first !== expectedBase) refuse(`its first parent is not \`${expectedBase.slice(0, 12)}\``);
	if (second === '' || others.length > 0) refuse('it is not a merge of one task');
	if (trailers.trim() !== trailerValue(task)) refuse(`its trailer is not that of \`${oneLine(task)}\``);

	const bases = (await gitLine(clone, ['merge-base', '--all', '--end-of-options', first, second], {accept: [1]}))
		.split('\n')
		.filter(Boolean);
	const changes = (from: string, to: string) => changedPaths(clone, ['diff-tree', '-r'], [from, to]);
	const landing = await changes(first, candidate);
	const sides = await Promise.all(
		bases.map(async base => ({
			task: await changes(base, second),
			base: await changes(base, first),
			renamed: await renamedPaths(clone, base, first),
		})),
	);
	for (const path of landing.keys()) {
		const isTasks = sides.some(side => side.task.has(path) || side.task.has(side.renamed.get(path) ?? path));
		if (bases.length > 0 && !isTasks) refuse(`it changes \`${oneLine(path)}\`, which the task did not change`);
	}
	const [side] = sides;
	if (!side || sides.length > 1) return;
	const renamedAway = new Set(side.renamed.values());
	for (const [path, change] of side.task) {
		// Where the base has touched the path, or a rename is at work, the content is a merge of both and cannot be told from outside.
		if (side.base.has(path) || renamedAway.has(path) || change.from.isMissing) continue;
		const landed = landing.get(path);
		if (!landed || !isSame(landed.to, change.to)) refuse(`it does not bring the task's \`${oneLine(path)}\``);
	}
};
