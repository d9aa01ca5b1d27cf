import {FINAL_STATES} from '../../core/task.ts';
import {checkOf} from '../model/check.ts';
import {decisionOn} from './decision.ts';
import {and, type Context, refuse, say, type Updated, unchanged, type ViewState} from './state.ts';

/** Merges a task before others. What is safe goes at once; else it is asked for, with the reasons. Nothing is skipped by it. */
export const mergeNow = (state: ViewState, id: string, context: Context): Updated => {
	const task = context.snapshot.team.tasks.get(id);
	if (!task || task.state === 'merged') return refuse(state, `${id || 'What is not there'} is merged already.`, context);
	if (FINAL_STATES.includes(task.state)) return refuse(state, `${id} is ${task.state}: there is nothing to merge.`, context);
	// What waits for a person's word is asked on the card where that word is given.
	if (task.asks !== '') return unchanged({...state, dialog: decisionOn(task)});
	const {verdict, reason} = checkOf(task, {...context, state});
	if (verdict === 'RUNNING') return unchanged(say(state, `${id}: ${reason}.`, context.now));
	if (verdict === 'SAFE') return and(state, {type: 'dispatch', action: {type: 'merge-task', task: id}});
	return unchanged({...state, dialog: {kind: 'merge', task: id}});
};
