import {basename} from 'node:path';
import {agentName} from '../../core/agent/agent.ts';
import {notForAgents} from '../../core/authority/table.ts';
import {request} from '../../socket/client.ts';
import {CommandError} from '../parse/command.ts';
import type {Environment} from './attempt-around.ts';

/** Telling the room must not keep an agent that was refused waiting, ms. */
const TELL_MS = 2000;

/**
 * Refuses a human's command to an agent before anything of it is done. Guarantee: with the environment of an attempt, or below a process
 * that has it, no command runs but those for agents. It keeps out accidents and what an injected line does; whoever wants to get past it,
 * and has no sandbox around it, calls something else than this program: that is what the room's own look at its callers is for
 * (`room/requests/caller.ts`). The room keeps it in its record and shows it.
 */
export const refuseToAgent = async (command: string, attempt: Environment): Promise<CommandError> => {
	const {
		AGENT_ROOM_SOCKET: socket,
		AGENT_ROOM_AGENT: agent,
		AGENT_ROOM_TASK: task = '',
		AGENT_ROOM_TOKEN: token = '',
		AGENT_ROOM_STATE: state = '',
	} = attempt;
	// Where no room is there to hear of it, the refusal is all.
	if (socket && agent)
		await request(socket, {op: 'report', kind: 'tried', agent, task, token, command}, {timeoutMs: TELL_MS}).catch(() => undefined);
	const who = agent ? agentName(agent) : `a program of \`${basename(state)}\``;
	const {code, message, hint} = notForAgents(who, `agent-room ${command}`.trim());
	return new CommandError(code, message, hint);
};
