import {type Plan, type PlanProblem, problemText} from '../../core/plan/plan.ts';
import {readPlan} from '../../core/plan/read.ts';
import {planText} from '../../core/plan/yaml.ts';
import type {Action} from '../../core/protocol/action.ts';
import {WORDLESS_DECISIONS} from '../../core/task/task.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import {keyOf} from '../keymap/keymap.ts';
import {decisionWords} from '../model/decision-words.ts';
import {and, type Context, say, type Updated, unchanged} from '../state/message.ts';
import {openTask} from '../state/open.ts';
import {isFine, type Proposal, proposalOf, versionOf} from '../state/reading.ts';
import type {Decision, PlanEdit, ViewState} from '../state/state.ts';
import {edit, emptyEditor, insert} from '../text/editor.ts';
import {neighbour} from './card.ts';

const NOTHING: Plan = {summary: '', tasks: [], cancel: []};

/** The editor's text: the earlier edit, else the proposal. */
const textOf = ({plan, edit}: Proposal, {snapshot}: Context): string =>
	edit?.text ?? planText(plan ?? NOTHING, new Map([...snapshot.team.tasks.values()].map(({id, title}) => [id, title])));

/**
 * Keys of decisions. Nothing is sent before the question was painted, while a changed task is read again, or twice. The dialog stays until
 * the task is decided, so that a refusal loses no text.
 */
const updateDecision = (state: ViewState, dialog: Decision, action: string, key: string, text: string, context: Context): Updated => {
	if (dialog.isWriting) return write(state, dialog, action, key, text, context);
	const change = (fields: Partial<Decision>): Updated => unchanged({...state, dialog: {...dialog, ...fields}});
	if (action === 'close') return unchanged({...state, dialog: undefined});
	if (action === 'cancel') return unchanged({...state, dialog: {kind: 'cancel', task: dialog.task}});
	if (action === 'task') return unchanged(openTask({...state, dialog: undefined}, dialog.task));
	if (action === 'scroll-down' || action === 'scroll-up') {
		const most = context.overflow(state).dialog;
		const step = dialog.kind === 'plan' || key.startsWith('ctrl') || key.startsWith('pg') ? 5 : 1;
		return change({scroll: Math.min(most, Math.max(0, Math.min(most, dialog.scroll) + (action === 'scroll-down' ? step : -step)))});
	}
	const proposal = dialog.kind === 'plan' ? proposalOf(state, dialog.task) : undefined;
	if (action === 'next' || action === 'previous') {
		const most = Math.max(0, (proposal?.plan?.tasks.length ?? 0) + (proposal?.plan?.cancel.length ?? 0) - 1);
		return change({index: Math.min(most, Math.max(0, dialog.index + (action === 'next' ? 1 : -1))), scroll: 0});
	}
	if (dialog.paintedAt === 0) return unchanged(state);
	if (action === 'request-changes' && isWordless(dialog, context)) return sendNo(state, dialog, context);
	if (action === 'request-changes') return change({isWriting: true});
	if (action === 'edit' && proposal) return and(state, {type: 'edit', name: proposal.name, text: textOf(proposal, context)});
	if (action === 'undo' && proposal?.edit) {
		const {[proposal.name]: _dropped, ...edits} = state.edits;
		return and(say({...state, edits}, 'your edit is discarded: this is the proposed plan', context.now), {
			type: 'forget',
			name: proposal.name,
		});
	}
	return action === 'approve' ? accept(state, dialog, proposal, context) : unchanged(state);
};

/** What is answered by a yes or a no: nobody works on it next who would need words. */
const isWordless = ({task}: Decision, {snapshot}: Context): boolean =>
	WORDLESS_DECISIONS.includes(snapshot.team.tasks.get(task)?.decision ?? '');

const wordsOf = ({task}: Decision, {snapshot}: Context) => decisionWords(snapshot.team.tasks.get(task));

const send = (
	state: ViewState,
	dialog: Decision,
	action: Extract<Action, {type: 'approve' | 'request-changes'}>,
	context: Context,
): Updated =>
	and(
		say({...state, dialog: {...dialog, isSent: true}}, wordsOf(dialog, context).sending[action.type === 'approve' ? 0 : 1], context.now),
		{
			type: 'dispatch',
			action,
		},
	);

const sendNo = (state: ViewState, dialog: Decision, context: Context): Updated => {
	const refused = hindered(state, dialog, context);
	if (refused) return unchanged(say(state, refused, context.now, true));
	return send(state, dialog, {type: 'request-changes', task: dialog.task, reason: ''}, context);
};

/** Why nothing can be sent now; '' where it can. */
const hindered = (state: ViewState, dialog: Decision, {snapshot}: Context): string => {
	if (dialog.isSent) return 'your decision is being sent';
	const version = versionOf(snapshot.team.tasks.get(dialog.task));
	return state.reading?.id === dialog.task && state.reading.version === version && state.reading.task
		? ''
		: 'it has just changed: read it again';
};

const accept = (state: ViewState, dialog: Decision, proposal: Proposal | undefined, context: Context): Updated => {
	const refused = hindered(state, dialog, context);
	if (refused) return unchanged(say(state, refused, context.now, true));
	if (dialog.kind === 'plan' && !isFine(proposal)) {
		const key = keyOf(context.keymap, 'plan.edit');
		const text = proposal?.edit ? `Fix the plan first: ${key} opens it again.` : `No plan to approve: ${key} writes one.`;
		return unchanged(say(state, text, context.now, true));
	}
	const plan = proposal?.edit ? {plan: proposal.edit.text} : {};
	return send(state, dialog, {type: 'approve', task: dialog.task, ...plan}, context);
};

const write = (state: ViewState, dialog: Decision, action: string, key: string, text: string, context: Context): Updated => {
	const words = state.words[dialog.task] ?? emptyEditor;
	if (action === 'close') return unchanged({...state, dialog: {...dialog, isWriting: false}});
	if (action === 'send') {
		const reason = words.text.trim();
		const refused = reason === '' ? wordsOf(dialog, context).empty : hindered(state, dialog, context);
		if (refused) return unchanged(say(state, refused, context.now, true));
		return send(state, {...dialog, isWriting: false}, {type: 'request-changes', task: dialog.task, reason}, context);
	}
	const next = edit(words, key, text, true);
	return unchanged(next ? {...state, words: {...state.words, [dialog.task]: next}} : state);
};

const pasteWords = (state: ViewState, dialog: Decision, text: string): ViewState =>
	dialog.isWriting
		? {...state, words: {...state.words, [dialog.task]: insert(state.words[dialog.task] ?? emptyEditor, text, true)}}
		: state;

/** The text of a plan came back from the editor: read anew, or kept with what is wrong with it. */
export const takeEdit = (state: ViewState, name: string, text: string, context: Context): Updated => {
	const proposal = state.dialog?.kind === 'plan' ? proposalOf(state, state.dialog.task) : undefined;
	const isSame = proposal?.name === name && !proposal.edit && text === textOf(proposal, context);
	if (isSame) return and(say(state, 'no changes made', context.now), {type: 'forget', name});
	const read = readPlan(text);
	const edited: PlanEdit = read.ok ? {text, plan: read.plan, problems: []} : {text, plan: undefined, problems: read.problems};
	const next = {...state, edits: {...state.edits, [name]: edited}};
	if (state.dialog?.kind !== 'plan') return unchanged(next);
	const shown = {...next, dialog: {...state.dialog, index: 0, scroll: 0, paintedAt: 0}};
	return unchanged(read.ok ? say(shown, `this is your edit: ${keyOf(context.keymap, 'plan.approve')} approves it`, context.now) : shown);
};

const problemOf = (line: string): PlanProblem => {
	const match = /^line (\d+): (.*)$/.exec(line);
	return match ? {line: Number(match[1]), message: match[2] ?? ''} : {line: 0, message: line};
};

/** A refused decision: you may decide again, and see the plan's problems. */
export const takeRefusal = (state: ViewState, code: string, message: string, context: Context): ViewState => {
	const {dialog} = state;
	if (dialog?.kind !== 'plan' && dialog?.kind !== 'decide') return state;
	const open = {...state, dialog: {...dialog, isSent: false}};
	const proposal = dialog.kind === 'plan' ? proposalOf(state, dialog.task) : undefined;
	if (code !== 'bad-plan' || !proposal) return open;
	const problems = message.split('\n').filter(Boolean).map(problemOf);
	const edits = {...state.edits, [proposal.name]: {text: textOf(proposal, context), plan: undefined, problems}};
	return {...open, edits, toast: undefined};
};

/** Problems of the plan, as lines. */
export const problemsOf = (edit: PlanEdit | undefined): readonly string[] =>
	edit ? problemText(edit.problems).split('\n').filter(Boolean) : [];

/** Decided here or on another terminal: drops the draft. */
const closeDecision = (state: ViewState, dialog: Decision, {snapshot, now}: Context): ViewState | undefined => {
	const task = snapshot.team.tasks.get(dialog.task);
	const isOpen = !task || (dialog.kind === 'plan' ? task.decision === 'plan' : task.decision !== '' && task.decision !== 'plan');
	if (isOpen) return undefined;
	const {[dialog.task]: _written, ...words} = state.words;
	const closed = {...state, words, dialog: undefined};
	return dialog.isSent ? closed : say(closed, `${dialog.task} was answered in another terminal`, now);
};

/** What a plan that waits for a person and work that does have in common. */
export const decision: Pick<DialogKind<Decision>, 'update' | 'paste' | 'over'> = {
	update: (state, dialog, {action, key, text}, context) =>
		action === 'next-attention' || action === 'previous-attention'
			? unchanged(neighbour(state, `task:${dialog.task}`, action === 'next-attention' ? 1 : -1, context))
			: updateDecision(state, dialog, action, key, text, context),
	paste: pasteWords,
	over: closeDecision,
};
