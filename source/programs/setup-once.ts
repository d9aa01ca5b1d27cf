import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {readFile, writeFile} from 'node:fs/promises';
import {promisify} from 'node:util';

/** Files that say which dependencies a tree needs: when a candidate changes one of them, its worktree is set up again. */
const MANIFEST =
	/(^|\/)(package\.json|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|go\.(mod|sum)|Cargo\.(toml|lock)|pyproject\.toml|poetry\.lock|uv\.lock|requirements[^/]*\.txt|Pipfile(\.lock)?|Gemfile(\.lock)?|composer\.(json|lock)|mix\.(exs|lock)|pom\.xml|build\.gradle(\.kts)?)$/;

const git = async (worktree: string, args: readonly string[]): Promise<string> =>
	(
		await promisify(execFile)('git', ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', ...args], {
			cwd: worktree,
			maxBuffer: 64_000_000,
		})
	).stdout;

/**
 * What the setup of a worktree depends on, as one word: the command itself and the content of every dependency manifest at its commit.
 * Outside a git tree only the command counts.
 */
export const setupState = async (worktree: string, command: string): Promise<string> => {
	const tree = await git(worktree, ['ls-tree', '-r', '-z', 'HEAD']).catch(() => '');
	const manifests = tree.split('\0').filter(entry => MANIFEST.test(entry.slice(entry.indexOf('\t') + 1)));
	return createHash('sha256')
		.update([command, ...manifests].join('\0'))
		.digest('hex');
};

/** The marker stands beside the tree, not in it: no `git clean` removes it and no commit can carry it in. */
const markerOf = (worktree: string): string => `${worktree.replace(/\/+$/, '')}.setup`;

/** True when `setup` has to run in this worktree: it never did, or what it depends on has changed since. */
export const needsSetup = async (worktree: string, state: string): Promise<boolean> =>
	(await readFile(markerOf(worktree), 'utf8').catch(() => '')) !== state;

/** Written only after `setup` succeeded. */
export const markSetUp = (worktree: string, state: string): Promise<void> => writeFile(markerOf(worktree), state, {mode: 0o600});
