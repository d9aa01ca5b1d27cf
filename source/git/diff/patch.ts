import {existsSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {type ListedFile, type Patch, type PatchFile, readFileList, readHunkLists} from '../../core/change/diff.ts';
import {oneLine} from '../../core/text/quote.ts';
import type {GitVariables} from '../process/environment.ts';
import {isObjectId} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {git, gitLine} from '../process/run.ts';
import {copyIndex} from '../repository/files.ts';
import type {Store} from '../store/store.ts';
import {withAgentGit} from '../worktree/agent-git.ts';
import {takeHead} from '../worktree/look.ts';
import {indexAt, inTree, openTree} from '../worktree/tree.ts';

/** Beyond these, whole files are listed without content, so that no file is cut. */
export const MOST_SHOWN = {files: 2000, lines: 50_000, bytes: 4_000_000} as const;
const FILES_AT_ONCE = 60;

/**
 * Ignores the repository's configuration: programs, converters, colours, order, names. Files beyond 256k count as binary; submodules are
 * skipped, since git would use their configuration.
 */
const PLAIN = [
	...['-c', 'core.bigFileThreshold=256k', '-c', 'diff.noprefix=false', '-c', 'diff.mnemonicPrefix=false', '-c', 'diff.interHunkContext=0'],
	...['-c', 'diff.suppressBlankEmpty=false', '-c', 'diff.renameLimit=1000', '-c', 'diff.relative=false'],
	...[
		'diff',
		'--no-ext-diff',
		'--no-textconv',
		'--no-color',
		'--find-renames',
		'--submodule=short',
		'--ignore-submodules=dirty',
		'-O/dev/null',
	],
];

/** Compares `from` with `to`, or with the worktree's files if `to` is ''. */
type Sides = {readonly folder: string; readonly from: string; readonly to: string; readonly env: GitVariables};

const commitsOf = ({from, to}: Sides): readonly string[] => ['--end-of-options', from, ...(to === '' ? [] : [to]), '--'];

const hunksOf = async (sides: Sides, files: readonly ListedFile[]): Promise<{files: readonly PatchFile[]; bytes: number}> => {
	const paths = files.flatMap(({path, from}) => (from === '' ? [path] : [path, from])).map(path => `:(top,literal)${path}`);
	const {stdout} = await git(sides.folder, [...PLAIN, '--patch', '--unified=3', ...commitsOf(sides), ...paths], {env: sides.env});
	const lists = readHunkLists(stdout);
	// A changed file type (such as to a link) is reported as removed and added.
	const expected = files.reduce((sum, {status}) => sum + (status === 'retyped' ? 2 : 1), 0);
	if (lists.length !== expected) return {files: files.map(file => ({...file, hunks: [], isLeftOut: true})), bytes: stdout.length};
	let next = 0;
	const read = files.map(file => {
		const own = file.status === 'retyped' ? [lists[next++], lists[next++]] : [lists[next++]];
		return {...file, hunks: own.flatMap(hunks => hunks ?? []), isLeftOut: false};
	});
	return {files: read, bytes: stdout.length};
};

const MOST_COMMITS = 100;

const commitsBetween = async (folder: string, from: string, to: string): Promise<Patch['commits']> => {
	const args = ['log', `--max-count=${MOST_COMMITS}`, '--no-color', '--no-show-signature', '-z', '--format=%H %ct %s'];
	const {stdout} = await git(folder, [...args, '--end-of-options', `${from}..${to}`, '--']);
	return stdout.split('\0').flatMap(row => {
		const [, id = '', at = '', subject = ''] = /^(\S+) (\d+) (.*)$/s.exec(row) ?? [];
		return id === '' ? [] : [{id, at: Number(at) * 1000, subject: oneLine(subject)}];
	});
};

const readSides = async (sides: Sides): Promise<Omit<Patch, 'of' | 'from' | 'commit' | 'commits'> | undefined> => {
	const {stdout} = await git(sides.folder, [...PLAIN, '--raw', '--numstat', '-z', '--no-abbrev', ...commitsOf(sides)], {env: sides.env});
	const all = readFileList(stdout);
	if (!all) return undefined;
	const files: PatchFile[] = [];
	let [lines, bytes] = [0, 0];
	for (let at = 0; at < Math.min(all.length, MOST_SHOWN.files); ) {
		const some: ListedFile[] = [];
		const leftOut = new Set<ListedFile>();
		for (; at < Math.min(all.length, MOST_SHOWN.files) && some.length + leftOut.size < FILES_AT_ONCE; at += 1) {
			const file = all[at];
			if (!file) continue;
			const isTooMuch = bytes > MOST_SHOWN.bytes || lines + file.added + file.removed > MOST_SHOWN.lines;
			if (isTooMuch) leftOut.add(file);
			else lines += file.added + file.removed;
			if (!isTooMuch) some.push(file);
			else files.push({...file, hunks: [], isLeftOut: true});
		}
		if (some.length === 0) continue;
		const read = await hunksOf(sides, some);
		bytes += read.bytes;
		files.push(...read.files);
	}
	const place = new Map(all.map(({path}, index) => [path, index]));
	return {
		total: all.length,
		added: all.reduce((sum, {added}) => sum + added, 0),
		removed: all.reduce((sum, {removed}) => sum + removed, 0),
		files: files.toSorted((one, other) => (place.get(one.path) ?? 0) - (place.get(other.path) ?? 0)),
	};
};

/** The merge base; the commit itself without common history. */
const forkOf = async (folder: string, base: string, commit: string): Promise<string> =>
	(await gitLine(folder, ['merge-base', '--end-of-options', base, commit], {accept: [1]})) || base;

/**
 * Where the own change of a work that merges `theirs` begins: there, if the base branch has it, so that what others merged into the base
 * since the fork does not show as this task's. The id may come from an agent: it only ever moves the start along the base branch.
 */
const forkWhileMerging = async (folder: string, base: string, fork: string, theirs: string): Promise<string> => {
	if (!isObjectId(theirs)) return fork;
	const isWithin = async (one: string, other: string): Promise<boolean> =>
		(await git(folder, ['merge-base', '--is-ancestor', '--end-of-options', one, other], {accept: [1, 128]})).code === 0;
	return (await isWithin(fork, theirs)) && (await isWithin(theirs, base)) ? theirs : fork;
};

const none = (): never => {
	throw new GitRefused('git-failed', 'git diff: a path is in conflict in a commit');
};

/** Reads a commit's change since the merge base. `theirs`: what a half-done resolution merges, '' for none. */
export const readPatch = async (options: {root: string; base: string; commit: string; theirs?: string}): Promise<Patch> => {
	const {root, base, commit, theirs = ''} = options;
	const from = await forkWhileMerging(root, base, await forkOf(root, base, commit), theirs);
	const read = await readSides({folder: root, from, to: commit, env: {}});
	return {of: 'branch', from, commit, ...(read ?? none()), commits: await commitsBetween(root, from, commit)};
};

/** Reads what a commit brought to the base: the difference to its first parent. */
export const readMerged = async ({root, commit}: {root: string; commit: string}): Promise<Patch> => {
	const from = await gitLine(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^1`]);
	const read = await readSides({folder: root, from, to: commit, env: {}});
	return {of: 'merged', from, commit, ...(read ?? none()), commits: await commitsBetween(root, from, commit)};
};

/**
 * Reads a worktree's change since the merge base (while a merge is in progress: since what it merges), with uncommitted and untracked files (not ignored ones). Read-only: the room's git uses a
 * copy of its index, `index`, which only names new files. Others may write to the worktree meanwhile.
 */
export const readWorkTree = async (options: {store: Store; folder: string; base: string; index: string}): Promise<Patch> => {
	const {store, base, index} = options;
	const {clone} = store;
	const commit = await takeHead(store, options.folder);
	const tree = openTree(store, options.folder);
	const {folder} = tree;
	const theirs = await withAgentGit(tree, async own => own.text('MERGE_HEAD').split('\n')[0] ?? '');
	const from = await forkWhileMerging(clone, base, await forkOf(clone, base, commit), theirs);
	const env = inTree(tree, index);
	const own = join(tree.gitDir, 'index');
	try {
		if (existsSync(own)) copyIndex(own, index);
		if (indexAt(tree) !== commit || !existsSync(own)) await git(folder, ['read-tree', '--reset', commit], {env});
		// Skips files that vanish or cannot be read.
		await git(folder, ['add', '--intent-to-add', '--ignore-errors', '--', ':/'], {env, accept: [1, 128]});
		const read = await readSides({folder, from, to: '', env});
		return {of: 'worktree', from, commit, ...(read ?? none()), commits: await commitsBetween(clone, from, commit)};
	} finally {
		rmSync(index, {force: true});
		rmSync(`${index}.lock`, {force: true});
	}
};
