import type {Action} from '../../core/action.ts';
import {FINAL_STATES, type Task} from '../../core/task.ts';
import {withoutMarks} from './marks.ts';
import {and, type Updated, type ViewState} from './state.ts';

/** A question before what cannot simply be taken back, or is done to many: what happens, to whom, and what is kept. */
export type Confirm = {
	readonly kind: 'confirm';
	readonly title: string;
	readonly question: string;
	/** Whom it is about, where that is more than one. */
	readonly names: readonly string[];
	readonly facts: readonly (readonly [label: string, text: string])[];
	/** What `y` does, as an order: `cancel them`. */
	readonly order: string;
	/** What was done then, for the answer: `cancelled`. */
	readonly word: string;
	readonly actions: readonly Action[];
};

/** A task waits for what will not be merged any more: it may go on without. */
export const freeQuestion = ({id}: Task, without: string): Confirm => ({
	kind: 'confirm',
	title: `Go on without ${without}?`,
	question: `Let ${id} go on without ${without}?`,
	names: [],
	facts: [
		['what happens', `${id} waits for ${without} no longer`],
		['mind', `what ${without} was to bring is not there`],
	],
	order: 'go on without it',
	word: 'goes on',
	actions: [{type: 'free-task', task: id, without}],
});

/** Does one thing, or many and tells of all of them at once. */
export const doAll = (state: ViewState, actions: readonly Action[], word: string): Updated => {
	const [only] = actions;
	return and(state, actions.length === 1 && only ? {type: 'dispatch', action: only} : {type: 'dispatch-all', actions, word});
};

/** The person says yes: all of it is ordered, and the rows are marked no more. */
export const confirmed = (state: ViewState, {actions, word}: Confirm): Updated =>
	doAll(withoutMarks({...state, dialog: undefined}), actions, word);

/** Whether all that it is about is over by now; a dead task can still be cancelled or queued again. */
export const isMoot = ({actions}: Confirm, tasks: ReadonlyMap<string, Task>): boolean =>
	actions.every(action => {
		if (!('task' in action)) return false;
		const state = tasks.get(action.task)?.state ?? 'merged';
		return state !== 'dead' && FINAL_STATES.includes(state);
	});
