import {type Plan, readProposal} from '../../core/plan.ts';
import type {WholeTask} from '../../core/task.ts';
import type {PlanEdit, ViewState} from '../state/state.ts';

/** A short name of a text: the same text has the same, another one most likely another. */
const fingerprint = (text: string): string => {
	let hash = 0x811c9dc5;
	for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
	return (hash >>> 0).toString(36);
};

/** Under this name the edit of a proposed plan is kept: one of another proposal has another. */
export const editName = (task: Pick<WholeTask, 'id' | 'proposal'>): string => `plan-${task.id}-${fingerprint(task.proposal)}`;

/** The plan that a task waits with, as a person sees it: the proposal, or what the person made of it. */
export type Proposal = {
	readonly task: WholeTask;
	readonly name: string;
	readonly plan: Plan | undefined;
	readonly edit: PlanEdit | undefined;
};

const plans = new WeakMap<WholeTask, {readonly plan: Plan | undefined}>();
/** Read once for each reading of a task, however often the screen asks. */
const proposed = (task: WholeTask): Plan | undefined => {
	const known = plans.get(task) ?? {plan: readProposal(task.proposal)};
	plans.set(task, known);
	return known.plan;
};

/** Undefined while the task is not read yet. A text that cannot be read shows the proposal, and what is wrong with the text. */
export const proposalOf = (state: ViewState, id: string): Proposal | undefined => {
	const task = state.reading?.id === id ? state.reading.task : undefined;
	if (!task) return undefined;
	const name = editName(task);
	const edit = state.edits[name];
	return {task, name, plan: edit?.plan ?? proposed(task), edit};
};
