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

type Written = Extract<AnyDialog, {kind: 'replan' | 'request-changes'}>;

const nameOf = (dialog: Written): string => (dialog.kind === 'replan' ? `feature ${dialog.feature}` : `bounce ${dialog.task}`);

const orderOf = (dialog: Written, text: string): {readonly action: Action; readonly said: string} =>
	dialog.kind === 'replan'
		? {action: {type: 'replan', feature: dialog.feature, text}, said: `replanning ${dialog.feature}…`}
		: {action: {type: 'request-changes', task: dialog.task, reason: text}, said: `requesting changes on ${dialog.task}…`};

const writtenWords = (state: ViewState, dialog: Written): Editor => state.words[nameOf(dialog)] ?? emptyEditor;

/** Text is kept until sent. Replanning needs none; requesting changes does. */
const updateWritten = (state: ViewState, dialog: Written, action: string, key: string, text: string, context: Context): Updated => {
	if (action === 'close') return unchanged({...state, dialog: undefined});
	const words = writtenWords(state, dialog);
	if (action === 'send') {
		const given = words.text.trim();
		if (dialog.kind === 'request-changes' && given === '') return refuse(state, 'Write what should change.', context);
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

const told = (dialog: Written, {snapshot}: Drawing): {readonly title: string; readonly text: string; readonly ask: string} => {
	const {features, tasks} = snapshot.team;
	if (dialog.kind === 'request-changes') {
		const author = agentName(tasks.get(dialog.task)?.author ?? '');
		return {
			title: `Request changes on ${said(dialog.task)}`,
			text: `The task leaves review, tests and the merge queue. ${author === '' ? 'Its author' : `${author} or another agent`} continues in the same worktree and session. This costs no attempt and voids all approvals.`,
			ask: 'What should change?',
		};
	}
	const feature = features.get(dialog.feature);
	const counts = feature ? `${feature.merged} of ${feature.total} tasks are merged, ${feature.open} are open. ` : '';
	return {
		title: `Replan ${said(dialog.feature)}`,
		text: `${counts}Merged tasks stay. The new plan may add tasks and cancel open ones. With \`plan: ask\` you approve it first.`,
		ask: 'What has changed? Optional.',
	};
};

const shown = (drawing: Drawing, dialog: Written) => ({
	...told(dialog, drawing),
	width: Math.min(92, drawing.layout.columns),
	words: writtenWords(drawing.state, dialog),
	most: drawing.layout.rows >= 24 ? 6 : 2,
});

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
		{scope: 'replan', keys: ['enter'], action: 'send', label: 'replan', help: 'replan feature', group: '', order: 1},
		{
			scope: 'replan',
			keys: ['esc'],
			action: 'close',
			label: 'close (draft kept)',
			help: 'close (draft kept)',
			group: '',
			order: 2,
		},
	],
};

export const REQUEST_CHANGES: DialogKind<Extract<AnyDialog, {kind: 'request-changes'}>> = {
	...written,
	mode: 'REQUEST CHANGES',
	Part: RequestChangesDialog,
	keys: [
		{scope: 'request-changes', keys: ['enter'], action: 'send', label: 'request changes', help: 'request changes', group: '', order: 1},
		{
			scope: 'request-changes',
			keys: ['esc'],
			action: 'close',
			label: 'close (draft kept)',
			help: 'close (draft kept)',
			group: '',
			order: 2,
		},
	],
};
