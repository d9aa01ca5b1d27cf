import {type RunCommand, textFlag} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room bounce TASK --reason TEXT`: handed-in work goes back to its author with these words. */
export const bounce: RunCommand = invocation =>
	order(invocation, {type: 'bounce-task', task: invocation.input[0] ?? '', reason: textFlag(invocation, 'reason')});
