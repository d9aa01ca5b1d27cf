import {parseAgentId} from '../../core/agent/agent.ts';
import {order} from '../client/client.ts';
import {type RunCommand, textFlag, wrongUsage} from '../parse/command.ts';

/** `agent-room move TASK OTHER`. */
export const move: RunCommand = invocation => {
	const [task = '', before = ''] = invocation.input.map(id => id.toLowerCase());
	return order(invocation, {type: 'move-task', task, before});
};

/** `agent-room priority TASK N`. */
export const priority: RunCommand = invocation => {
	const [task = '', text = ''] = invocation.input;
	if (!/^\d{1,3}$/.test(text) || Number(text) > 100)
		throw wrongUsage(`\`${text}\` is no priority.`, 'A whole number from 0 to 100; 100 comes first, 50 is usual.');
	return order(invocation, {type: 'prioritise-task', task: task.toLowerCase(), priority: Number(text)});
};

/** `agent-room retry TASK`. */
export const retry: RunCommand = invocation => order(invocation, {type: 'retry-task', task: (invocation.input[0] ?? '').toLowerCase()});

/** `agent-room requeue TASK`. */
export const requeue: RunCommand = invocation => order(invocation, {type: 'requeue-task', task: invocation.input[0] ?? ''});

/** `agent-room release TASK`. */
export const release: RunCommand = invocation => order(invocation, {type: 'release-task', task: invocation.input[0] ?? ''});

/** `agent-room reassign TASK [AGENT]`. */
export const reassign: RunCommand = invocation => {
	const [task = '', agent] = invocation.input;
	return order(invocation, {type: 'reassign-task', task, ...(agent === undefined ? {} : {agent: parseAgentId(agent)})});
};

/** `agent-room cancel TASK [--by TASK]`. */
export const cancel: RunCommand = invocation => {
	const by = textFlag(invocation, 'by').toLowerCase();
	return order(invocation, {type: 'cancel-task', task: invocation.input[0] ?? '', ...(by === '' ? {} : {by})});
};

/** `agent-room bounce TASK --reason TEXT`: handed-in work goes back to its author with these words. */
export const bounce: RunCommand = invocation =>
	order(invocation, {type: 'bounce-task', task: invocation.input[0] ?? '', reason: textFlag(invocation, 'reason')});

/** `agent-room revert TASK`. */
export const revert: RunCommand = invocation => order(invocation, {type: 'revert-task', task: (invocation.input[0] ?? '').toLowerCase()});

/** `agent-room undo-base`. */
export const undoBase: RunCommand = invocation => order(invocation, {type: 'undo-base'});

/** `agent-room keep-base`. */
export const keepBase: RunCommand = invocation => order(invocation, {type: 'keep-base'});

/** `agent-room free TASK OTHER`. */
export const free: RunCommand = invocation => {
	const [task = '', without = ''] = invocation.input.map(id => id.toLowerCase());
	return order(invocation, {type: 'free-task', task, without});
};

/** `agent-room unlock NAME`. */
export const unlock: RunCommand = invocation => order(invocation, {type: 'unlock', name: invocation.input[0] ?? ''});
