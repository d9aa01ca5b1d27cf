import {replayedLine} from '../core/output.ts';
import type {Reply, Request} from '../core/protocol.ts';
import type {Engine} from './engine.ts';

/** Answers from when to when the room can be shown again, or shows it at one moment of the record. Reads Redis, not the room's memory. */
export const lookBack = async ({coordination, state}: Engine, {at}: Extract<Request, {op: 'replay'}>): Promise<Reply> => {
	if (!at) return {ok: true, code: 'ok', data: await coordination.record.range()};
	const replayed = await coordination.record.stateAt(at);
	if (replayed === 'gone')
		return {
			ok: false,
			code: 'too-old',
			message: 'The record does not go back to that moment any more.',
			hint: '`agent-room replay` says how far it does.',
		};
	return {ok: true, code: 'ok', data: replayedLine(replayed, state.getFresh())};
};
