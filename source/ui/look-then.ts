import type {Looker} from '../store/room.ts';
import type {Command, Message} from './state/state.ts';

/** Looks something up that a person's own tool is opened on then; where there is no such thing, that is said. */
export const lookThen = async (
	{type, task}: Extract<Command, {type: 'web' | 'trial'}>,
	look: Looker,
	perform: (command: Command) => void,
	send: (message: Message) => void,
): Promise<void> => {
	const refuse = (why = `Nothing is known of ${task} now.`): void => send({type: 'not-edited', message: why});
	if (type === 'web') {
		const page = await look('web', task);
		return page?.url ? perform({type: 'browse', url: page.url}) : refuse(page?.why);
	}
	const tree = await look('trial', task);
	return tree?.folder ? perform({type: 'work', tool: 'trial', path: tree.folder}) : refuse(tree?.why);
};
