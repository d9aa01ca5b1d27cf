import {existsSync, lstatSync, readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {isObjectId} from '../process/names.ts';
import {git} from '../process/run.ts';
import {gitFolderOf} from '../repository/refs.ts';

/** A merge, rebase, cherry-pick or revert that stopped half-way. */
export type Unfinished = {
	/** Full ref of the branch under a rebase, '' otherwise. */
	readonly branch: string;
	/** Commits that must stay reachable from what is saved. */
	readonly parents: readonly string[];
	/** What was being merged while paths were in conflict, '' otherwise. */
	readonly merging: string;
};

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8').trim() : '');

/** Files that git itself removes when such a step is concluded. */
const STATE_FILES = [
	'MERGE_HEAD',
	'MERGE_MODE',
	'MERGE_MSG',
	'MERGE_RR',
	'AUTO_MERGE',
	'CHERRY_PICK_HEAD',
	'REVERT_HEAD',
	'SQUASH_MSG',
	'MERGE_AUTOSTASH',
];
const STASHED = ['rebase-merge/autostash', 'rebase-apply/autostash', 'MERGE_AUTOSTASH'];
const STATE_FOLDERS = ['rebase-merge', 'rebase-apply', 'sequencer'];

/** The full ref of the branch that is being rebased in this git folder, '' when none is. */
export const rebasedBranch = (gitFolder: string): string =>
	read(join(gitFolder, 'rebase-merge', 'head-name')) || read(join(gitFolder, 'rebase-apply', 'head-name'));

/**
 * Whether every path in conflict has been answered, if not by \`git add\`: git had put markers into the file (both sides have it, as text), and
 * there are none any more.
 */
const isAnswered = (worktree: string, unmerged: string): boolean => {
	const stages = new Map<string, string>();
	for (const entry of unmerged.split('\0').filter(Boolean)) {
		const [, stage = '', path = ''] = /^\d+ [0-9a-f]+ ([123])\t([\s\S]*)$/.exec(entry) ?? [];
		stages.set(path, (stages.get(path) ?? '') + stage);
	}
	return [...stages].every(([path, known]) => {
		const file = join(worktree, path);
		if (!known.includes('23') || !lstatSync(file, {throwIfNoEntry: false})?.isFile()) return false;
		const content = readFileSync(file);
		return !content.includes(0) && !/^(?:<{7,}|={7,}|>{7,}|\|{7,})(?: |\r?$)/m.test(content.toString());
	});
};

/**
 * What is unfinished in a work tree; undefined for nothing. A merge counts as a parent only when no path is left in conflict. One of
 * which git made nothing but markers, and whose markers are gone, is not in conflict any more.
 */
export const readUnfinished = async (worktree: string, gitFolder: string): Promise<Unfinished | undefined> => {
	if (![...STATE_FILES.filter(name => name.endsWith('_HEAD')), ...STATE_FOLDERS].some(name => existsSync(join(gitFolder, name))))
		return undefined;
	const branch = rebasedBranch(gitFolder);
	const parents: string[] = [];
	if (/^refs\/heads\/./.test(branch)) {
		const tip = await git(worktree, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${branch}^{commit}`], {accept: [1]});
		if (tip.code === 0) parents.push(tip.stdout.trim());
	}
	const merged = read(join(gitFolder, 'MERGE_HEAD')).split('\n').filter(isObjectId);
	const unmerged = await git(worktree, ['ls-files', '--unmerged', '-z'], {accept: [128]});
	const isConcluded = unmerged.code === 0 && isAnswered(worktree, unmerged.stdout);
	if (isConcluded) parents.push(...merged);
	// What git had put aside for the time of the rebase or merge: it is on no list of stashes yet.
	parents.push(...STASHED.map(name => read(join(gitFolder, name))).filter(isObjectId));
	return {branch: /^refs\/heads\/./.test(branch) ? branch : '', parents, merging: isConcluded ? '' : (merged[0] ?? '')};
};

/** Forgets the unfinished step; files, index and branch stay as they are. */
export const endUnfinished = async (worktree: string): Promise<void> => {
	const gitFolder = gitFolderOf(worktree);
	for (const name of [...STATE_FILES, ...STATE_FOLDERS]) rmSync(join(gitFolder, name), {recursive: true, force: true});
};
