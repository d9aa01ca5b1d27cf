import {realpathSync} from 'node:fs';
import {basename, dirname, resolve} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {GitRefused} from '../process/refused.ts';
import {git, gitLine} from '../process/run.ts';
import {readRef} from './refs.ts';

/** The user's repository. All paths are real and absolute. */
export type Repository = {
	/** Top of the main worktree, also if opened from a linked one. */
	readonly root: string;
	/** The `.git` shared by all worktrees. */
	readonly commonDir: string;
	readonly name: string;
	/** The root commit of the first-parent line: the same in every full clone. */
	readonly identity: string;
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
	const [root, roots] = await Promise.all([
		mainWorkTree(commonDir),
		git(commonDir, ['rev-list', '--first-parent', '--max-parents=0', 'HEAD', '--'], {accept: [128]}),
	]);
	if (!root)
		throw new GitRefused(
			'bare-repository',
			`\`${oneLine(commonDir)}\` has no worktree (it is bare)`,
			'Clone it and start agent-room there.',
		);
	const identity = roots.stdout.trim().split('\n').at(-1);
	if (roots.code !== 0 || !identity) {
		throw new GitRefused(
			'no-commits',
			`\`${oneLine(root)}\` has no commits yet`,
			'Create the first one: `git commit --allow-empty -m start`.',
		);
	}
	return {root, commonDir, name: oneLine(basename(root), 60), identity};
};

/**
 * The base branch: the configured one, else that of the main worktree.
 * @throws GitRefused `detached-head` (nothing configured), `no-base` (no such branch).
 */
export const resolveBase = async ({root}: Repository, configured?: string): Promise<string> => {
	if (configured === undefined) {
		const {code, stdout} = await git(root, ['symbolic-ref', '--quiet', 'HEAD'], {accept: [1]});
		const current = /^refs\/heads\/(.+)\n$/.exec(stdout)?.[1];
		if (code === 0 && current) return current;
		throw new GitRefused(
			'detached-head',
			`\`${oneLine(root)}\` is not on a branch`,
			'Name the branch that receives merges: `base:` in agent-room.yaml.',
		);
	}
	const found = await git(root, ['show-ref', '--verify', '--quiet', '--end-of-options', `refs/heads/${configured}`], {accept: [1, 128]});
	if (found.code === 0) return configured;
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
