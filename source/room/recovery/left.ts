import {existsSync, lstatSync, readdirSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {FINAL_STATES, STAGES} from '../../core/task/task.ts';
import type {Store} from '../../git/store/store.ts';
import {removeWorktree} from '../../git/worktree/remove.ts';
import {findTree} from '../../git/worktree/tree.ts';
import {isWorkingIn} from '../../os/at-work.ts';
import {removeFolder} from '../../os/remove-folder.ts';

/** Leftovers of an older run on disk: of what, in words, and size in bytes. */
export type Left = {readonly path: string; readonly why: string; readonly bytes: number};

const STAGE = STAGES.join('|');
/** The task in the name of a state folder: `t-1-a2`, `t-1-review-7`, `t-1-develop-3.log`. */
const NAMES: Readonly<Record<string, RegExp>> = {
	worktrees: new RegExp(`^(.+?)-(?:a|(?:${STAGE})-)\\d+$`),
	sessions: new RegExp(`^(.+)-(?:${STAGE})-\\d+$`),
	logs: new RegExp(`^(.+)-(?:${STAGE})-\\d+\\.log$`),
	briefs: new RegExp(`^(.+)-(?:${STAGE})-\\d+\\.(?:md|files)$`),
	homes: /^(?!tests$)(.+)$/,
};

const bytesOf = (path: string): number => {
	const found = lstatSync(path, {throwIfNoEntry: false});
	if (!found) return 0;
	const inside = found.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0) : 0;
	return found.blocks * 512 + inside;
};

const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

/**
 * Leftovers of ended runs in the state folder that are unchanged for `keepMs`: of ended tasks, and folders put aside. What belongs to an unknown
 * task (`statesOf`) stays, and so does what a process uses. Reads only.
 */
export const findLeft = async (
	stateFolder: string,
	statesOf: (tasks: readonly string[]) => Promise<ReadonlyMap<string, string>>,
	{keepMs, now}: {readonly keepMs: number; readonly now: number},
): Promise<readonly Left[]> => {
	const isOld = (path: string): boolean => now - (lstatSync(path, {throwIfNoEntry: false})?.mtimeMs ?? now) >= keepMs;
	const named = Object.entries(NAMES).flatMap(([folder, pattern]) =>
		namesIn(join(stateFolder, folder)).flatMap(name => {
			const task = pattern.exec(name)?.[1];
			const path = join(stateFolder, folder, name);
			return task !== undefined && isOld(path) ? [{path, task}] : [];
		}),
	);
	const states = named.length === 0 ? new Map<string, string>() : await statesOf([...new Set(named.map(({task}) => task))]);
	const ended = named.flatMap(({path, task}) => {
		const state = FINAL_STATES.find(final => final === states.get(task));
		return state && !isWorkingIn(path) ? [{path, why: `task ${task} is ${state}`, bytes: bytesOf(path)}] : [];
	});
	const broken = namesIn(stateFolder)
		.filter(name => /\.broken-\d+$/.test(name))
		.map(name => join(stateFolder, name))
		.filter(isOld)
		.map(path => ({path, why: 'was damaged and put aside', bytes: bytesOf(path)}));
	return [...ended, ...broken];
};

/** Removes them. Commits of a worktree that are nowhere else are first kept by the room. Returns what stays, with the reason. */
export const removeLeft = async (store: Store, left: readonly Left[]): Promise<readonly Left[]> => {
	const kept: Left[] = [];
	for (const one of left) {
		const isTree = basename(dirname(one.path)) === 'worktrees' && findTree(store, one.path) !== undefined;
		const removal = isTree ? await removeWorktree({store, folder: one.path}) : undefined;
		if (removal?.kind === 'kept') kept.push({...one, why: removal.reason});
		else await removeFolder(one.path);
	}
	return kept;
};
