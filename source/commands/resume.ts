import {parseAgentId} from '../core/agent.ts';
import type {RunCommand} from './command.ts';
import {order} from './room-client.ts';

/** `agent-room resume [AGENT]`. */
export const resume: RunCommand = invocation => {
	const [agent] = invocation.input;
	return order(invocation, agent === undefined ? {type: 'resume-all'} : {type: 'resume-agent', agent: parseAgentId(agent)});
};
