import type {Action} from '../../core/action.ts';
import type {Dialog} from './dialogs.ts';
import {type Editor, edit, emptyEditor, insert} from './editor.ts';
import {and, type Context, refuse, say, type Updated, unchanged, type ViewState} from './state.ts';

/** Dialogs in which a person writes to whoever goes on with something. */
export type Written = Extract<Dialog, {kind: 'replan' | 'bounce'}>;

const nameOf = (dialog: Written): string => (dialog.kind === 'replan' ? `feature ${dialog.feature}` : `bounce ${dialog.task}`);

const orderOf = (dialog: Written, text: string): {readonly action: Action; readonly said: string} =>
	dialog.kind === 'replan'
		? {action: {type: 'replan', feature: dialog.feature, text}, said: `${dialog.feature} is planned anew…`}
		: {action: {type: 'bounce-task', task: dialog.task, reason: text}, said: `${dialog.task} goes back to its author…`};

/** What was written so far. */
export const writtenWords = (state: ViewState, dialog: Written): Editor => state.words[nameOf(dialog)] ?? emptyEditor;

/** Words are kept until they are sent. A new plan may be asked for without any; nobody's work is sent back without a word. */
export const updateWritten = (state: ViewState, dialog: Written, action: string, key: string, text: string, context: Context): Updated => {
	if (action === 'close') return unchanged({...state, dialog: undefined});
	const words = writtenWords(state, dialog);
	if (action === 'send') {
		const given = words.text.trim();
		if (dialog.kind === 'bounce' && given === '') return refuse(state, 'Its author needs words: what should be different?', context);
		const order = orderOf(dialog, given);
		const {[nameOf(dialog)]: _sent, ...rest} = state.words;
		const sent = {name: nameOf(dialog), words};
		return and(say({...state, words: rest, sent, dialog: undefined}, order.said, context.now), {type: 'dispatch', action: order.action});
	}
	const next = edit(words, key, text, true);
	return unchanged(next ? {...state, words: {...state.words, [nameOf(dialog)]: next}} : state);
};

export const pasteWritten = (state: ViewState, dialog: Written, text: string): ViewState => ({
	...state,
	words: {...state.words, [nameOf(dialog)]: insert(writtenWords(state, dialog), text, true)},
});
