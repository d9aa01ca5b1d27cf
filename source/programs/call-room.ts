import type {Reply, Report} from '../core/protocol.ts';
import {RoomSilent} from '../socket/errors.ts';
import {follow} from '../socket/request.ts';

/**
 * Sends one report with the identity of the environment's attempt and waits for the reply, as long as `signal` allows: aborting hangs up,
 * which is what withdraws a question. Refuses with `RoomAbsent` where no room is, with `RoomSilent` where it ended, or we hung up, before
 * an answer.
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
	if (!reply) throw new RoomSilent(signal.aborted ? 'The room did not answer in time.' : 'The room ended before it had answered.');
	return reply;
};
