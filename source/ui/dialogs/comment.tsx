import {Text} from 'ink';
import {FINAL_STATES} from '../../core/task/task.ts';
import type {Drawing} from '../draw/context.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import {Area, Dialog, Gap, Paragraph, useDialog, useInner} from '../parts/dialog.tsx';
import {T} from '../parts/tone.tsx';
import {and, type Updated, unchanged} from '../state/message.ts';
import type {Dialog as AnyDialog, ViewState} from '../state/state.ts';
import {type Editor, edit, emptyEditor, insert} from '../text/editor.ts';
import {cut, said} from '../text/text.ts';

type Comment = Extract<AnyDialog, {kind: 'comment'}>;

const nameOf = ({task}: Comment): string => `comment ${task}`;

/** The draft of a comment, kept until it is sent. */
const commentWords = (state: ViewState, dialog: Comment): Editor => state.words[nameOf(dialog)] ?? emptyEditor;

const updateComment = (state: ViewState, dialog: Comment, action: string, key: string, text: string): Updated => {
	if (action === 'close') return unchanged({...state, dialog: undefined});
	if (action === 'severity') return unchanged({...state, dialog: {...dialog, severity: dialog.severity === 'nit' ? 'must-fix' : 'nit'}});
	const words = commentWords(state, dialog);
	if (action === 'send') {
		if (words.text.trim() === '') return unchanged(state);
		const {[nameOf(dialog)]: _sent, ...rest} = state.words;
		const {task, file, line, severity} = dialog;
		return and(
			{...state, words: rest, sent: {name: nameOf(dialog), words}, dialog: undefined},
			{type: 'dispatch', action: {type: 'comment', task, file, line, severity, text: words.text.trim()}},
		);
	}
	const next = edit(words, key, text, true);
	return unchanged(next ? {...state, words: {...state.words, [nameOf(dialog)]: next}} : state);
};

const pasteComment = (state: ViewState, dialog: Comment, text: string): ViewState => ({
	...state,
	words: {...state.words, [nameOf(dialog)]: insert(commentWords(state, dialog), text, true)},
});

const HANDED_IN: readonly string[] = ['review', 'audit', 'test', 'merge'];

const effect = ({snapshot}: Drawing, {task: id, severity}: Comment): string => {
	const task = snapshot.team.tasks.get(id);
	if (task && FINAL_STATES.includes(task.state)) return `Cannot comment on ${task.id}: it is ${task.state}.`;
	const isBack = task && severity === 'must-fix' && HANDED_IN.includes(task.stage) && task.state !== 'blocked';
	if (isBack) return `${task.id} returns to ${task.firstStage}; its agent fixes this and submits again.`;
	if (task?.state === 'leased' && !HANDED_IN.includes(task.stage)) return 'The agent sees your comment now, the reviewer later.';
	return 'The next agent sees your comment, and so does the reviewer.';
};

const comment = (drawing: Drawing, dialog: Comment) => {
	const {layout, state} = drawing;
	const {file, line} = dialog;
	return {
		task: said(dialog.task),
		width: Math.min(92, layout.columns),
		place: file === '' ? 'the whole task' : `${file}${line > 0 ? `:${line}` : ''}`,
		quote: dialog.quote,
		severity: dialog.severity,
		words: commentWords(state, dialog),
		isTall: layout.rows >= 24,
		effect: effect(drawing, dialog),
	};
};

const Severity = ({name, chosen}: {readonly name: Comment['severity']; readonly chosen: Comment['severity']}) => (
	<T tone={name === chosen ? 'strong' : 'dim'}>{`(${name === chosen ? '●' : ' '}) ${name}`}</T>
);

const CommentDialog = () => {
	const written = useDialog('comment', comment);
	return (
		written && (
			<Dialog title={`Comment on ${written.task}`} width={written.width}>
				<Place>{written.place}</Place>
				<Quote>{written.quote}</Quote>
				<Text>
					{' '}
					<Severity name="must-fix" chosen={written.severity} />
					{'   '}
					<Severity name="nit" chosen={written.severity} />
				</Text>
				<Gap />
				<Area editor={written.words} most={written.isTall ? 5 : 2} />
				<Gap />
				<Paragraph most={2} tone="dim">
					{written.effect}
				</Paragraph>
			</Dialog>
		)
	);
};

const Place = ({children}: {readonly children: string}) => <T tone="strong">{` ${cut(children, useInner() - 2)}`}</T>;

const Quote = ({children}: {readonly children: string}) => {
	const inner = useInner();
	return children !== '' && <T tone="dim">{` ${cut(children, inner - 2)}`}</T>;
};

export const COMMENT: DialogKind<Comment> = {
	mode: 'COMMENT',
	keys: [
		{scope: 'comment', keys: ['enter'], action: 'send', label: 'send', help: 'send comment', group: '', order: 1},
		{
			scope: 'comment',
			keys: ['tab', 'shift+tab'],
			action: 'severity',
			label: 'must-fix / nit',
			help: 'must-fix / nit',
			group: '',
			order: 2,
		},
		{
			scope: 'comment',
			keys: ['esc'],
			action: 'close',
			label: 'close (draft kept)',
			help: 'close (draft kept)',
			group: '',
			order: 3,
		},
	],
	update: (state, dialog, {action, key, text}) => updateComment(state, dialog, action, key, text),
	Part: CommentDialog,
	paste: pasteComment,
};
