import {existsSync, realpathSync, rmSync} from 'node:fs';
import {basename, join} from 'node:path';
import {withRepositoryLock} from '../lock/lock-file.ts';
import {clearStaleLock} from '../lock/stale-lock.ts';
import {slug} from '../process/names.ts';
import {GitRefused, git} from '../process/run.ts';
import {linkedBranch} from '../repository/refs.ts';
import type {Repository} from '../repository/repository.ts';
import {refit, setAside} from './pool.ts';
import {saveWork} from './save.ts';

/** `salvage`: the ref that keeps what was in it, '' where a branch that stays holds it already. */
export type Removal = {readonly kind: 'removed'; readonly salvage: string} | {readonly kind: 'kept'; readonly reason: string};

/**
 * Removes a linked work tree (and the `agent/…` branch on it) when all that is in it is reachable from a ref: what is uncommitted is
 * committed first, and unless some other branch contains it, `refs/agent-room/salvage/<folder name>` is made first. Otherwise it is
 * kept, with the reason. Ignored files go with it. No process may be working in it. With `mustBeHeld` its branch is no less than a
 * person may look for: where no other ref contains it, both stay.
 */
export const removeWorktree = async (options: {repository: Repository; folder: string; mustBeHeld?: boolean}): Promise<Removal> => {
	const {repository} = options;
	if (!existsSync(options.folder)) return {kind: 'kept', reason: 'its folder is away'};
	const folder = realpathSync(options.folder);
	const onBranch = await linkedBranch(repository.root, repository.commonDir, folder);
	if (onBranch === undefined) return {kind: 'kept', reason: 'it is not a linked work tree of this repository'};
	try {
		const {commit, unsaved} = await saveWork({worktree: folder, message: `Save what was left in ${basename(folder)}`});
		if (unsaved.length > 0) return {kind: 'kept', reason: `no commit can hold \`${unsaved[0]}\``};
		const remove = async (): Promise<Removal> => {
			const branch = onBranch.startsWith('agent/') ? `refs/heads/${onBranch}` : '';
			const isHeld = await isHeldElsewhere(repository, commit, branch);
			if (options.mustBeHeld && !isHeld) return {kind: 'kept', reason: `only \`${onBranch}\` holds its commits`} as const;
			const salvage = isHeld ? '' : `refs/agent-room/salvage/${slug(basename(folder))}`;
			if (salvage) await salvageAs(repository, salvage, commit);
			// Its files may serve the next one; what git knows of this one goes in any case.
			const spare = setAside(folder);
			await git(repository.root, ['worktree', 'remove', '--force', '--force', '--', folder]);
			rmSync(folder, {recursive: true, force: true});
			if (spare) refit(repository, spare, commit);
			// Only if it still points to what was just saved.
			await clearStaleLock(join(repository.commonDir, 'packed-refs.lock'));
			if (branch) await git(repository.root, ['update-ref', '-d', branch, commit], {accept: [1, 128]});
			return {kind: 'removed', salvage} as const;
		};
		return await withRepositoryLock(repository.commonDir, remove, {isTidying: true});
	} catch (error) {
		if (error instanceof GitRefused) return {kind: 'kept', reason: error.message};
		throw error;
	}
};

/** Whether a branch other than `except` contains the commit. */
const isHeldElsewhere = async ({root}: Repository, commit: string, except: string): Promise<boolean> => {
	const {stdout} = await git(root, [
		'for-each-ref',
		`--contains=${commit}`,
		'--format=%(refname)',
		'refs/heads',
		'refs/agent-room/salvage',
	]);
	return stdout.split('\n').some(ref => ref !== '' && ref !== except);
};

/** An older salvage of the same name is moved aside, never overwritten: its content may be nowhere else. */
const salvageAs = async ({root}: Repository, ref: string, commit: string): Promise<void> => {
	const before = await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', ref], {accept: [1]});
	const old = before.stdout.trim();
	if (before.code === 0 && old !== commit) await git(root, ['update-ref', `${ref}-${old.slice(0, 12)}`, old]);
	await git(root, ['update-ref', ref, commit]);
};
