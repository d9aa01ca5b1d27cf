import {agentName} from '../agent/agent.ts';
import type {RoomEvent} from '../event/event.ts';
import {sentenceOf} from '../event/words.ts';
import type {LogLine} from './output-schema.ts';

/** Events that somebody who watches many machines is called for, and those that they want to find later. */
const LEVELS: Readonly<Record<string, LogLine['level']>> = {
	task_failed: 'error',
	base_failing: 'error',
	base_strayed: 'error',
	...Object.fromEntries(
		(
			[
				...['attempt_failed', 'task_reclaimed', 'task_needs_decision', 'task_unmerged', 'entry_removed', 'entry_refused', 'room_left'],
				...['leader_changed', 'account_throttled', 'budget_reached', 'order_refused', 'network_refused', 'lock_forced', 'prompt_rejected'],
			] as const
		).map(type => [type, 'warning' as const]),
	),
};

/** An event as a line of a worker's log; `at` is the time on this machine, epoch ms. Undefined for one that has nothing to tell. */
export const logOfEvent = (event: RoomEvent, at: number): LogLine | undefined => {
	const message = sentenceOf(event);
	if (message === '') return undefined;
	const agent = event.agent === '' ? '' : agentName(event.agent);
	return {...logOf(event.type, message, at, LEVELS[event.type] ?? 'info'), task: event.task, agent};
};

/** A line of the worker's own. */
export const logOf = (event: string, message: string, at: number, level: LogLine['level'] = 'info'): LogLine => ({
	time: new Date(at).toISOString(),
	level,
	event,
	task: '',
	agent: '',
	message,
});
