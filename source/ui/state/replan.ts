import type {Dialog} from './dialogs.ts';
import {type Editor, edit, emptyEditor, insert} from './editor.ts';
import {and, type Context, say, type Updated, unchanged, type ViewState} from './state.ts';

type Replan = Extract<Dialog, {kind: 'replan'}>;

const nameOf = ({feature}: Replan): string => `feature ${feature}`;

/** What was written so far about a new plan. */
export const replanWords = (state: ViewState, dialog: Replan): Editor => state.words[nameOf(dialog)] ?? emptyEditor;

/** A feature is planned anew with words, or without; they are kept until they are sent. */
export const updateReplan = (state: ViewState, dialog: Replan, action: string, key: string, text: string, {now}: Context): Updated => {
	if (action === 'close') return unchanged({...state, dialog: undefined});
	const words = replanWords(state, dialog);
	if (action === 'send') {
		const {[nameOf(dialog)]: _sent, ...rest} = state.words;
		return and(
			say({...state, words: rest, sent: {name: nameOf(dialog), words}, dialog: undefined}, `${dialog.feature} is planned anew…`, now),
			{
				type: 'dispatch',
				action: {type: 'replan', feature: dialog.feature, text: words.text.trim()},
			},
		);
	}
	const next = edit(words, key, text, true);
	return unchanged(next ? {...state, words: {...state.words, [nameOf(dialog)]: next}} : state);
};

export const pasteReplan = (state: ViewState, dialog: Replan, text: string): ViewState => ({
	...state,
	words: {...state.words, [nameOf(dialog)]: insert(replanWords(state, dialog), text, true)},
});
