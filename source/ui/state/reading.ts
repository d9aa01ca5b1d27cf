import {type MergeCheck, mergeCheck} from '../../core/merge/verdict.ts';
import {type Plan, readProposal} from '../../core/plan/plan.ts';
import type {Task, WholeTask} from '../../core/task/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {serverNow} from '../model/time.ts';
import type {Context, Message, Updated} from './message.ts';
import {type Decision, type Dialog, lookOf, type PlanEdit, pageOf, type ViewState} from './state.ts';

const fingerprint = (text: string): string => {
	let hash = 0x811c9dc5;
	for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
	return (hash >>> 0).toString(36);
};

/** Name of a plan's saved edit; each proposal has its own. */
export const editName = (task: Pick<WholeTask, 'id' | 'proposal'>): string => `plan-${task.id}-${fingerprint(task.proposal)}`;

/** The plan of a task as shown: the proposal, or your edit of it. */
export type Proposal = {
	readonly task: WholeTask;
	readonly name: string;
	readonly plan: Plan | undefined;
	readonly edit: PlanEdit | undefined;
};

const plans = new WeakMap<WholeTask, {readonly plan: Plan | undefined}>();
/** Cached for each read of a task. */
const proposed = (task: WholeTask): Plan | undefined => {
	const known = plans.get(task) ?? {plan: readProposal(task.proposal)};
	plans.set(task, known);
	return known.plan;
};

/** Undefined until the task is read. An invalid edit shows the proposal with the edit's problems. */
export const proposalOf = (state: ViewState, id: string): Proposal | undefined => {
	const task = state.reading?.id === id ? state.reading.task : undefined;
	if (!task) return undefined;
	const name = editName(task);
	const edit = state.edits[name];
	return {task, name, plan: edit?.plan ?? proposed(task), edit};
};

export const isDecision = (dialog: Dialog | undefined): dialog is Decision => dialog?.kind === 'plan' || dialog?.kind === 'decide';

/** The task whose long texts are on screen, '' for none. */
const wanted = (state: ViewState): string => {
	if (isDecision(state.dialog)) return state.dialog.task;
	const page = pageOf(state);
	return page?.kind === 'task' ? page.task : '';
};

/** Changes whenever a task's texts may have. */
export const versionOf = (task: Task | undefined): string =>
	task ? [task.updatedAt, task.state, task.stage, task.decision, task.rounds, task.failures].join(' ') : 'unknown';

/**
 * Requests the texts on screen, again whenever their task changes. An answer alone triggers no request: a missing task is requested at most
 * once per other message.
 */
export const withReading = ({state, commands}: Updated, message: Message, {snapshot}: Context): Updated => {
	const id = wanted(state);
	if (id === '' || message.type === 'read') return {state, commands};
	const version = versionOf(snapshot.team.tasks.get(id));
	const before = state.reading?.id === id ? state.reading : undefined;
	if (before?.asked === version) return {state, commands};
	const reading = {id, asked: version, version: before?.version ?? '', task: before?.task, isMissing: before?.isMissing ?? false};
	return {state: {...state, reading}, commands: [...commands, {type: 'read', task: id, version}]};
};

/**
 * Takes the answer. Drops one about something else; a missing one is requested again with the next change or second. A changed decision
 * must be painted before keys count.
 */
export const takeReading = (state: ViewState, {id, version, task}: Extract<Message, {type: 'read'}>): ViewState => {
	const {reading, dialog} = state;
	if (reading?.id !== id || reading.asked !== version) return state;
	if (!task) return {...state, reading: {...reading, asked: '', isMissing: true}};
	const next = {...state, reading: {id, asked: version, version, task, isMissing: false}};
	const isOther =
		isDecision(dialog) && dialog.task === id && (task.proposal !== reading.task?.proposal || task.commit !== reading.task.commit);
	return isOther ? {...next, dialog: {...dialog, paintedAt: 0, index: 0, scroll: 0, isSent: false}} : next;
};

export const isFine = (proposal: Proposal | undefined): boolean => proposal?.plan !== undefined && !proposal.edit?.problems.length;

type Known = {readonly key: readonly unknown[]; readonly check: MergeCheck};
const known = new WeakMap<Task, Known>();

/** The merge check from what the view knows, cached for a second. */
export const checkOf = (task: Task, {state, snapshot, now}: {state: ViewState; snapshot: RoomSnapshot; now: number}): MergeCheck => {
	const facts = lookOf(state, 'facts', task.id);
	const {team, conflicts, repository, hasTestCommand} = snapshot;
	const key = [facts, team, conflicts, repository.baseCommit, hasTestCommand, Math.floor(now / 1000)];
	const before = known.get(task);
	if (before?.key.every((part, index) => part === key[index])) return before.check;
	const check = mergeCheck({task, facts, team, room: snapshot, now: serverNow(snapshot, now)});
	known.set(task, {key, check});
	return check;
};
