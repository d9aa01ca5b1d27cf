import {setTimeout as wait} from 'node:timers/promises';
import type {RoomEvent} from '../../core/event/event.ts';
import {emptySnapshot, isNewer, reduce, unknownTasks} from '../../core/team/snapshot.ts';
import {isShort} from '../../core/team/window.ts';
import {TAIL_ENTRIES} from '../../redis/events.ts';
import type {Room} from '../parts/parts.ts';

const markSeen = ({record, slots}: Pick<Room, 'record' | 'slots'>): void => {
	const team = record.team();
	for (const attempt of slots.attempts()) attempt.wasSeen ||= team.tasks.get(attempt.task.id)?.token === attempt.token;
};

/** A snapshot that is taken because little of the queue is known any more comes this seldom, ms. */
const AGAIN_MS = 2000;

/** The record is read at most this often, ms: of a busy team several entries are folded at a time, those of a quiet one at once. */
const PACE_MS = 5;

/** How many entries of the record are read at once. */
const EVENTS_A_READ = 1000;

/** What was recorded while the stream could not be read, up to the new snapshot, for those who follow every entry. Nothing at the first start. */
const missedEvents = async ({link}: Pick<Room, 'link'>, since: string, until: string): Promise<readonly RoomEvent[]> => {
	const missed: RoomEvent[] = [];
	for (let from = since; from !== emptySnapshot.streamId; ) {
		const read = await link.coordination.events(from, EVENTS_A_READ);
		missed.push(...read.filter(event => !isNewer(event.id, until)));
		const last = read.at(-1)?.id;
		if (read.length < EVENTS_A_READ || last === undefined || !isNewer(until, last)) break;
		from = last;
	}
	return missed;
};

/**
 * Whether entries between `since` and what was read after it were trimmed before they were read. Only a reader that has fallen far behind
 * (a stopped process, a slow line) can miss any, and such a one is given full answers.
 */
const isGap = async ({link}: Pick<Room, 'link'>, since: string, events: readonly RoomEvent[]): Promise<boolean> => {
	if (events.length < TAIL_ENTRIES) return false;
	const [first] = await link.coordination.events(emptySnapshot.streamId, 1);
	return first !== undefined && isNewer(first.id, since);
};

/**
 * Keeps the state equal to Redis: a snapshot with its stream id, then every entry after it; after a lost connection a snapshot
 * again, so a gap is never guessed over. So too when little is known any more of what waits: a room knows the heads of the queues only.
 */
export const followStream = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>,
	onChange: (events: readonly RoomEvent[]) => void,
): Promise<void> => {
	let isStale = true;
	let readAt = 0;
	let foldedAt = 0;
	while (room.lifecycle.isRunning()) {
		try {
			if (isStale) {
				readAt = performance.now();
				const {streamId} = room.record.team();
				const {team, beats, now} = await room.link.coordination.snapshot();
				const missed = await missedEvents(room, streamId, team.streamId);
				room.record.setClockOffset(now - Date.now());
				room.record.setBeats(beats);
				room.record.setTeam(team);
				isStale = false;
				markSeen(room);
				onChange(missed);
			} else {
				const early = foldedAt + PACE_MS - performance.now();
				if (early > 0) await wait(early, undefined, {ref: false});
				const since = room.record.team().streamId;
				const events = await room.link.coordination.tail(since, 5000);
				foldedAt = performance.now();
				isStale = await isGap(room, since, events);
				if (isStale) continue;
				const unknown = unknownTasks(room.record.team(), events);
				const read = unknown.length > 0 ? await room.link.coordination.read(unknown) : undefined;
				const team = reduce(room.record.team(), events, read);
				// Data that were lost and accepted are read again: no entry says what is gone.
				const isRecovered = events.some(event => event.controlFields.recovery !== undefined);
				isStale = isRecovered || (isShort(team) && performance.now() - readAt > AGAIN_MS);
				if (events.length === 0) continue;
				room.record.setTeam(team);
				markSeen(room);
				onChange(events);
			}
		} catch (error) {
			if (!room.lifecycle.isRunning()) return;
			room.facts.log(`the event stream was interrupted: ${error instanceof Error ? error.message : String(error)}`);
			isStale = true;
			await room.link.whenConnected();
		}
	}
};
