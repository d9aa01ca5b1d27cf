import {existsSync, linkSync, readFileSync, renameSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {clearStaleLock} from '../lock/stale-lock.ts';
import {isObjectId, type Person, personEnvironment, ROOM} from '../process/names.ts';
import {GitRefused, git, gitLine} from '../process/run.ts';
import {copyIndex} from '../repository/files.ts';
import {commonFolderOf, gitFolderOf, headInFiles, symbolicHead} from '../repository/refs.ts';
import {endUnfinished, readUnfinished} from './unfinished.ts';

export type SavedWork = {
	/** What HEAD points to now: everything of the work tree is in it. */
	readonly commit: string;
	readonly wasDirty: boolean;
	/** What a commit cannot hold: repositories inside the work tree, files that cannot be read. */
	readonly unsaved: readonly string[];
};

/** The trailer of commits that the room made of what an agent had left uncommitted. */
const SAVED_TRAILER = 'Saved-By: agent-room';
/** Names what was being merged when the room saved a merge that had conflicts left. */
export const UNFINISHED_TRAILER = 'Unfinished-Merge';

/**
 * Commits everything uncommitted of a work tree (untracked files too, ignored ones not) onto its branch, if that is one of the room's. Made with an index of its
 * own, so neither a lock left by a dead process nor a merge or rebase in progress is in its way; the latter is ended, with the commits
 * it was at kept as parents. Files are only read. Call it when no process works in the tree any more.
 * @throws GitRefused `no-worktree`, `git-failed` (the disk is full, say); nothing is lost then.
 */
export const saveWork = async (options: {worktree: string; message: string; author?: Person}): Promise<SavedWork> => {
	const {worktree} = options;
	const gitFolder = gitFolderOf(worktree);
	if (!gitFolder) throw new GitRefused('no-worktree', `\`${worktree}\` is not a work tree`, 'Was it moved or unmounted?');
	const head = await headOf(worktree, gitFolder);
	const unfinished = await readUnfinished(worktree, gitFolder);
	if (!unfinished && (await isClean(worktree))) return {commit: head, wasDirty: false, unsaved: []};
	const index = join(gitFolder, 'agent-room-index');
	rmSync(index, {force: true});
	rmSync(`${index}.lock`, {force: true});
	try {
		const {tree, isSame, unsaved} = await snapshot(worktree, gitFolder, index, head);
		const wasDirty = !isSame || unsaved.length > 0;
		if (isSame && !unfinished) return {commit: head, wasDirty, unsaved};
		const parents = [...new Set([head, ...(unfinished?.parents ?? [])])].flatMap(parent => ['-p', parent]);
		const commit = await gitLine(worktree, ['commit-tree', ...parents, '-F', '-', tree], {
			input: `${options.message.trim()}\n\n${SAVED_TRAILER}\n${unfinished?.merging ? `${UNFINISHED_TRAILER}: ${unfinished.merging}\n` : ''}`,
			env: personEnvironment(options.author ?? ROOM),
		});
		await advance(worktree, gitFolder, unfinished?.branch ?? '', commit);
		await replaceIndex(gitFolder, index);
		if (unfinished) await endUnfinished(worktree);
		return {commit, wasDirty, unsaved};
	} finally {
		rmSync(index, {force: true});
	}
};

/** Nothing to save: one look, where all is committed. A damaged index is not clean. */
const isClean = async (worktree: string): Promise<boolean> => {
	const look = ['status', '--porcelain', '-z', '--untracked-files=normal', '--no-renames', '--ignore-submodules=none'];
	const {code, stdout} = await git(worktree, look, {accept: [128]});
	return code === 0 && stdout === '';
};

/**
 * The commit that the work tree stands on. A branch that was deleted beneath it is made again where the tree's own record of its HEAD
 * says it was: otherwise nothing that was committed on it could be found again.
 */
const headOf = async (worktree: string, gitFolder: string): Promise<string> => {
	const inFiles = headInFiles(gitFolder);
	if (inFiles) return inFiles;
	const found = await git(worktree, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], {accept: [1, 128]});
	if (found.code === 0) return found.stdout.trim();
	const last = lastHead(gitFolder);
	const branch = symbolicHead(gitFolder);
	if (last === '' || branch === '') throw new GitRefused('git-failed', `\`${worktree}\` stands on no commit: its branch is gone`);
	await git(worktree, ['update-ref', '-m', 'agent-room: the branch was deleted', '--', branch, last]);
	return last;
};

/** The last commit in the record of a work tree's HEAD; '' where it keeps none. A deletion is recorded too, as a move to zeros. */
const lastHead = (gitFolder: string): string => {
	const file = join(gitFolder, 'logs', 'HEAD');
	const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
	return lines.map(line => line.split(' ', 2)[1] ?? '').findLast(id => isObjectId(id) && !/^0+$/.test(id)) ?? '';
};

/** The work tree as a tree object, through a copy of its index (which knows the files' times, so unchanged ones are not read). */
const snapshot = async (
	worktree: string,
	gitFolder: string,
	index: string,
	head: string,
): Promise<{tree: string; isSame: boolean; unsaved: readonly string[]}> => {
	const env = {GIT_INDEX_FILE: index};
	const add = (): Promise<{code: number; stderr: string}> =>
		git(worktree, ['add', '--all', '--ignore-errors', '--', ':/'], {env, accept: [1, 128]});
	if (existsSync(join(gitFolder, 'index'))) copyIndex(join(gitFolder, 'index'), index);
	else await git(worktree, ['read-tree', head], {env});
	let added = await add();
	if (added.code === 128) {
		// A damaged index: begin again from the last commit.
		rmSync(index, {force: true});
		rmSync(`${index}.lock`, {force: true});
		await git(worktree, ['read-tree', head], {env});
		added = await add();
		if (added.code === 128) throw new GitRefused('git-failed', `git add: ${added.stderr.trim()}`);
	}
	const tree = await gitLine(worktree, ['write-tree'], {env});
	const changes = await git(worktree, ['diff-tree', '-r', '-z', '--raw', '--no-renames', head, tree, '--'], {env});
	return {tree, isSame: changes.stdout === '', unsaved: [...newRepositories(changes.stdout), ...unreadable(added.stderr)]};
};

/** Paths that became links to another repository: their content is not in the commit. */
const newRepositories = (raw: string): readonly string[] => {
	const fields = raw.split('\0');
	return fields.flatMap((field, at) => (/^:\d+ 160000 /.test(field) ? [fields[at + 1] ?? ''] : []));
};

const unreadable = (stderr: string): readonly string[] => [...stderr.matchAll(/^error: open\("(.*)"\):/gm)].map(match => match[1] ?? '');

/** The branches that the room has made for its work trees. */
const isOwn = (branch: string): boolean => branch.startsWith('refs/heads/agent/');

/**
 * Moves the branch; a rebase had detached HEAD from it, so HEAD goes back onto it. A branch that is not the room's own (somebody has checked
 * out the base here, say) stays where it is: nothing gets onto it by being saved. HEAD alone holds the commit then.
 */
const advance = async (worktree: string, gitFolder: string, rebased: string, commit: string): Promise<void> => {
	const branch = symbolicHead(gitFolder) || rebased;
	await clearStaleLock(join(gitFolder, 'HEAD.lock'));
	if (!isOwn(branch)) {
		await git(worktree, ['update-ref', '--no-deref', '-m', 'agent-room: save', 'HEAD', commit]);
		return;
	}
	await clearStaleLock(join(commonFolderOf(gitFolder), `${branch}.lock`));
	await git(worktree, ['update-ref', '-m', 'agent-room: save', branch, commit]);
	if (!symbolicHead(gitFolder)) await git(worktree, ['symbolic-ref', '-m', 'agent-room: save', 'HEAD', branch]);
};

/** The tree's own index becomes the one that was committed, as git would do it: under `index.lock`, by a rename. */
const replaceIndex = async (gitFolder: string, index: string): Promise<void> => {
	const lock = join(gitFolder, 'index.lock');
	if (!(await clearStaleLock(lock))) return;
	linkSync(index, lock);
	renameSync(lock, join(gitFolder, 'index'));
};
