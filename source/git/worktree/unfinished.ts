import {readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {openBeneath} from '../../os/beneath.ts';
import {LinkRefused} from '../../os/link-refused.ts';
import {isObjectId} from '../process/names.ts';
import {git} from '../process/run.ts';
import type {AgentGit} from './agent-git.ts';
import {inTree, type Tree} from './tree.ts';

/** A merge, rebase, cherry-pick or revert that stopped half-way. */
export type Unfinished = {
	/** Full ref of the branch under a rebase, '' otherwise. */
	readonly branch: string;
	/** Commits that must stay reachable from what is saved. */
	readonly parents: readonly string[];
	/** What was being merged while paths were in conflict, '' otherwise. */
	readonly merging: string;
};

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

const REBASED = ['rebase-merge/head-name', 'rebase-apply/head-name'];

/** The full ref of the branch that is being rebased in this git folder of a human's, '' when none is. */
export const rebasedBranch = (gitFolder: string): string => {
	for (const name of REBASED)
		try {
			return readFileSync(join(gitFolder, name), 'utf8').trim();
		} catch {
			// No rebase of that kind.
		}
	return '';
};

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
	const files = openBeneath(worktree);
	const contentOf = (path: string): Buffer | undefined => {
		try {
			return files.read(path);
		} catch (error) {
			if (error instanceof LinkRefused) return undefined;
			throw error;
		}
	};
	try {
		return [...stages].every(([path, known]) => {
			const content = known.includes('23') ? contentOf(path) : undefined;
			return content !== undefined && !content.includes(0) && !/^(?:<{7,}|={7,}|>{7,}|\|{7,})(?: |\r?$)/m.test(content.toString());
		});
	} finally {
		files.close();
	}
};

/**
 * What is unfinished in a worktree; undefined for nothing. A merge counts as a parent only when no path is left in conflict. One of which
 * git made nothing but markers, and whose markers are gone, is not in conflict any more. `index` is a copy of the agent's.
 */
export const readUnfinished = async (tree: Tree, own: AgentGit, index: string): Promise<Unfinished | undefined> => {
	if (![...STATE_FILES.filter(name => name.endsWith('_HEAD')), ...STATE_FOLDERS].some(name => own.look(name))) return undefined;
	const rebased = REBASED.map(own.text).find(Boolean) ?? '';
	const branch = /^refs\/heads\/./.test(rebased) ? rebased : '';
	const merged = own.text('MERGE_HEAD').split('\n').filter(isObjectId);
	const unmerged = await git(tree.folder, ['ls-files', '--unmerged', '-z'], {accept: [128], env: inTree(tree, index)});
	const isConcluded = unmerged.code === 0 && isAnswered(tree.folder, unmerged.stdout);
	const parents = [
		branch === '' ? '' : own.ref(branch),
		...(isConcluded ? merged : []),
		// What git had put aside for the time of the rebase or merge: it is on no list of stashes yet.
		...STASHED.map(own.text),
	].filter(isObjectId);
	return {branch, parents, merging: isConcluded ? '' : (merged[0] ?? '')};
};

/** Forgets the unfinished step; files, index and branch stay as they are. */
export const endUnfinished = (own: Pick<AgentGit, 'remove'>): void => {
	for (const name of [...STATE_FILES, ...STATE_FOLDERS]) own.remove(name);
};

/** The same in the room's own git folder of a tree. */
export const endOwnUnfinished = ({gitDir}: Tree): void => {
	for (const name of [...STATE_FILES, ...STATE_FOLDERS]) rmSync(join(gitDir, name), {recursive: true, force: true});
};
