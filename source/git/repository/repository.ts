import {realpathSync} from 'node:fs';
import {basename, dirname, resolve} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {GitRefused} from '../process/refused.ts';
import {git, gitLine} from '../process/run.ts';
import {mainOfBare, nameOfBare} from './bare.ts';
import {contains} from './kinship.ts';
import type {Mark} from './mark.ts';
import {gitFolderOf, readRef, symbolicHead} from './refs.ts';

/** The user's repository. All paths are real and absolute. */
export type Repository = {
	/** Top of the main worktree, also if opened from a linked one; of a bare repository, of the worktree with its HEAD's branch. */
	readonly root: string;
	/** The `.git` shared by all worktrees. */
	readonly commonDir: string;
	readonly name: string;
};

const OLDEST_GIT: readonly [number, number] = [2, 38];

/**
 * Finds the repository of a folder. Writes nothing and runs nothing of the repository.
 * @throws GitRefused `git-missing`, `git-too-old`, `no-repository`, `bare-repository`, `no-commits`.
 */
export const openRepository = async (folder: string): Promise<Repository> => {
	const [found] = await Promise.all([
		git(folder, ['rev-parse', '--path-format=absolute', '--git-common-dir'], {accept: [128, 129]}),
		requireGit(folder),
	]);
	if (found.code !== 0) {
		const isOwned = /dubious ownership/.test(found.stderr);
		throw isOwned
			? new GitRefused(
					'not-owned',
					`\`${oneLine(folder)}\` belongs to another user`,
					'Trust it: `git config --global --add safe.directory …`.',
				)
			: new GitRefused('no-repository', `\`${oneLine(folder)}\` is not in a git repository`, 'Change to one, or create one: `git init`.');
	}
	const commonDir = realpathSync(found.stdout.replace(/\n$/, ''));
	const [main, branches] = await Promise.all([
		mainWorkTree(commonDir),
		// What is checked out may have no commit yet, as an orphan branch has none.
		git(commonDir, ['for-each-ref', '--count=1', '--format=%(objectname)', 'refs/heads']),
	]);
	const root = main || mainOfBare(commonDir);
	if (!root)
		throw new GitRefused(
			'bare-repository',
			`\`${oneLine(commonDir)}\` has no worktree (it is bare)`,
			'Add one with `git worktree add`, or clone it, and start agent-room there.',
		);
	if (branches.stdout.trim() === '') {
		throw new GitRefused(
			'no-commits',
			`\`${oneLine(root)}\` has no commits yet`,
			'Create the first one: `git commit --allow-empty -m start`.',
		);
	}
	return {root, commonDir, name: oneLine(main ? basename(root) : nameOfBare(commonDir), 60)};
};

/** Whether a branch began like the room's: an orphan branch does not, nor one without a commit. */
const isRelated = async (root: string, branch: string, {base, identity}: Mark): Promise<boolean> => {
	if (branch === base || (await contains(root, branch, identity))) return true;
	const {code} = await git(root, ['merge-base', '--', `refs/heads/${branch}`, `refs/heads/${base}`], {accept: [1, 128]});
	return code === 0;
};

/** The branch of a worktree as full ref: from files if they tell it with its commit, else from git; '' if HEAD is detached. */
const checkedOut = async (root: string, commonDir: string): Promise<string> => {
	const written = symbolicHead(gitFolderOf(root));
	// Where refs are stored otherwise, the file names a branch that cannot be.
	if (written && readRef(commonDir, written) !== '') return written;
	return (await git(root, ['symbolic-ref', '--quiet', 'HEAD'], {accept: [1]})).stdout.replace(/\n$/, '');
};

/**
 * The base branch: the configured one, else that of the main worktree. While a branch is checked out that shares nothing with the one that
 * this room merged into (`mark`), it stays that one.
 * @throws GitRefused `detached-head` (nothing configured), `no-base` (no such branch), `no-commits` (it is the first).
 */
export const resolveBase = async ({root, commonDir}: Repository, configured?: string, mark?: Mark): Promise<string> => {
	const has = async (branch: string): Promise<boolean> =>
		(!branch.includes('..') && readRef(commonDir, `refs/heads/${branch}`) !== '') ||
		(await git(root, ['show-ref', '--verify', '--quiet', '--end-of-options', `refs/heads/${branch}`], {accept: [1, 128]})).code === 0;
	if (configured === undefined) {
		const current = /^refs\/heads\/(.+)$/.exec(await checkedOut(root, commonDir))?.[1];
		if (mark && current && (await has(mark.base)) && !(await isRelated(root, current, mark))) return mark.base;
		if (current && (await has(current))) return current;
		if (current)
			throw new GitRefused(
				'no-commits',
				`branch \`${oneLine(current)}\` has no commits yet`,
				'Commit to it, or name the branch that receives merges: `base:` in agent-room.yaml.',
			);
		throw new GitRefused(
			'detached-head',
			`\`${oneLine(root)}\` is not on a branch`,
			'Name the branch that receives merges: `base:` in agent-room.yaml.',
		);
	}
	if (await has(configured)) return configured;
	throw new GitRefused(
		'no-base',
		`branch \`${oneLine(configured)}\` does not exist`,
		'Correct `base:` in agent-room.yaml, or create the branch.',
	);
};

/**
 * The commit of a branch: read as a file if possible.
 * @throws GitRefused `no-base`: there is no such branch (any more).
 */
export const readBranch = async ({root, commonDir}: Repository, branch: string): Promise<string> => {
	const ref = `refs/heads/${branch}`;
	const head = readRef(commonDir, ref);
	if (head) return head;
	const {code, stdout} = await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], {accept: [1]});
	if (code === 0) return stdout.trim();
	throw new GitRefused(
		'no-base',
		`branch \`${oneLine(branch)}\` does not exist`,
		`Restore it: \`git branch ${oneLine(branch)} COMMIT\`; find the commit with \`git reflog\`.`,
	);
};

const requireGit = async (folder: string): Promise<void> => {
	const words = await gitLine(folder, ['--version']);
	const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(words) ?? []).slice(1).map(Number);
	if (major > OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor >= OLDEST_GIT[1])) return;
	throw new GitRefused('git-too-old', `git ${major}.${minor} is too old`, `At least ${OLDEST_GIT.join('.')} is needed.`);
};

/** '' for a bare repository. Git lists the main worktree first. */
const mainWorkTree = async (commonDir: string): Promise<string> => {
	const {stdout} = await git(commonDir, ['worktree', 'list', '--porcelain', '-z']);
	const [first = ''] = stdout.split('\0\0');
	const lines = first.split('\0');
	if (lines.includes('bare')) return '';
	const path = lines.find(line => line.startsWith('worktree '))?.slice('worktree '.length);
	return path ? realpathSync(resolve(dirname(commonDir), path)) : '';
};
