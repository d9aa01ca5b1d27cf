import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import type {Task} from '../../core/task/task.ts';
import {isHalfDone} from '../../git/merge/in-progress.ts';
import {slug} from '../../git/process/names.ts';
import {removeWorktree} from '../../git/worktree/remove.ts';
import {removeHome} from '../../sandbox/home.ts';
import type {Room} from '../parts/parts.ts';
import {removeSessionFolders} from '../prepare/launch.ts';
import {homesOfTask} from '../prepare/sandbox-paths.ts';
import {reviewName, worktreesFolder} from '../prepare/workspace.ts';

/**
 * Removes the worktrees of a merged task: those of its attempts and of killed reviews, with the folders of its agents' sessions. `removeWorktree`
 * keeps what no ref reaches: a superseded attempt whose commits are nowhere else keeps branch and worktree.
 */
export const cleanup = async (
	{facts, record, slots, lifecycle}: Pick<Room, 'facts' | 'record' | 'slots' | 'lifecycle'>,
	task: Task,
): Promise<void> => {
	const {store} = facts.guardian;
	lifecycle.cleaning.add(task.id);
	const worktree = record.team().tasks.get(task.id)?.worktree ?? task.worktree;
	const inUse = new Set(slots.attempts().map(attempt => attempt.workspace.folder));
	const {attempts, reviews} = leftWorkspaces(task.id, facts.options.stateFolder);
	const earlier = attempts.filter(folder => folder !== worktree);
	const sessions = new Set(slots.attempts().map(({launched}) => launched?.folder ?? ''));
	try {
		await removeSessionFolders(facts.options.stateFolder, task.id, sessions);
		if (!slots.attempts().some(attempt => attempt.task.id === task.id)) await removeHome(homesOfTask(facts.options.stateFolder, task.id));
		for (const folder of [worktree, ...reviews]) if (folder !== '' && !inUse.has(folder)) await removeWorktree({store, folder});
		// A ref keeps the state of an interrupted resolution that continued elsewhere; no one uses its worktree any more.
		for (const folder of earlier)
			if (!inUse.has(folder)) await removeWorktree({store, folder, mustBeHeld: !(await isHalfDone(store, folder))});
	} catch (error) {
		facts.log(`cannot remove the worktrees of ${task.id}: ${String(error)}`);
	} finally {
		lifecycle.cleaning.delete(task.id);
		lifecycle.requestTick();
	}
};

/** Worktrees left by attempts and killed reviews of a task, newest first. */
const leftWorkspaces = (id: string, stateFolder: string): {readonly attempts: readonly string[]; readonly reviews: readonly string[]} => {
	const folder = worktreesFolder(stateFolder);
	const names = existsSync(folder) ? readdirSync(folder) : [];
	const numbered = (prefix: string): readonly string[] =>
		names
			.filter(name => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
			.toSorted((one, other) => Number(other.slice(prefix.length)) - Number(one.slice(prefix.length)))
			.map(name => join(folder, name));
	return {attempts: numbered(`${slug(id)}-a`), reviews: ['review', 'audit', 'plan'].flatMap(stage => numbered(reviewName(id, stage)))};
};
