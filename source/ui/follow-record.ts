import type {Past} from '../store/past.ts';
import type {Command, Message} from './state/state.ts';

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
