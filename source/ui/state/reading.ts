import type {Task} from '../../core/task.ts';
import type {Decision, Dialog} from './dialogs.ts';
import {type Context, type Message, pageOf, type Updated, type ViewState} from './state.ts';

export const isDecision = (dialog: Dialog | undefined): dialog is Decision => dialog?.kind === 'plan' || dialog?.kind === 'decide';

/** The task whose long texts are on the screen, '' for none. */
const wanted = (state: ViewState): string => {
	if (isDecision(state.dialog)) return state.dialog.task;
	const page = pageOf(state);
	return page?.kind === 'task' ? page.task : '';
};

/** What of a task says that its texts may have changed. */
export const versionOf = (task: Task | undefined): string =>
	task ? [task.updatedAt, task.state, task.stage, task.asks, task.rounds, task.failures].join(' ') : 'unknown';

/**
 * Asks for the texts that the screen needs now, and again whenever their task has changed. An answer alone is no reason to ask: a task that is
 * missing, or that Redis does not give now, is asked for at most once for every other message.
 */
export const withReading = ({state, commands}: Updated, message: Message, {snapshot}: Context): Updated => {
	const id = wanted(state);
	if (id === '' || message.type === 'read') return {state, commands};
	const version = versionOf(snapshot.team.tasks.get(id));
	const before = state.reading?.id === id ? state.reading : undefined;
	if (before?.asked === version) return {state, commands};
	const reading = {id, asked: version, version: before?.version ?? '', task: before?.task, isMissing: before?.isMissing ?? false};
	return {state: {...state, reading}, commands: [...commands, {type: 'read', task: id, version}]};
};

/**
 * The answer. One that is about something else by now is dropped; a missing one is asked for again with the next change or second. Where what is
 * to be decided is another now, it must be painted before a key counts.
 */
export const takeReading = (state: ViewState, {id, version, task}: Extract<Message, {type: 'read'}>): ViewState => {
	const {reading, dialog} = state;
	if (reading?.id !== id || reading.asked !== version) return state;
	if (!task) return {...state, reading: {...reading, asked: '', isMissing: true}};
	const next = {...state, reading: {id, asked: version, version, task, isMissing: false}};
	const isOther =
		isDecision(dialog) && dialog.task === id && (task.proposal !== reading.task?.proposal || task.commit !== reading.task.commit);
	return isOther ? {...next, dialog: {...dialog, paintedAt: 0, index: 0, scroll: 0, isSent: false}} : next;
};
