import type {Reply, Report} from '../core/protocol/request.ts';
import {follow} from '../socket/client.ts';
import {RoomEnded, RoomSilent} from '../socket/errors.ts';

/**
 * Sends one report for the environment's attempt and waits for the reply; aborting `signal` hangs up, which withdraws a question. Refuses
 * with `RoomAbsent` without a room, `RoomSilent` if it ended or we hung up before the reply.
 */
export const callRoom = async (
	environment: Readonly<Record<string, string | undefined>>,
	report: Report,
	signal: AbortSignal,
): Promise<Reply> => {
	const {
		AGENT_ROOM_SOCKET: path = '',
		AGENT_ROOM_AGENT: agent = '',
		AGENT_ROOM_TASK: task = '',
		AGENT_ROOM_TOKEN: token = '',
	} = environment;
	const replies: Reply[] = [];
	await follow(path, {op: 'report', agent, task, token, ...report}, reply => replies.push(reply), {signal});
	const [reply] = replies;
	if (!reply) throw signal.aborted ? new RoomSilent('The room did not answer in time.') : new RoomEnded();
	return reply;
};

/** Formats a span: `0.4 s`, `3.2 s`, `2 min 5 s`. */
export const seconds = (ms: number): string => {
	if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
	const whole = Math.round(ms / 1000);
	return `${Math.floor(whole / 60)} min ${whole % 60} s`;
};

/** Foreign text on one line, without control characters, cut to `limit` with an ellipsis. */
export const oneLine = (text: string, limit = 200): string => {
	const line = text
		.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
		.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
		.trim();
	return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
};

export const shortCommit = (commit: string): string => commit.slice(0, 9);
