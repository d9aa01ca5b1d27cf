import {agentName} from '../../core/agent/agent.ts';
import type {Action} from '../../core/protocol/action.ts';
import type {Drawing} from '../draw/context.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import type {DialogContent} from '../state/descriptor.ts';
import {and, type Context, refuse, say, type Updated, unchanged} from '../state/message.ts';
import type {Dialog, ViewState} from '../state/state.ts';
import {area, paragraph} from '../text/blocks.ts';
import {type Editor, edit, emptyEditor, insert} from '../text/editor.ts';
import {cut, type Line, said, span} from '../text/text.ts';

/** Dialogs in which a person writes to whoever goes on with something. */
type Written = Extract<Dialog, {kind: 'replan' | 'bounce'}>;

const nameOf = (dialog: Written): string => (dialog.kind === 'replan' ? `feature ${dialog.feature}` : `bounce ${dialog.task}`);

const orderOf = (dialog: Written, text: string): {readonly action: Action; readonly said: string} =>
	dialog.kind === 'replan'
		? {action: {type: 'replan', feature: dialog.feature, text}, said: `${dialog.feature} is planned anew…`}
		: {action: {type: 'bounce-task', task: dialog.task, reason: text}, said: `${dialog.task} goes back to its author…`};

/** What was written so far. */
const writtenWords = (state: ViewState, dialog: Written): Editor => state.words[nameOf(dialog)] ?? emptyEditor;

/** Words are kept until they are sent. A new plan may be asked for without any; nobody's work is sent back without a word. */
const updateWritten = (state: ViewState, dialog: Written, action: string, key: string, text: string, context: Context): Updated => {
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

const pasteWritten = (state: ViewState, dialog: Written, text: string): ViewState => ({
	...state,
	words: {...state.words, [nameOf(dialog)]: insert(writtenWords(state, dialog), text, true)},
});

/** What the dialog does, and what its words are for. */
const told = (dialog: Written, {snapshot}: Drawing): {readonly title: string; readonly text: string; readonly ask: string} => {
	const {features, tasks} = snapshot.team;
	if (dialog.kind === 'bounce') {
		const author = agentName(tasks.get(dialog.task)?.author ?? '');
		return {
			title: `Send ${said(dialog.task)} back`,
			text: `It leaves review, tests and the train, and goes on with ${author === '' ? 'its author' : `${author}, or who takes it up,`} in its worktree and session. It costs no attempt; every approval of it is void.`,
			ask: 'What should be different?',
		};
	}
	const feature = features.get(dialog.feature);
	const counts = feature ? `${feature.merged} of ${feature.total} tasks are merged, ${feature.open} are open. ` : '';
	return {
		title: `Plan ${said(dialog.feature)} anew`,
		text: `${counts}What is merged stays. The new plan may add tasks and cancel open ones; you see it before it counts, where \`plan: ask\`.`,
		ask: 'What is different now? May be left empty.',
	};
};

/** A dialog with words for whoever goes on: what it does, and what was written so far. */
const writtenDialog = (drawing: Drawing, dialog: Written): DialogContent => {
	const {layout, state} = drawing;
	const width = Math.min(92, layout.columns);
	const columns = width - 2;
	const {title, text, ask} = told(dialog, drawing);
	return {
		title: [span(title, 'strong')],
		lines: [
			...paragraph(text, columns, 4),
			[],
			[span(` ${cut(ask, columns - 2)}`, 'strong')] as Line,
			...area(writtenWords(state, dialog), columns, layout.rows >= 24 ? 6 : 2),
		],
		selected: -1,
		width,
		isHeavy: true,
	};
};

const written: Pick<DialogKind<Written>, 'update' | 'paste' | 'content'> = {
	update: (state, dialog, {action, key, text}, context) => updateWritten(state, dialog, action, key, text, context),
	paste: pasteWritten,
	content: writtenDialog,
};

export const REPLAN: DialogKind<Extract<Dialog, {kind: 'replan'}>> = {
	...written,
	mode: 'PLAN ANEW',
	keys: [
		{scope: 'replan', keys: ['enter'], action: 'send', label: 'plan anew', help: 'plan the feature anew', group: '', order: 1},
		{
			scope: 'replan',
			keys: ['esc'],
			action: 'close',
			label: 'back (words are kept)',
			help: 'back, the words are kept',
			group: '',
			order: 2,
		},
	],
};

export const BOUNCE: DialogKind<Extract<Dialog, {kind: 'bounce'}>> = {
	...written,
	mode: 'SEND BACK',
	keys: [
		{scope: 'bounce', keys: ['enter'], action: 'send', label: 'send it back', help: 'send it back', group: '', order: 1},
		{
			scope: 'bounce',
			keys: ['esc'],
			action: 'close',
			label: 'back (words are kept)',
			help: 'back, the words are kept',
			group: '',
			order: 2,
		},
	],
};
