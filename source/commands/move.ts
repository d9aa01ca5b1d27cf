import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room move TASK OTHER`. */
export const move: RunCommand = invocation => {
	const [task = '', before = ''] = invocation.input.map(id => id.toLowerCase());
	return order(invocation, {type: 'move-task', task, before});
};
