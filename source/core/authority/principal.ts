import {agentName} from '../agent/agent.ts';

/** How an order of yours arrived: from a terminal, numbered from 1, or from one command. `pid` is 0 if the system does not report it. */
export type Way =
	| {readonly by: 'terminal'; readonly terminal: number}
	| {readonly by: 'command'; readonly command: string; readonly pid: number};

/** The attempt an agent speaks for. `name` is the attempt's file name. */
export type Speaker = {readonly agent: string; readonly task: string; readonly token: string; readonly stage: string};

/** The origin of a request. The room derives it from the socket and the process at its other end, never from the request. */
export type Principal =
	| {readonly kind: 'person'; readonly way: Way}
	/** Came by the attempt's socket. */
	| ({readonly kind: 'agent'} & Speaker)
	/** Came by the human's socket from a process that an agent started; `agent` is '' if unknown. */
	| {readonly kind: 'intruder'; readonly agent: string; readonly pid: number}
	/** Came by the human's socket from a process that did not prove its identity. */
	| {readonly kind: 'external'};

const COMMAND_KEPT = 40;

/** Returns a command's self-reported name, safe for a sentence: `agent-room` for none. */
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

/** Formats a way for the event log: `terminal 2`, or `agent-room approve` in backticks with its pid. */
export const tellWay = (way: Way): string => {
	if (way.by === 'terminal') return `terminal ${way.terminal}`;
	return `\`${way.command}\`${way.pid > 0 ? `, pid ${way.pid}` : ''}`;
};

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
