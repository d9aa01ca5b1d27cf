import {git} from '../process/run.ts';
import {importCommits} from '../store/import.ts';
import type {Store} from '../store/store.ts';
import {commitsOnBase} from './merged.ts';

/** A merged task: its merge commit and its work. */
export type MergedTask = {readonly task: string; readonly mergedCommit: string; readonly commit: string};

const lines = (items: readonly string[]): string => `${items.join('\n')}\n`;

const missingIn = async (folder: string, commits: readonly string[]): Promise<ReadonlySet<string>> => {
	const {stdout} = await git(folder, ['cat-file', '--batch-check'], {input: lines(commits)});
	return new Set(stdout.split('\n').flatMap(line => (line.endsWith(' missing') ? [line.slice(0, -' missing'.length)] : [])));
};

/** Whether a commit contains a work's change, after a rebase, squash or redo. */
export const holdsChange = async (clone: string, head: string, commit: string): Promise<boolean> => {
	const merged = await git(clone, ['merge-tree', '--write-tree', '--no-messages', '--end-of-options', head, commit], {accept: [1, 128]});
	if (merged.code !== 0) return false;
	const {stdout} = await git(clone, ['rev-parse', '--verify', '--end-of-options', `${head}^{tree}`]);
	return merged.stdout.split('\n')[0] === stdout.trim();
};

/**
 * Returns merges that the base at `head` no longer has: each with the commit that has it now (amended by the user), '' for none. Omits
 * unchanged merges, those whose change is there under other ids, and merges of other repositories' rooms.
 */
export const offBase = async (place: Store, mergedTasks: readonly MergedTask[], head: string): Promise<ReadonlyMap<string, string>> => {
	const {clone} = place;
	if (mergedTasks.length === 0) return new Map();
	const commits = mergedTasks.map(({mergedCommit}) => mergedCommit);
	await importCommits(place, [head]);
	const [unknown, reached] = await Promise.all([
		missingIn(clone, commits),
		git(clone, ['rev-list', '--ignore-missing', '--stdin'], {input: lines([...commits, `^${head}`])}),
	]);
	const outside = new Set(reached.stdout.split('\n'));
	const off = mergedTasks.filter(({mergedCommit}) => !unknown.has(mergedCommit) && outside.has(mergedCommit));
	if (off.length === 0) return new Map();
	const amended = await commitsOnBase(
		place,
		off.map(({task, mergedCommit, commit}) => ({task, commit: commit || mergedCommit})),
		head,
	);
	const found = await Promise.all(
		off.map(async ({task, mergedCommit, commit}): Promise<readonly (readonly [string, string])[]> => {
			const now = amended.get(task);
			if (now !== undefined) return [[task, now]];
			return (await holdsChange(clone, head, commit || mergedCommit)) ? [] : [[task, '']];
		}),
	);
	return new Map(found.flat());
};
