import type {Past} from '../../store/history.ts';
import type {SavedState} from '../../store/terminal.ts';
import {keptDraft, recallDraft} from '../state/draft.ts';
import type {Command, Context, Message} from '../state/message.ts';
import type {ViewState} from '../state/state.ts';
import {keptSeen, recallSeen} from '../state/unread.ts';

type OfRecord = Extract<Command, {type: 'entries' | 'look-back' | 'wake'}>;

export const isOfRecord = (command: Command): command is OfRecord =>
	command.type === 'entries' || command.type === 'look-back' || command.type === 'wake';

const ENTRIES = 300;

export const followRecord = (command: OfRecord, past: Past, send: (message: Message) => void): void => {
	if (command.type === 'wake') setTimeout(() => send({type: 'snapshot'}), command.ms).unref();
	else if (command.type === 'look-back')
		void past.look(command.to, command.filter).then(found => send({type: 'looked-back', to: command.to, past: found}));
	else {
		const {from, direction, filter} = command;
		void past.entries(from, direction, filter, ENTRIES).then(page => send({type: 'entries', direction, filter, page}));
	}
};

/** Limits a failure to its screen; without a handler it is thrown. */
export const containedBy =
	(onBroken: ((error: unknown) => void) | undefined) =>
	<Given extends readonly unknown[]>(run: (...given: Given) => void) =>
	(...given: Given): void => {
		try {
			run(...given);
		} catch (error) {
			if (!onBroken) throw error;
			onBroken(error);
		}
	};

export type StateKeeper = {
	/** Restores what an earlier view saved. */
	begin(state: ViewState): ViewState;
	/** Saves what the next view starts with, if it changed. */
	keep(state: ViewState, look: Pick<Context, 'snapshot' | 'now'>): void;
};

/** What a view leaves to the user's next one: what was seen, and an unsent task. */
export const createStateKeeper = (memory: SavedState | undefined): StateKeeper => {
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
			// A sent draft is kept until the room accepts it.
			keep('draft', keptDraft(state.sent && 'draft' in state.sent ? state.sent.draft : state.draft));
		},
	};
};
