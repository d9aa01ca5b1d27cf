import {agentName} from '../../core/agent/agent.ts';
import type {Reply} from '../../core/protocol/request.ts';
import {FINAL_STATES, type Task} from '../../core/task/task.ts';
import {plainTextLine} from '../../core/text/quote.ts';
import {RedisLost} from '../../redis/errors.ts';
import type {Facts} from './parts.ts';

/** Done, and nothing more to say. */
export const ok: Reply = {ok: true, code: 'ok'};

/** A refusal as the socket carries it: its word, a sentence, and what to do next. */
export const refuse = (code: string, message: string, hint = ''): Reply => ({ok: false, code, message, hint});

/** The answer to a token that was superseded. */
export const STALE = refuse(
	'stale',
	'This task was reassigned: your token is superseded.',
	'Stop working on it; your commits stay on its branch.',
);

/** A task in one line, as agents are told of it. */
export const tellTask = (task: Task): string => {
	const at = FINAL_STATES.includes(task.state) ? task.state : `${task.state}, in ${task.stage}`;
	const who = task.owner === '' ? '' : `, ${plainTextLine(agentName(task.owner), 60)} owns it`;
	const waits = task.after.length > 0 && task.state === 'blocked' ? `, after ${task.after.slice(0, 10).join(', ')}` : '';
	const paths = task.paths.length > 0 ? `; touches ${task.paths.join(', ')}` : '';
	return `${task.id} (${at}${who}${waits}): ${plainTextLine(task.title)}${paths}`;
};

/**
 * One of many steps that do not depend on one another: where it fails, the log says so, and the others are done all the same. Throws
 * `RedisLost` only: then none of the others can be done either.
 */
export const trying = async ({facts}: {readonly facts: Pick<Facts, 'log'>}, what: string, step: () => Promise<unknown>): Promise<void> => {
	try {
		await step();
	} catch (error) {
		if (error instanceof RedisLost) throw error;
		facts.log(`${what}: ${error instanceof Error ? error.message : String(error)}`);
	}
};
