import {type RunCommand, textFlag} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room cancel TASK [--by TASK]`. */
export const cancel: RunCommand = invocation => {
	const by = textFlag(invocation, 'by').toLowerCase();
	return order(invocation, {type: 'cancel-task', task: invocation.input[0] ?? '', ...(by === '' ? {} : {by})});
};
