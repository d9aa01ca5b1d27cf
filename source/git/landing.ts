import {join} from 'node:path';
import {FETCH} from './candidate.ts';
import type {GuardianPlace} from './clone.ts';
import {gitFolderOf} from './heads.ts';
import {forgetForwarding, noteForwarding, undoInterrupted} from './interrupted.ts';
import {landedCommit} from './landed.ts';
import {isObjectId, oneLine, slug} from './names.ts';
import {GitRefused} from './refused.ts';
import {readBranch} from './repository.ts';
import {withRepositoryLock} from './repository-lock.ts';
import {git, gitWords} from './run.ts';
import {clearStaleLock} from './stale-lock.ts';
import {rebasedBranch} from './unfinished.ts';
import {verifyCandidate} from './verify-candidate.ts';
import {type ListedWorkTree, listWorkTrees} from './work-trees.ts';

/**
 * `already`: the task is on the base; `moved`: the base is elsewhere, so build and test again on `head`; `held`: git refuses, in one
 * clean line (a person's uncommitted work is in the way, say), so try the same candidate again later.
 */
export type Landing =
	| {readonly kind: 'landed'; readonly commit: string}
	| {readonly kind: 'already'; readonly commit: string}
	| {readonly kind: 'moved'; readonly head: string}
	| {readonly kind: 'held'; readonly reason: string};

/**
 * Lands a tested candidate: the base moves from `expectedBase` to exactly this commit, or nothing moves.
 *
 * At most one landing is under way in a repository (its lock), a task lands at most once (its trailer is looked up under the lock),
 * and the base only moves by git's own compare-and-swap: `merge --ff-only` in the work tree that has it checked out, where git itself
 * judges whether uncommitted work is in the way, else `update-ref NEW OLD`; never update-ref beneath a checked-out branch. A kill at
 * any instant leaves the base old or new.
 * @throws GitRefused `unsafe-candidate`, `repository-busy`, `git-failed`.
 */
export const land = async (place: GuardianPlace, options: {candidate: string; expectedBase: string; task: string}): Promise<Landing> => {
	const {repository, clone, base} = place;
	const {candidate, expectedBase, task} = options;
	for (const id of [candidate, expectedBase])
		if (!isObjectId(id)) throw new GitRefused('no-commit', `\`${oneLine(id)}\` is not a commit id`);
	return withRepositoryLock(repository.commonDir, async () => {
		if (!(await undoInterrupted(repository))) return {kind: 'held', reason: 'the git of an earlier landing still writes files'};
		const landed = await landedCommit(place, task);
		if (landed) return {kind: 'already', commit: landed};
		const head = await readBranch(repository, base);
		if (head !== expectedBase) return {kind: 'moved', head};
		const [trees, isFree] = await Promise.all([
			listWorkTrees(repository.root),
			clearStaleLock(join(repository.commonDir, 'refs', 'heads', `${base}.lock`)),
			verifyCandidate(clone, options),
			git(repository.root, [...FETCH, '--end-of-options', clone, candidate]),
		]);
		if (!isFree) return {kind: 'held', reason: `another process is about to move \`${oneLine(base)}\``};
		const refused = await (trees.some(tree => isUsing(tree, base))
			? forward(
					trees.filter(tree => isUsing(tree, base)),
					place,
					options,
				)
			: swap(place, options));
		const now = await readBranch(repository, base);
		if (now === candidate) return {kind: 'landed', commit: candidate};
		return now === expectedBase ? {kind: 'held', reason: refused || 'git did not move it'} : {kind: 'moved', head: now};
	});
};

/** Checked out, or being rebased: the end of a rebase moves the branch from where it was at its beginning. */
const isUsing = (tree: ListedWorkTree, base: string): boolean =>
	tree.branch === base || (tree.isPresent && rebasedBranch(gitFolderOf(tree.path)) === `refs/heads/${base}`);

/** Only that: no stash, no signature, no picture of the changes, and nothing ignored is overwritten. */
const FAST_FORWARD = ['--ff-only', '--quiet', '--no-stat', '--no-autostash', '--no-verify-signatures', '--no-overwrite-ignore'] as const;

/** '' when git moved it, else its reason. */
const forward = async (
	trees: readonly ListedWorkTree[],
	{repository, base}: GuardianPlace,
	options: {candidate: string; expectedBase: string},
): Promise<string> => {
	const [tree] = trees;
	const name = oneLine(base);
	if (!tree || trees.length > 1) return `\`${name}\` is checked out in ${trees.length} work trees`;
	if (!tree.isPresent) return `\`${name}\` is checked out in \`${oneLine(tree.path)}\`, which is away`;
	if (tree.branch !== base) return `a rebase of \`${name}\` is under way in \`${oneLine(tree.path)}\``;
	const gitFolder = gitFolderOf(tree.path);
	if (!(await clearStaleLock(join(gitFolder, 'index.lock'))) || !(await clearStaleLock(join(gitFolder, 'HEAD.lock'))))
		return `another git process works in \`${oneLine(tree.path)}\``;
	noteForwarding(repository, {worktree: tree.path, from: options.expectedBase, to: options.candidate});
	// One file after the other: workers side by side would first remove all old files and leave them away when killed.
	const merged = await git(tree.path, ['-c', 'checkout.workers=1', 'merge', ...FAST_FORWARD, options.candidate], {accept: [1, 2, 128]});
	forgetForwarding(repository);
	return merged.code === 0 ? '' : heldWords(merged.stderr);
};

const swap = async (
	{repository, base}: GuardianPlace,
	options: {candidate: string; expectedBase: string; task: string},
): Promise<string> => {
	const reason = `agent-room: land ${slug(options.task)}`;
	const moved = await git(
		repository.root,
		['update-ref', '--create-reflog', '-m', reason, '--end-of-options', `refs/heads/${base}`, options.candidate, options.expectedBase],
		{accept: [1, 128]},
	);
	return moved.code === 0 ? '' : gitWords(moved.stderr);
};

/** Git lists the files in the way on lines of their own: they become backticked names behind its sentence. */
const heldWords = (stderr: string): string => {
	const files = stderr.split('\n').flatMap(line => (line.startsWith('\t') ? [oneLine(line.slice(1), 80)] : []));
	if (files.length === 0) return gitWords(stderr);
	const [sentence = ''] = stderr.split('\n').filter(line => !/^hint:/.test(line));
	const more = files.length > 3 ? ` and ${files.length - 3} more` : '';
	const named = files
		.slice(0, 3)
		.map(file => `\`${file}\``)
		.join(', ');
	return `${oneLine(sentence)
		.replace(/^error: /, '')
		.replace(/:$/, '')}: ${named}${more}`;
};
