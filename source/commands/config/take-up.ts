import {request} from '../../socket/client.ts';
import {RoomAbsent} from '../../socket/errors.ts';
import {socketPathFor} from '../../socket/path.ts';
import type {Invocation} from '../parse/command.ts';
import {plainLine} from '../parse/print.ts';
import type {Place} from './place.ts';

/** Time limit of the room's answer, ms. */
const PATIENCE_MS = 15_000;

/** Has a running room take up what was just trusted; the lines say what it did. None without a room. */
export const takeUpConfig = async ({command}: Invocation, {stateFolder}: Pick<Place, 'stateFolder'>): Promise<readonly string[]> => {
	try {
		const reply = await request(
			socketPathFor(stateFolder),
			{op: 'dispatch', action: {type: 'take-config'}},
			{timeoutMs: PATIENCE_MS, command},
		);
		if (reply.ok) return [plainLine(`The running room: ${reply.message}.`)];
		return [plainLine(`The running room did not take it: ${reply.message} ${reply.hint}`.trim())];
	} catch (error) {
		if (error instanceof RoomAbsent) return [];
		return [plainLine(`The running room did not take it: ${error instanceof Error ? error.message : String(error)}`)];
	}
};
