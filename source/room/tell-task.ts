import {agentName} from '../core/agent.ts';
import {plainTextLine} from '../core/quote.ts';
import {FINAL_STATES, type Task} from '../core/task.ts';

/** A task in one line, as agents are told of it. */
export const tellTask = (task: Task): string => {
	const at = FINAL_STATES.includes(task.state) ? task.state : `${task.state}, at ${task.stage}`;
	const who = task.owner === '' ? '' : `, ${plainTextLine(agentName(task.owner), 60)} works on it`;
	const waits = task.after.length > 0 && task.state === 'blocked' ? `, after ${task.after.slice(0, 10).join(', ')}` : '';
	const paths = task.paths.length > 0 ? `; touches ${task.paths.join(', ')}` : '';
	return `${task.id} (${at}${who}${waits}): ${plainTextLine(task.title)}${paths}`;
};
