import type {EventLine} from '../../core/protocol/output-schema.ts';
import {readRoom, readStream} from '../client/read.ts';
import {viaRoomOrRedis} from '../client/via-room.ts';
import {EXIT, type Invocation, isSet, notReady, type RunCommand, textFlag, wrongUsage} from '../parse/command.ts';
import {eventText, plainJson} from '../parse/print.ts';

const printing =
	(invocation: Invocation) =>
	(event: EventLine): void => {
		const line = isSet(invocation, 'json') ? plainJson(event) : eventText(event);
		if (line) invocation.print(line);
	};

/** `agent-room events [--follow] [--since ID] [--type T]`: oldest first, one line each. */
export const events: RunCommand = async invocation => {
	const wanted = {since: textFlag(invocation, 'since') || '0-0', type: textFlag(invocation, 'type')};
	const isFollowing = isSet(invocation, 'follow');
	if (!/^\d+(?:-\d+)?$/.test(wanted.since))
		throw wrongUsage(`\`${wanted.since}\` is not an event id.`, 'Example: 1764000000000-0; see `agent-room events --json`.');
	const viaRoom = async (): Promise<true | undefined> => {
		const read = await readRoom(invocation, wanted, printing(invocation), isFollowing);
		if (!read && isFollowing)
			throw notReady('no-room', 'No room is running here, so there are no new events.', 'Start one with `agent-room`.');
		return read;
	};
	await viaRoomOrRedis(invocation, viaRoom, borrowed => readStream(borrowed, wanted, printing(invocation)));
	return EXIT.ok;
};
