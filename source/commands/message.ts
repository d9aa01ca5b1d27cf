import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room message AGENT TEXT`. */
export const message: RunCommand = invocation => {
	const [agent = '', text = ''] = invocation.input;
	return order(invocation, {type: 'message', agent, text});
};
