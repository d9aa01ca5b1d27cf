import type {RoomStore} from '../../store/room.ts';
import type {Command, Message} from '../state/message.ts';

/** What a paste of files becomes: their marks, or the paste as it was where one of them is no file, or is not kept. */
export const keepFiles = async (
	{paths, paste}: Extract<Command, {type: 'keep-files'}>,
	keep: RoomStore['keepFile'],
): Promise<Extract<Message, {type: 'kept'}>> => {
	const kept = await Promise.all(paths.map(path => keep(path)));
	const marks = kept.filter(mark => typeof mark === 'string');
	const refused = kept.find(found => typeof found === 'object');
	if (marks.length === kept.length) return {type: 'kept', text: `${marks.join(' ')} `, problem: ''};
	return {type: 'kept', text: paste, problem: refused ? `${refused.message} ${refused.hint}` : ''};
};
