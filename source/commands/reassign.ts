import {parseAgentId} from '../core/agent.ts';
import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room reassign TASK [AGENT]`. */
export const reassign: RunCommand = invocation => {
	const [task = '', agent] = invocation.input;
	return order(invocation, {type: 'reassign-task', task, ...(agent === undefined ? {} : {agent: parseAgentId(agent)})});
};
