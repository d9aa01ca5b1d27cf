import {agentName} from '../core/agent.ts';
import type {EventLine} from '../core/output.ts';
import {plainLine} from './plain-text.ts';

/** One event as a line for people: local time, whom it is about, what happened. */
export const eventText = (event: EventLine): string => {
	const time = new Date(event.at).toTimeString().slice(0, 8);
	const about = [event.task, event.agent && agentName(event.agent)].filter(Boolean).join(' ');
	return plainLine(`${time}  ${about.padEnd(16)}  ${event.text || event.type.replaceAll('_', ' ')}`);
};
