import type {TeamSnapshot} from '../core/snapshot.ts';
import {FINAL_STATES, type Task} from '../core/task.ts';

export type Tally = {readonly merged: number; readonly dead: number; readonly cancelled: number; readonly open: number};

export const tally = (team: TeamSnapshot): Tally => {
	const count = (state: Task['state']): number => [...team.tasks.values()].filter(task => task.state === state).length;
	return {
		merged: count('merged'),
		dead: count('dead'),
		cancelled: count('cancelled'),
		open: [...team.tasks.values()].filter(task => !FINAL_STATES.includes(task.state)).length,
	};
};

/** Waits for something that will never be merged: for one that is dead or cancelled, or for one that itself is stuck. */
const isStuck = (task: Task, team: TeamSnapshot, seen: ReadonlySet<string> = new Set()): boolean =>
	task.state === 'blocked' &&
	task.after.some(id => {
		const other = team.tasks.get(id);
		if (!other || seen.has(id)) return false;
		return other.state === 'dead' || other.state === 'cancelled' || isStuck(other, team, new Set([...seen, id]));
	});

/** True when nothing more will happen by itself: every task is finished, or waits for one that ended otherwise. */
export const isEmpty = (team: TeamSnapshot): boolean =>
	[...team.tasks.values()].every(task => FINAL_STATES.includes(task.state) || isStuck(task, team));
