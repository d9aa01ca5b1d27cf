import type {LogDialog} from './dialogs.ts';
import {lookOf} from './looking.ts';
import {selectionOf} from './selection.ts';
import {and, type Context, refuse, type Updated, unchanged, type ViewState} from './state.ts';

const HALF = 10;

/** Opens the log and cause of what is selected. */
export const openLog = (state: ViewState, context: Context): Updated => {
	const {agent, taskId} = selectionOf(state, context);
	if (!agent && taskId === '') return refuse(state, 'Nothing is selected whose log could be shown.', context);
	return unchanged({...state, dialog: {kind: 'log', task: taskId, agent: agent?.id ?? '', up: 0, isWrapped: true}});
};

/** Keys of the log. It is read from its end: `up` counts from there, so that what is read stays while more comes only when one follows. */
export const updateLog = (state: ViewState, dialog: LogDialog, action: string, context: Context): Updated => {
	if (action === 'close') return unchanged({...state, dialog: undefined});
	if (action === 'pager') {
		const log = lookOf(state, 'log', dialog.task)?.log || context.snapshot.team.tasks.get(dialog.task)?.testLog;
		return log ? and(state, {type: 'page', log}) : refuse(state, 'There is no log of it yet.', context);
	}
	if (action === 'wrap') return unchanged({...state, dialog: {...dialog, isWrapped: !dialog.isWrapped, up: 0}});
	const most = context.overflow(state).dialog;
	const at = Math.min(most, dialog.up);
	const to = {up: at + 1, down: at - 1, 'half-up': at + HALF, 'half-down': at - HALF, first: most, follow: 0}[action] ?? at;
	return unchanged({...state, dialog: {...dialog, up: Math.max(0, Math.min(most, to))}});
};
