import type {RunCommand} from './command.ts';
import {wrongUsage} from './command-error.ts';
import {order} from './room-client.ts';

/** `agent-room priority TASK N`. */
export const priority: RunCommand = invocation => {
	const [task = '', text = ''] = invocation.input;
	if (!/^\d{1,3}$/.test(text) || Number(text) > 100)
		throw wrongUsage(`\`${text}\` is no priority.`, 'A whole number from 0 to 100; 100 comes first, 50 is usual.');
	return order(invocation, {type: 'prioritise-task', task: task.toLowerCase(), priority: Number(text)});
};
