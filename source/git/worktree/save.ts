import {lstatSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import type {GitVariables} from '../process/environment.ts';
import {isObjectId, type Person, personEnvironment, ROOM} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {git, gitLine} from '../process/run.ts';
import {STRICT_INDEX} from '../repository/files.ts';
import {readLooseCommit} from '../repository/loose-commit.ts';
import {boundsOf, takeCommits} from '../store/import.ts';
import type {Store} from '../store/store.ts';
import {advance, beginIndex, copyAgentIndex, scratchIn, settle} from './advance.ts';
import {type AgentGit, withAgentGit} from './agent-git.ts';
import {lookAt, requireReadable, unreadable} from './changes.ts';
import {takeLargeFiles} from './large-files.ts';
import {inTree, knownHead, lastTaken, openTree, type Tree} from './tree.ts';
import {readUnfinished, type Unfinished} from './unfinished.ts';

export type SavedWork = {
	/** The commit in the store with everything of the worktree. */
	readonly commit: string;
	readonly wasDirty: boolean;
	/** What a commit cannot contain: nested repositories, unreadable files. */
	readonly unsaved: readonly string[];
};

/** Trailer of the room's commits of uncommitted work. */
const SAVED_TRAILER = 'Saved-By: agent-room';
/** Trailer that names the other side of a merge saved with conflicts. */
export const UNFINISHED_TRAILER = 'Unfinished-Merge';

/**
 * Imports a worktree's commits, and commits everything uncommitted (also untracked, not ignored files) to its branch if that is the room's.
 * The room's git reads only the files, with its own index, so no stale lock and no merge or rebase in progress blocks it; those end, with
 * their commits as parents. Nothing in the agent's `.git` runs. Call it when no process runs in the worktree.
 * @throws GitRefused `no-worktree`, `foreign-worktree`, `replaced-worktree`, `foreign-git`, `lost-commit`, `too-large`, `git-failed` (such
 * as a full disk); nothing is lost then.
 */
export const saveWork = async (options: SaveOptions): Promise<SavedWork> => {
	const tree = openTree(options.store, options.worktree);
	return withAgentGit(tree, async own => {
		const head = headOf(tree, own);
		const agents = `${scratchIn(tree)}-agent`;
		try {
			const hasIndex = copyAgentIndex(tree, own, agents);
			const unfinished = await readUnfinished(tree, own, agents);
			await takeCommits(tree.store, tree.folder, [head, ...(unfinished?.parents ?? [])]);
			await takeLargeFiles(tree, own);
			return await saveFiles(tree, options, {head, unfinished, own, agents: hasIndex ? agents : ''});
		} finally {
			for (const name of [agents, `${agents}.lock`]) rmSync(name, {force: true});
		}
	});
};

/**
 * The files of a worktree as a commit of the store, while its agent works on: neither its branch nor its index nor a file changes.
 * @throws GitRefused as `saveWork`.
 */
export const copyWork = async (options: SaveOptions): Promise<string> => {
	const tree = openTree(options.store, options.worktree);
	return withAgentGit(tree, async own => {
		const head = own.head() || lastTaken(options.store, options.worktree) || knownHead(tree);
		await takeCommits(tree.store, tree.folder, [head]);
		const index = `${scratchIn(tree)}-copy`;
		try {
			await beginIndex(tree, index, head);
			const env = inTree(tree, index);
			const {isPlain} = await lookAt(tree, env);
			const {made, isSame} = await snapshot(tree, env, {head, added: [], isPlain});
			if (isSame) return head;
			return await gitLine(tree.folder, ['commit-tree', '-p', head, '-F', '-', made], {
				input: `${options.message.trim()}\n\n${SAVED_TRAILER}\n`,
				env: {...env, ...personEnvironment(options.author ?? ROOM)},
			});
		} finally {
			for (const name of [index, `${index}.lock`]) rmSync(name, {force: true});
		}
	});
};

/**
 * Commits the files of a worktree whose `.git` is refused, on top of the last import, and ignores that `.git`.
 * @throws GitRefused as `saveWork`.
 */
export const rescueFiles = async (options: SaveOptions): Promise<SavedWork> => {
	const tree = openTree(options.store, options.worktree);
	const head = lastTaken(options.store, options.worktree) || knownHead(tree);
	return saveFiles(tree, options, {head, unfinished: undefined, own: undefined, agents: ''});
};

type SaveOptions = {store: Store; worktree: string; message: string; author?: Person};

/** What an agent's git reports: commit, step in progress, and a copy of its index, '' if nothing is new. */
type Said = {
	readonly head: string;
	readonly unfinished: Unfinished | undefined;
	readonly own: AgentGit | undefined;
	readonly agents: string;
};

const saveFiles = async (tree: Tree, options: SaveOptions, {head, unfinished, own, agents}: Said): Promise<SavedWork> => {
	const index = scratchIn(tree);
	const clear = (): void => {
		for (const name of [index, `${index}.lock`]) rmSync(name, {force: true});
	};
	try {
		await beginIndex(tree, index, head);
		const env = inTree(tree, index);
		const [look, added] = await Promise.all([lookAt(tree, env), agents === '' ? [] : addedByForce(tree, agents)]);
		if (look.isClean && added.length === 0 && !unfinished) {
			settle(tree, head, index);
			return {commit: head, wasDirty: false, unsaved: []};
		}
		const {made, isSame, unsaved} = await snapshot(tree, env, {head, added, isPlain: look.isPlain});
		const wasDirty = !isSame || unsaved.length > 0;
		if (isSame && !unfinished) return {commit: head, wasDirty, unsaved};
		const parents = [...new Set([head, ...(unfinished?.parents ?? [])])].flatMap(parent => ['-p', parent]);
		const commit = await gitLine(tree.folder, ['commit-tree', ...parents, '-F', '-', made], {
			input: `${options.message.trim()}\n\n${SAVED_TRAILER}\n${unfinished?.merging ? `${UNFINISHED_TRAILER}: ${unfinished.merging}\n` : ''}`,
			env: {...env, ...personEnvironment(options.author ?? ROOM)},
		});
		// Checked again: an exchanged folder must not be submitted.
		openTree(options.store, options.worktree);
		settle(tree, commit, index);
		if (own) await advance(tree, own, {from: head, to: commit}, unfinished);
		return {commit, wasDirty, unsaved};
	} finally {
		clear();
	}
};

/** Files in the agent's index that git would ignore. A damaged index names none. */
const addedByForce = async (tree: Tree, index: string): Promise<readonly string[]> => {
	const {code, stdout} = await git(
		tree.folder,
		['diff-index', '--cached', '--name-only', '-z', '--no-renames', '--diff-filter=A', 'HEAD', '--'],
		{
			env: inTree(tree, index),
			accept: [1, 128],
		},
	);
	const isThere = (name: string): boolean =>
		!name.split('/').includes('..') && lstatSync(join(tree.folder, name), {throwIfNoEntry: false}) !== undefined;
	return code === 0 ? stdout.split('\0').filter(name => name !== '' && isThere(name)) : [];
};

/** The worktree's commit. A branch deleted under it is restored from its HEAD's reflog: otherwise its commits would be lost. */
const headOf = (tree: Tree, own: AgentGit): string => {
	const head = own.head();
	if (head !== '') return head;
	const [last, branch] = [lastHead(own), own.branch()];
	if (last === '' || branch === '') throw new GitRefused('git-failed', `\`${tree.folder}\` is on no commit: its branch is gone`);
	own.write(branch, `${last}\n`);
	return last;
};

/** The last commit in HEAD's reflog; '' without one. A deletion is recorded as a move to zeros. */
const lastHead = (own: AgentGit): string =>
	own
		.text('logs/HEAD')
		.split('\n')
		.map(line => line.split(' ', 2)[1] ?? '')
		.findLast(id => isObjectId(id) && !/^0+$/.test(id)) ?? '';

/**
 * Writes the files as a tree object of the store, through a room's index (with file times, so unchanged ones are not read). What became a
 * repository is looked up in the difference; in plain changes git names it as it adds it. Guarantee: no commit is made of what is beyond the bounds.
 * @throws GitRefused `too-large`.
 */
const snapshot = async (
	tree: Tree,
	env: GitVariables,
	{head, added, isPlain}: {readonly head: string; readonly added: readonly string[]; readonly isPlain: boolean},
): Promise<{made: string; isSame: boolean; unsaved: readonly string[]}> => {
	const {folder, store} = tree;
	await requireReadable(
		tree,
		added.map(name => Buffer.from(name).toString('latin1')),
	);
	const all = await git(folder, [...STRICT_INDEX, 'add', '--all', '--ignore-errors', '--', ':/'], {env, accept: [1]});
	if (added.length > 0)
		await git(folder, [...STRICT_INDEX, 'add', '--force', '--ignore-errors', '--pathspec-from-file=-', '--pathspec-file-nul'], {
			env,
			accept: [1],
			input: added.map(name => `:(top,literal)${name}\0`).join(''),
		});
	const made = await gitLine(folder, ['write-tree'], {env, weighs: boundsOf(store)});
	const before =
		isPlain && added.length === 0 && !all.stderr.includes('embedded git repository') ? readLooseCommit(store.clone, head) : undefined;
	if (before) return {made, isSame: before.tree === made, unsaved: unreadable(all.stderr)};
	const changes = await git(folder, ['diff-tree', '-r', '-z', '--raw', '--no-renames', head, made, '--'], {env});
	return {made, isSame: changes.stdout === '', unsaved: [...newRepositories(changes.stdout), ...unreadable(all.stderr)]};
};

/** Paths that became nested repositories: their content is not in the commit. */
const newRepositories = (raw: string): readonly string[] => {
	const fields = raw.split('\0');
	return fields.flatMap((field, at) => (/^:\d+ 160000 /.test(field) ? [fields[at + 1] ?? ''] : []));
};
