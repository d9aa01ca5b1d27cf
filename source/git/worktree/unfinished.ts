import {readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {openBeneath} from '../../os/beneath.ts';
import {LinkRefused} from '../../os/link-refused.ts';
import {isObjectId} from '../process/names.ts';
import {git} from '../process/run.ts';
import type {AgentGit} from './agent-git.ts';
import {inTree, type Tree} from './tree.ts';

/** An interrupted merge, rebase, cherry-pick or revert. */
export type Unfinished = {
	/** Full ref of the branch under a rebase, else ''. */
	readonly branch: string;
	/** Commits that must stay reachable from the saved work. */
	readonly parents: readonly string[];
	/** The other side of a merge with conflicts, else ''. */
	readonly merging: string;
};

/** Files that git deletes when it concludes such a step. */
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

/** The full ref of the branch being rebased in the user's git folder, '' for none. */
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
 * Whether every conflicting path is resolved, even without \`git add\`: git had put markers into the file (text on both sides), and none
 * are left.
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
 * The interrupted step in a worktree; undefined for none. A merge counts as a parent only without conflicts; a path whose markers are gone
 * is no conflict. `index` is a copy of the agent's.
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
		// Autostashes of the rebase or merge: no stash list has them yet.
		...STASHED.map(own.text),
	].filter(isObjectId);
	return {branch, parents, merging: isConcluded ? '' : (merged[0] ?? '')};
};

/** Forgets the interrupted step; files, index and branch stay. */
export const endUnfinished = (own: Pick<AgentGit, 'remove'>): void => {
	for (const name of [...STATE_FILES, ...STATE_FOLDERS]) own.remove(name);
};

/** The same in the room's git folder of a worktree. */
export const endOwnUnfinished = ({gitDir}: Tree): void => {
	for (const name of [...STATE_FILES, ...STATE_FOLDERS]) rmSync(join(gitDir, name), {recursive: true, force: true});
};
