import {agentName} from '../../core/agent/agent.ts';
import type {Reply} from '../../core/protocol/request.ts';
import {FINAL_STATES, type Task} from '../../core/task/task.ts';
import {plainTextLine} from '../../core/text/quote.ts';
import {RedisLost} from '../../redis/errors.ts';
import type {Facts} from './parts.ts';

export const ok: Reply = {ok: true, code: 'ok'};

/** A refusal as sent on the socket: code, sentence, and what to do next. */
export const refuse = (code: string, message: string, hint = ''): Reply => ({ok: false, code, message, hint});

/** The reply for a superseded token. */
export const STALE = refuse(
	'stale',
	'This task was reassigned: your token is superseded.',
	'Stop working on it; your commits stay on its branch.',
);

/** A task in one line, for agents. */
export const tellTask = (task: Task): string => {
	const at = FINAL_STATES.includes(task.state) ? task.state : `${task.state}, in ${task.stage}`;
	const who = task.owner === '' ? '' : `, ${plainTextLine(agentName(task.owner), 60)} owns it`;
	const waits = task.after.length > 0 && task.state === 'blocked' ? `, after ${task.after.slice(0, 10).join(', ')}` : '';
	const paths = task.paths.length > 0 ? `; touches ${task.paths.join(', ')}` : '';
	return `${task.id} (${at}${who}${waits}): ${plainTextLine(task.title)}${paths}`;
};

/** Runs one of several independent steps: logs a failure and continues. Throws only `RedisLost`, since the others would fail too. */
export const trying = async ({facts}: {readonly facts: Pick<Facts, 'log'>}, what: string, step: () => Promise<unknown>): Promise<void> => {
	try {
		await step();
	} catch (error) {
		if (error instanceof RedisLost) throw error;
		facts.log(`${what}: ${error instanceof Error ? error.message : String(error)}`);
	}
};
