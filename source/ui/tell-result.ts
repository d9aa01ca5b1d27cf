import {type Action, type ActionResult, refusal} from '../core/action.ts';
import type {Command, Message} from './state/state.ts';
import {tellAll} from './tell-all.ts';

/** Tells a view what came of what it asked of the room; resolves with whether it was done. */
export const tellResult = async (answer: Promise<ActionResult>, send: (message: Message) => void): Promise<boolean> => {
	try {
		const result = await answer;
		if (!result.ok) send({type: 'told', text: [result.message, result.hint].filter(Boolean).join(' '), isBad: true, code: result.code});
		else if (result.text) send({type: 'told', text: result.text, isBad: false, ids: result.ids ?? []});
		return result.ok;
	} catch (error) {
		send({type: 'told', text: `The room could not do that: ${error instanceof Error ? error.message : String(error)}`, isBad: true});
		return false;
	}
};

/** The same of many at once, in one sentence. */
export const tellResults = async (
	{actions, word}: Extract<Command, {type: 'dispatch-all'}>,
	dispatch: (action: Action) => Promise<ActionResult>,
	send: (message: Message) => void,
): Promise<void> => {
	const broken = (error: unknown): ActionResult => refusal('broken', error instanceof Error ? error.message : String(error));
	const results = await Promise.all(actions.map(action => dispatch(action).catch(broken)));
	send({type: 'told', ...tellAll(results, word)});
};
