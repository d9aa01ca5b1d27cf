import {tellEvent} from '../core/event-words.ts';
import type {EventLine} from '../core/output.ts';
import {plainLine} from './plain-text.ts';

/** One event as a line for people: local time and what happened; '' for one that tells them nothing. */
export const eventText = (event: EventLine): string => {
	const told = tellEvent(event);
	return told && plainLine(`${new Date(event.at).toTimeString().slice(0, 8)}  ${told}`);
};
