import {type MergeCheck, mergeCheck} from '../../core/merge-check.ts';
import type {Task} from '../../core/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {lookOf} from '../state/looking.ts';
import type {ViewState} from '../state/state.ts';
import {serverNow} from './ages.ts';

/** Is it safe to merge, by what the view knows now. */
export const checkOf = (task: Task, {state, snapshot, now}: {state: ViewState; snapshot: RoomSnapshot; now: number}): MergeCheck =>
	mergeCheck({task, facts: lookOf(state, 'facts', task.id), team: snapshot.team, room: snapshot, now: serverNow(snapshot, now)});
