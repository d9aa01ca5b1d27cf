import {serveMcp} from '../../programs/mcp/serve.ts';
import {EXIT, notReady, programVersion, type RunCommand} from '../parse/command.ts';

/** `agent-room mcp`: the room's tools for this pane's agent, by MCP on stdio. Exits with its client. */
export const mcp: RunCommand = async ({environment}) => {
	if (!environment.AGENT_ROOM_SOCKET || !environment.AGENT_ROOM_AGENT)
		throw notReady('no-pane', 'This is not the pane of an agent.', '`mcp` is only for agents that agent-room has started.');
	await serveMcp(environment, programVersion());
	return EXIT.ok;
};
