import {type EventLine, eventLine} from '../core/output.ts';
import type {Reply} from '../core/protocol.ts';
import {RoomAbsent} from '../socket/errors.ts';
import {follow} from '../socket/request.ts';
import type {Invocation} from './command.ts';
import {refused} from './replies.ts';
import {askSocket, socketOf} from './room-client.ts';
import type {Borrowed} from './without-room.ts';

/** What to read of the record: entries after `since`, oldest first, of one type or ('') of all. */
export type Wanted = {readonly since: string; readonly type: string};

const A_READ = 1000;

/** The record as Redis kept it. */
export const readStream = async (
	{coordination}: Pick<Borrowed, 'coordination'>,
	{since, type}: Wanted,
	onEvent: (event: EventLine) => void,
): Promise<true> => {
	for (let from = since; ; ) {
		const events = await coordination.events(from, A_READ);
		for (const event of events) if (!type || event.type === type) onEvent(eventLine(event));
		if (events.length < A_READ) return true;
		from = events.at(-1)?.id ?? from;
	}
};

/** The record as the room tells it, with `isFollowing` without end; undefined where no room runs. */
export const readRoom = async (
	invocation: Invocation,
	{since, type}: Wanted,
	onEvent: (event: EventLine) => void,
	isFollowing = false,
): Promise<true | undefined> => {
	let refusal: Reply | undefined;
	const onLine = (reply: Reply): void => {
		if (!reply.ok) refusal = reply;
		else if (reply.data !== undefined) onEvent(reply.data as EventLine);
	};
	const gone = new AbortController();
	invocation.onReaderGone(() => gone.abort());
	try {
		const socketPath = socketOf(invocation);
		await askSocket(socketPath, {op: 'ping'});
		const asked = {op: 'events', since, follow: isFollowing, ...(type ? {type} : {})} as const;
		await follow(socketPath, asked, onLine, {signal: gone.signal});
	} catch (error) {
		if (!(error instanceof RoomAbsent)) throw error;
		return undefined;
	}
	if (refusal) throw refused(refusal);
	return true;
};
