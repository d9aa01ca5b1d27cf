import {serverNow} from '../model/ages.ts';
import {attention} from '../model/attention.ts';
import {arrangementOf, keepPlaces, roster} from '../model/roster.ts';
import {updateChoice} from './choices.ts';
import {insert} from './editor.ts';
import {pasteIntoForm, updateForm} from './form.ts';
import {updateHelp} from './help.ts';
import {followQuestion, lentAction, updatePeek} from './peek.ts';
import {updatePrompt} from './prompts.ts';
import {runRoom} from './room.ts';
import {and, type Context, type Message, say, scopeOf, type Updated, unchanged, type ViewState} from './state.ts';

/** Rows keep their places for this long after a key, ms, so that none moves under the next one. */
const STILL_MS = 2000;

/**
 * The whole behaviour of a view: state and a message give the next state and what to do. Pure: the clock and the room come in
 * through `context`.
 */
export const update = (state: ViewState, message: Message, context: Context): Updated => {
	switch (message.type) {
		case 'key':
			return onKey({...state, lastKeyAt: context.now}, message.key, message.text, context);
		case 'paste':
			return onPaste(state, message.text, context);
		case 'leader':
			return and({...state, typing: '', lastTyped: state.typing || state.lastTyped, lastKeyAt: context.now}, {type: 'type', agent: ''});
		case 'told':
			return unchanged(say(state, message.text, context.now, message.isBad));
		case 'painted':
			return state.dialog?.kind === 'peek' && state.dialog.paintedAt === 0
				? unchanged({...state, dialog: {...state.dialog, paintedAt: Math.max(1, context.now)}})
				: unchanged(state);
		case 'snapshot':
			return unchanged(onSnapshot(state, context));
	}
};

const onKey = (state: ViewState, key: string, text: string, context: Context): Updated => {
	const {dialog} = state;
	if (context.layout.kind === 'refused') return key === 'ctrl+c' || key === 'q' ? and(state, {type: 'detach'}) : unchanged(state);
	const action = context.keymap.find(scopeOf(state), key)?.action ?? '';
	if (!dialog) return runRoom({...state, toast: undefined}, action, context);
	switch (dialog.kind) {
		case 'peek': {
			const lent = lentAction(dialog, key, context);
			if (lent) return runRoom({...state, dialog: undefined}, lent, context);
			return updatePeek(state, dialog, action, key, text, context);
		}
		case 'form':
			return updateForm(state, action, key, text, context);
		case 'help':
			return updateHelp(state, dialog, action, key, text, context);
		case 'filter':
		case 'goto':
			return updatePrompt(state, dialog, action, key, text, context);
		default:
			return updateChoice(state, dialog, action, context);
	}
};

/** Pasted text goes into the field that is being written; in the room it is not a row of keys and does nothing. */
const onPaste = (state: ViewState, text: string, context: Context): Updated => {
	const {dialog} = state;
	if (dialog?.kind === 'form') return unchanged({...state, draft: pasteIntoForm(state.draft, text)});
	if (dialog?.kind === 'peek' && dialog.paintedAt > 0) return unchanged({...state, dialog: {...dialog, reply: insert(dialog.reply, text)}});
	if (dialog?.kind === 'filter') {
		const editor = insert(dialog.text, text);
		return unchanged({...state, dialog: {...dialog, text: editor}, filters: {...state.filters, [dialog.list]: editor.text}});
	}
	if (dialog?.kind === 'goto') return unchanged({...state, dialog: {...dialog, text: insert(dialog.text, text)}});
	return dialog
		? unchanged(state)
		: unchanged(say(state, 'Pasted text goes into a pane or a field: ↵ types into the pane, n writes a task.', context.now));
};

const onSnapshot = (state: ViewState, context: Context): ViewState => {
	const {snapshot, now} = context;
	const rows = roster(snapshot, serverNow(snapshot, now));
	const isStill = now - state.lastKeyAt < STILL_MS && state.arrangement.length > 0;
	const arrangement = isStill ? keepPlaces(state.arrangement, rows) : arrangementOf(rows);
	const toast = state.toast && state.toast.until > now ? state.toast : undefined;
	const next = followQuestion({...state, arrangement, toast}, context);
	return closeWhatIsOver(next, context);
};

/** A dialog about something that is gone closes and says so; a pane that is gone gives the keys back. */
const closeWhatIsOver = (state: ViewState, {snapshot, now}: Context): ViewState => {
	const {dialog} = state;
	const close = (text: string): ViewState => say({...state, dialog: undefined}, text, now);
	const {agents, tasks, locks, control} = snapshot.team;
	if (dialog?.kind === 'stop' && !agents.has(dialog.agent)) return close('that agent is gone');
	if (dialog?.kind === 'unlock' && !locks.has(dialog.name)) return close('that lock is free already');
	if (dialog?.kind === 'reassign' && ['merged', 'dead', 'cancelled'].includes(tasks.get(dialog.task)?.state ?? 'merged'))
		return close(`${dialog.task} is over already`);
	if (dialog?.kind === 'frozen' && !control.frozen && now - dialog.at > 3000) return {...state, dialog: undefined};
	if (dialog?.kind === 'peek' && dialog.row.startsWith('hold:') && !attention(snapshot, now).some(item => item.id === dialog.row))
		return {...state, dialog: undefined};
	return state;
};
