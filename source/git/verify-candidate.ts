import {oneLine, trailerValue} from './names.ts';
import {GitRefused} from './refused.ts';
import {git, gitLine} from './run.ts';

type Change = {readonly from: string; readonly to: string};

const GONE = /^0+$/;

/** Changed paths between two commits as path -> blobs before and after (all zeros where there is none). */
const changes = async (clone: string, from: string, to: string): Promise<ReadonlyMap<string, Change>> => {
	const {stdout} = await git(clone, ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', from, to, '--']);
	const fields = stdout.split('\0');
	const found = new Map<string, Change>();
	for (let at = 0; at + 1 < fields.length; at += 2) {
		const [oldMode = '', newMode = '', old = '', new_ = ''] = fields[at]?.slice(1).split(' ') ?? [];
		// The mode is part of what a path holds: a landing that turns a file into a program has changed it.
		found.set(fields[at + 1] ?? '', {from: `${oldMode} ${old}`, to: `${newMode} ${new_}`});
	}
	return found;
};

/** Files that the base has renamed since, new name -> old name: a change to the old one lands in the new one. */
const renames = async (clone: string, from: string, to: string): Promise<ReadonlyMap<string, string>> => {
	const {stdout} = await git(clone, ['diff-tree', '-r', '-z', '--name-status', '-M', '--diff-filter=R', from, to, '--']);
	const fields = stdout.split('\0');
	const found = new Map<string, string>();
	for (let at = 0; at + 2 < fields.length; at += 3) found.set(fields[at + 2] ?? '', fields[at + 1] ?? '');
	return found;
};

const isMissing = (blob: string): boolean => GONE.test(blob.split(' ')[1] ?? '');

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
	const landing = await changes(clone, first, candidate);
	const sides = await Promise.all(
		bases.map(async base => ({
			task: await changes(clone, base, second),
			base: await changes(clone, base, first),
			renamed: await renames(clone, base, first),
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
		if (side.base.has(path) || renamedAway.has(path) || isMissing(change.from)) continue;
		if (landing.get(path)?.to !== change.to) refuse(`it does not bring the task's \`${oneLine(path)}\``);
	}
};
