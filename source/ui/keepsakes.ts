import type {Memory} from '../store/memory.ts';
import {keptDraft, recallDraft} from './state/draft.ts';
import {keptSeen, recallSeen} from './state/seen.ts';
import type {Context, ViewState} from './state/state.ts';

export type Keepsakes = {
	/** The state that a view begins with, with what an earlier one kept. */
	begin(state: ViewState): ViewState;
	/** Keeps what the next view begins with; what is kept already is not written again. */
	keep(state: ViewState, look: Pick<Context, 'snapshot' | 'now'>): void;
};

/** What a person's view leaves to the next one: until when they looked, and a task that was not queued yet. */
export const createKeepsakes = (memory: Memory | undefined): Keepsakes => {
	const known = new Map<string, string>();
	const keep = (name: string, text: string): void => {
		if (!memory || known.get(name) === text) return;
		known.set(name, text);
		memory.keep(name, text);
	};
	return {
		begin: state => (memory ? {...state, seen: recallSeen(memory.recall('seen')), draft: recallDraft(memory.recall('draft'))} : state),
		keep: (state, look) => {
			keep('seen', keptSeen(state, look));
			// What is on its way is kept until the room has it.
			keep('draft', keptDraft(state.sent && 'draft' in state.sent ? state.sent.draft : state.draft));
		},
	};
};
