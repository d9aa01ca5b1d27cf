import {formatAge} from './age.ts';
import {agentName} from './agent.ts';
import type {Mail} from './coordination.ts';

/** One mail as a line: how long ago, who, about which task, what. `now` is server time, epoch ms. */
export const tellMail = ({at, from, task, text}: Mail, now: number): string =>
	`${formatAge(now - at)} ago, ${from === '' ? 'a person' : agentName(from)}${task === '' ? '' : ` (${task})`}: ${text}`;
