import {type MergeCheck, mergeCheck} from '../../core/merge-check.ts';
import type {Task} from '../../core/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {lookOf} from '../state/looking.ts';
import type {ViewState} from '../state/state.ts';
import {serverNow} from './ages.ts';

type Known = {readonly key: readonly unknown[]; readonly check: MergeCheck};
const known = new WeakMap<Task, Known>();

/** Is it safe to merge, by what the view knows now. Made once a second at most, however often a page asks while nothing changes. */
export const checkOf = (task: Task, {state, snapshot, now}: {state: ViewState; snapshot: RoomSnapshot; now: number}): MergeCheck => {
	const facts = lookOf(state, 'facts', task.id);
	const {team, conflicts, repository, hasTestCommand} = snapshot;
	const key = [facts, team, conflicts, repository.baseCommit, hasTestCommand, Math.floor(now / 1000)];
	const before = known.get(task);
	if (before?.key.every((part, index) => part === key[index])) return before.check;
	const check = mergeCheck({task, facts, team, room: snapshot, now: serverNow(snapshot, now)});
	known.set(task, {key, check});
	return check;
};
