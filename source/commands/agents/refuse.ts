import {basename} from 'node:path';
import {agentName} from '../../core/agent/agent.ts';
import {notForAgents} from '../../core/authority/table.ts';
import {request} from '../../socket/client.ts';
import {CommandError} from '../parse/command.ts';
import type {Environment} from './attempt-around.ts';

/** Time limit for telling the room, ms. */
const TELL_MS = 2000;

/**
 * Refuses a human's command to an agent before it does anything. Guarantee: with the environment of an attempt, or below a process that has
 * it, only commands for agents run. This stops accidents and injected lines. An agent without a sandbox can avoid this program: the room
 * therefore checks its callers itself (`room/requests/caller.ts`). The room records and shows it.
 */
export const refuseToAgent = async (command: string, attempt: Environment): Promise<CommandError> => {
	const {
		AGENT_ROOM_SOCKET: socket,
		AGENT_ROOM_AGENT: agent,
		AGENT_ROOM_TASK: task = '',
		AGENT_ROOM_TOKEN: token = '',
		AGENT_ROOM_STATE: state = '',
	} = attempt;
	// Without a room the refusal is enough.
	if (socket && agent)
		await request(socket, {op: 'report', kind: 'tried', agent, task, token, command}, {timeoutMs: TELL_MS}).catch(() => undefined);
	const who = agent ? agentName(agent) : `a program of \`${basename(state)}\``;
	const {code, message, hint} = notForAgents(who, `agent-room ${command}`.trim());
	return new CommandError(code, message, hint);
};
