import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room free TASK OTHER`. */
export const free: RunCommand = invocation => {
	const [task = '', without = ''] = invocation.input.map(id => id.toLowerCase());
	return order(invocation, {type: 'free-task', task, without});
};
