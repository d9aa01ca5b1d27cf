import type {EventLine} from '../core/output.ts';
import {eventLine} from '../core/output.ts';
import type {Reply} from '../core/protocol.ts';
import {RoomAbsent} from '../socket/errors.ts';
import {follow} from '../socket/request.ts';
import {type Invocation, isSet, type RunCommand, textFlag} from './command.ts';
import {notReady, wrongUsage} from './command-error.ts';
import {eventText} from './event-text.ts';
import {EXIT} from './exit-code.ts';
import {plainJson} from './plain-text.ts';
import {askSocket, refused, socketOf} from './room-client.ts';
import {viaRoomOrRedis} from './via-room.ts';
import type {Borrowed} from './without-room.ts';

const A_READ = 1000;

const printEvent = (invocation: Invocation, event: EventLine): void => {
	const line = isSet(invocation, 'json') ? plainJson(event) : eventText(event);
	if (line) invocation.print(line);
};

/** The stream as Redis kept it. */
const readStream =
	(invocation: Invocation, from: string, type: string) =>
	async ({coordination}: Borrowed): Promise<true> => {
		for (let since = from; ; ) {
			const events = await coordination.events(since, A_READ);
			for (const event of events) if (!type || event.type === type) printEvent(invocation, eventLine(event));
			if (events.length < A_READ) return true;
			since = events.at(-1)?.id ?? since;
		}
	};

/** The stream as the room tells it, with `--follow` without end; undefined where no room runs. */
const followRoom = async (invocation: Invocation, since: string, type: string): Promise<true | undefined> => {
	let refusal: Reply | undefined;
	const onLine = (reply: Reply): void => {
		if (!reply.ok) refusal = reply;
		else if (reply.data !== undefined) printEvent(invocation, reply.data as EventLine);
	};
	const gone = new AbortController();
	invocation.onReaderGone(() => gone.abort());
	try {
		const socketPath = socketOf(invocation);
		await askSocket(socketPath, {op: 'ping'});
		const asked = {op: 'events', since, follow: isSet(invocation, 'follow'), ...(type ? {type} : {})} as const;
		await follow(socketPath, asked, onLine, {signal: gone.signal});
	} catch (error) {
		if (!(error instanceof RoomAbsent)) throw error;
		if (isSet(invocation, 'follow')) throw notReady('no-room', 'No room is running here, so nothing happens.', '`agent-room` opens one.');
		return undefined;
	}
	if (refusal) throw refused(refusal);
	return true;
};

/** `agent-room events [--follow] [--since ID] [--type T]`: oldest first, one line each. */
export const events: RunCommand = async invocation => {
	const since = textFlag(invocation, 'since') || '0-0';
	const type = textFlag(invocation, 'type');
	if (!/^\d+(?:-\d+)?$/.test(since))
		throw wrongUsage(`\`${since}\` is not an event id.`, 'They look like 1764000000000-0 and stand in `agent-room events --json`.');
	await viaRoomOrRedis(invocation, () => followRoom(invocation, since, type), readStream(invocation, since, type));
	return EXIT.ok;
};
