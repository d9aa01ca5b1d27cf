import {agentName} from '../agent/agent.ts';

/** By which way a person's word came: a terminal of the room, numbered from 1 in its life, or one command. `pid` 0 where the system does not tell. */
export type Way =
	| {readonly by: 'terminal'; readonly terminal: number}
	| {readonly by: 'command'; readonly command: string; readonly pid: number};

/** Which attempt an agent speaks for. `name` is that of the attempt's files. */
export type Speaker = {readonly agent: string; readonly task: string; readonly token: string; readonly stage: string};

/**
 * Who asks something of the room. The room knows it from the socket that the request came by and from the process at its other end, never from what the
 * request says of itself.
 */
export type Principal =
	| {readonly kind: 'person'; readonly way: Way}
	/** Came by the socket of its attempt. */
	| ({readonly kind: 'agent'} & Speaker)
	/** Came by the person's socket, from a process that an agent has started; `agent` '' where it is not known which. */
	| {readonly kind: 'intruder'; readonly agent: string; readonly pid: number}
	/** Came by the person's socket, from a process that did not prove which one it is. */
	| {readonly kind: 'external'};

/** Most characters of a command's name. */
const COMMAND_KEPT = 40;

/** The name of a command as its own program told it, fit for a sentence: `agent-room` for none. */
export const commandName = (told: unknown): string => {
	const words =
		typeof told === 'string'
			? told
					.replace(/[^a-z -]/g, '')
					.trim()
					.slice(0, COMMAND_KEPT)
			: '';
	return words === '' ? 'agent-room' : `agent-room ${words}`;
};

/** The way as it stands in the record, such as `terminal 2`, or `agent-room approve` in backticks with its pid. */
export const tellWay = (way: Way): string => {
	if (way.by === 'terminal') return `terminal ${way.terminal}`;
	return `\`${way.command}\`${way.pid > 0 ? `, pid ${way.pid}` : ''}`;
};

/** A principal's name in a sentence. */
export const tellPrincipal = (principal: Principal): string => {
	switch (principal.kind) {
		case 'person':
			return `you, ${tellWay(principal.way)}`;
		case 'agent':
			return agentName(principal.agent);
		case 'intruder':
			return principal.agent === '' ? 'an agent' : agentName(principal.agent);
		case 'external':
			return 'an unidentified process';
	}
};
