import type {Dialog} from './dialogs.ts';
import {type Editor, edit, emptyEditor, insert} from './editor.ts';
import {and, type Updated, unchanged, type ViewState} from './state.ts';

type Comment = Extract<Dialog, {kind: 'comment'}>;

const nameOf = ({task}: Comment): string => `comment ${task}`;

/** What was written so far about a change; it is kept until it is sent. */
export const commentWords = (state: ViewState, dialog: Comment): Editor => state.words[nameOf(dialog)] ?? emptyEditor;

export const updateComment = (state: ViewState, dialog: Comment, action: string, key: string, text: string): Updated => {
	if (action === 'close') return unchanged({...state, dialog: undefined});
	if (action === 'severity') return unchanged({...state, dialog: {...dialog, severity: dialog.severity === 'nit' ? 'must-fix' : 'nit'}});
	const words = commentWords(state, dialog);
	if (action === 'send') {
		if (words.text.trim() === '') return unchanged(state);
		const {[nameOf(dialog)]: _sent, ...rest} = state.words;
		const {task, file, line, severity} = dialog;
		return and(
			{...state, words: rest, sent: {name: nameOf(dialog), words}, dialog: undefined},
			{type: 'dispatch', action: {type: 'remark', task, file, line, severity, text: words.text.trim()}},
		);
	}
	const next = edit(words, key, text, true);
	return unchanged(next ? {...state, words: {...state.words, [nameOf(dialog)]: next}} : state);
};

export const pasteComment = (state: ViewState, dialog: Comment, text: string): ViewState => ({
	...state,
	words: {...state.words, [nameOf(dialog)]: insert(commentWords(state, dialog), text, true)},
});
