import {FINAL_STATES, type TaskState} from '../../core/task.ts';
import {attention} from '../model/attention.ts';
import {isMoot} from './confirm.ts';
import type {Decision} from './dialogs.ts';
import {isDecision} from './reading.ts';
import {type Context, say, type ViewState} from './state.ts';

const FINISHED: readonly TaskState[] = FINAL_STATES.filter(state => state !== 'dead');

/** Decided, here or on another terminal: what was written for it is no longer needed. */
const closeDecision = (state: ViewState, dialog: Decision, {snapshot, now}: Context): ViewState => {
	const task = snapshot.team.tasks.get(dialog.task);
	const isOpen = !task || (dialog.kind === 'plan' ? task.asks === 'plan' : task.asks !== '' && task.asks !== 'plan');
	if (isOpen) return state;
	const {[dialog.task]: _written, ...words} = state.words;
	const closed = {...state, words, dialog: undefined};
	return dialog.isSent ? closed : say(closed, `${dialog.task} asks no longer: it was decided elsewhere`, now);
};

/** A dialog about something that is gone closes and says so; a pane that is gone gives the keys back. */
export const closeWhatIsOver = (state: ViewState, context: Context): ViewState => {
	const {snapshot, now} = context;
	const {dialog} = state;
	const close = (text: string): ViewState => say({...state, dialog: undefined}, text, now);
	const {agents, tasks, locks, control} = snapshot.team;
	if (dialog?.kind === 'stop' && !agents.has(dialog.agent)) return close('that agent is gone');
	if (dialog?.kind === 'unlock' && !locks.has(dialog.name)) return close('that lock is free already');
	if (dialog?.kind === 'confirm' && isMoot(dialog, tasks)) return close('that is over already');
	if (dialog?.kind === 'reassign' && FINAL_STATES.includes(tasks.get(dialog.task)?.state ?? 'merged'))
		return close(`${dialog.task} is over already`);
	if (dialog?.kind === 'merge' && tasks.get(dialog.task)?.state === 'merged') return close(`${dialog.task} is merged`);
	if (dialog?.kind === 'cancel' && FINISHED.includes(tasks.get(dialog.task)?.state ?? 'merged'))
		return close(`${dialog.task} is over already`);
	if (isDecision(dialog)) return closeDecision(state, dialog, context);
	if (dialog?.kind === 'frozen' && !control.frozen && now - dialog.at > 3000) return {...state, dialog: undefined};
	if (dialog?.kind === 'peek' && dialog.row.startsWith('hold:') && !attention(snapshot, now).some(item => item.id === dialog.row))
		return {...state, dialog: undefined};
	return state;
};
