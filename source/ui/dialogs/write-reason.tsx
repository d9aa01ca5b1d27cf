import {agentName} from '../../core/agent/agent.ts';
import type {Action} from '../../core/protocol/action.ts';
import type {Drawing} from '../draw/context.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import {Area, Dialog, Gap, Paragraph, useDialog, useInner} from '../parts/dialog.tsx';
import {T} from '../parts/tone.tsx';
import {and, type Context, refuse, say, type Updated, unchanged} from '../state/message.ts';
import type {Dialog as AnyDialog, ViewState} from '../state/state.ts';
import {type Editor, edit, emptyEditor, insert} from '../text/editor.ts';
import {cut, said} from '../text/text.ts';

/** Dialogs in which a person writes to whoever goes on with something. */
type Written = Extract<AnyDialog, {kind: 'replan' | 'request-changes'}>;

const nameOf = (dialog: Written): string => (dialog.kind === 'replan' ? `feature ${dialog.feature}` : `bounce ${dialog.task}`);

const orderOf = (dialog: Written, text: string): {readonly action: Action; readonly said: string} =>
	dialog.kind === 'replan'
		? {action: {type: 'replan', feature: dialog.feature, text}, said: `${dialog.feature} is planned anew…`}
		: {action: {type: 'request-changes', task: dialog.task, reason: text}, said: `${dialog.task} goes back to its author…`};

/** What was written so far. */
const writtenWords = (state: ViewState, dialog: Written): Editor => state.words[nameOf(dialog)] ?? emptyEditor;

/** Words are kept until they are sent. A new plan may be asked for without any; nobody's work is sent back without a word. */
const updateWritten = (state: ViewState, dialog: Written, action: string, key: string, text: string, context: Context): Updated => {
	if (action === 'close') return unchanged({...state, dialog: undefined});
	const words = writtenWords(state, dialog);
	if (action === 'send') {
		const given = words.text.trim();
		if (dialog.kind === 'request-changes' && given === '')
			return refuse(state, 'Its author needs words: what should be different?', context);
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
	if (dialog.kind === 'request-changes') {
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

const shown = (drawing: Drawing, dialog: Written) => ({
	...told(dialog, drawing),
	width: Math.min(92, drawing.layout.columns),
	words: writtenWords(drawing.state, dialog),
	most: drawing.layout.rows >= 24 ? 6 : 2,
});

/** A dialog with words for whoever goes on: what it does, and what was written so far. */
const WrittenDialog = ({written}: {readonly written: ReturnType<typeof shown> | undefined}) =>
	written && (
		<Dialog title={written.title} width={written.width}>
			<Paragraph most={4}>{written.text}</Paragraph>
			<Gap />
			<Question>{written.ask}</Question>
			<Area editor={written.words} most={written.most} />
		</Dialog>
	);
const Question = ({children}: {readonly children: string}) => <T tone="strong">{` ${cut(children, useInner() - 2)}`}</T>;

const ReplanDialog = () => <WrittenDialog written={useDialog('replan', shown)} />;
const RequestChangesDialog = () => <WrittenDialog written={useDialog('request-changes', shown)} />;

const written: Pick<DialogKind<Written>, 'update' | 'paste'> = {
	update: (state, dialog, {action, key, text}, context) => updateWritten(state, dialog, action, key, text, context),
	paste: pasteWritten,
};

export const REPLAN: DialogKind<Extract<AnyDialog, {kind: 'replan'}>> = {
	...written,
	mode: 'PLAN ANEW',
	Part: ReplanDialog,
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

export const REQUEST_CHANGES: DialogKind<Extract<AnyDialog, {kind: 'request-changes'}>> = {
	...written,
	mode: 'SEND BACK',
	Part: RequestChangesDialog,
	keys: [
		{scope: 'request-changes', keys: ['enter'], action: 'send', label: 'send it back', help: 'send it back', group: '', order: 1},
		{
			scope: 'request-changes',
			keys: ['esc'],
			action: 'close',
			label: 'back (words are kept)',
			help: 'back, the words are kept',
			group: '',
			order: 2,
		},
	],
};
