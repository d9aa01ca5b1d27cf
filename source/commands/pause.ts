import {parseAgentId} from '../core/agent.ts';
import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room pause [AGENT]`. */
export const pause: RunCommand = invocation => {
	const [agent] = invocation.input;
	return order(invocation, agent === undefined ? {type: 'pause-all'} : {type: 'pause-agent', agent: parseAgentId(agent)});
};
