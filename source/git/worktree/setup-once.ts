import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';

/** Files that list dependencies: a candidate that changes one needs a new setup. */
const MANIFEST =
	/(^|\/)(package\.json|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|go\.(mod|sum)|Cargo\.(toml|lock)|pyproject\.toml|poetry\.lock|uv\.lock|requirements[^/]*\.txt|Pipfile(\.lock)?|Gemfile(\.lock)?|composer\.(json|lock)|mix\.(exs|lock)|pom\.xml|build\.gradle(\.kts)?)$/;

/** The commit whose files a worktree holds, in the guardian's clone. A worktree's own `.git` is never asked: tests that ran there may have written it. */
export type Placed = {readonly clone: string; readonly commit: string};

const listTree = async ({clone, commit}: Placed, maxBuffer: number): Promise<string> =>
	(await promisify(execFile)('git', ['--git-dir', clone, 'ls-tree', '-r', '-z', '--end-of-options', commit], {cwd: clone, maxBuffer}))
		.stdout;

/** Hash of what the setup depends on, and the submodules' folders. */
export type SetupState = {readonly word: string; readonly submodules: readonly string[]};

/**
 * Hashes the command, all dependency manifests and the submodules' commits of the worktree's commit. If that is missing, and if the list of files has
 * more than `most` bytes, only the command counts.
 */
export const setupState = async (placed: Placed, command: string, most = 64_000_000): Promise<SetupState> => {
	const tree = await listTree(placed, most).catch(() => '');
	const pathOf = (entry: string): string => entry.slice(entry.indexOf('\t') + 1);
	const submodules = tree.split('\0').filter(entry => entry.startsWith('160000 '));
	const manifests = tree.split('\0').filter(entry => MANIFEST.test(pathOf(entry)));
	const word = createHash('sha256')
		.update([command, ...manifests, ...submodules].join('\0'))
		.digest('hex');
	return {word, submodules: submodules.map(pathOf)};
};

/** The marker is next to the worktree, not in it: no `git clean` removes it and no commit contains it. */
const markerOf = (worktree: string): string => `${worktree.replace(/\/+$/, '')}.setup`;

const isFilled = async (folder: string): Promise<boolean> =>
	readdir(folder).then(
		names => names.length > 0,
		() => false,
	);

/** Submodules that the setup filled; they are emptied when the worktree switches to another candidate. */
const filledOf = async (worktree: string, {submodules}: SetupState): Promise<readonly string[]> => {
	const filled = await Promise.all(submodules.map(path => isFilled(join(worktree, path))));
	return submodules.filter((_, at) => filled[at]);
};

/** `made`: folders that setup has added at the top, such as those of dependencies. */
type Mark = {readonly word: string; readonly filled: readonly string[]; readonly made: readonly string[]};

const readMark = async (worktree: string): Promise<Partial<Mark>> => {
	try {
		return JSON.parse(await readFile(markerOf(worktree), 'utf8')) as Partial<Mark>;
	} catch {
		// Never set up, or killed while this was written.
		return {};
	}
};

const foldersIn = async (worktree: string): Promise<readonly string[]> => {
	const entries = await readdir(worktree, {withFileTypes: true}).catch(() => []);
	return entries.flatMap(entry => (entry.isDirectory() ? [entry.name] : []));
};

/** True if `setup` must run: it never did, its inputs or submodules changed since, or a test has removed a folder that it had made. */
export const needsSetup = async (worktree: string, state: SetupState): Promise<boolean> => {
	const {word, filled: earlier = [], made = []} = await readMark(worktree);
	if (word !== state.word) return true;
	const [filled, folders] = await Promise.all([filledOf(worktree, state), foldersIn(worktree)]);
	return filled.join('\0') !== earlier.join('\0') || made.some(name => !folders.includes(name));
};

/** Call it before `setup` runs; what it returns notes that it has succeeded. */
export const beginSetup = async (worktree: string, state: SetupState): Promise<() => Promise<void>> => {
	const [{made: earlier = []}, before] = await Promise.all([readMark(worktree), foldersIn(worktree)]);
	return async () => {
		const [filled, folders] = await Promise.all([filledOf(worktree, state), foldersIn(worktree)]);
		const made = folders.filter(name => !before.includes(name) || earlier.includes(name));
		await writeFile(markerOf(worktree), JSON.stringify({word: state.word, filled, made} satisfies Mark), {mode: 0o600});
	};
};
