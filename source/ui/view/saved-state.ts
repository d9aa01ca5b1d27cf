import type {Past} from '../../store/history.ts';
import type {SavedState} from '../../store/terminal.ts';
import {keptDraft, recallDraft} from '../state/draft.ts';
import type {Command, Context, Message} from '../state/message.ts';
import type {ViewState} from '../state/state.ts';
import {keptSeen, recallSeen} from '../state/unread.ts';

type OfRecord = Extract<Command, {type: 'entries' | 'look-back' | 'wake'}>;

export const isOfRecord = (command: Command): command is OfRecord =>
	command.type === 'entries' || command.type === 'look-back' || command.type === 'wake';

/** Entries of one answer. */
const ENTRIES = 300;

/** Reads of the record what the state wants to know, and says what came. */
export const followRecord = (command: OfRecord, past: Past, send: (message: Message) => void): void => {
	if (command.type === 'wake') setTimeout(() => send({type: 'snapshot'}), command.ms).unref();
	else if (command.type === 'look-back')
		void past.look(command.to, command.filter).then(found => send({type: 'looked-back', to: command.to, past: found}));
	else {
		const {from, direction, filter} = command;
		void past.entries(from, direction, filter, ENTRIES).then(page => send({type: 'entries', direction, filter, page}));
	}
};

/** Lets a fault of one screen end that screen and nothing else: without somebody who takes it, it is thrown as ever. */
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
	/** The state that a view starts with, with what an earlier one kept. */
	begin(state: ViewState): ViewState;
	/** Keeps what the next view starts with; what is kept already is not written again. */
	keep(state: ViewState, look: Pick<Context, 'snapshot' | 'now'>): void;
};

/** What a human's view leaves to the next one: until when they looked, and a task that was not queued yet. */
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
			// What is on its way is kept until the room has it.
			keep('draft', keptDraft(state.sent && 'draft' in state.sent ? state.sent.draft : state.draft));
		},
	};
};
