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

/** Minimum interval between snapshots taken because too little of the queue is known, ms. */
const AGAIN_MS = 2000;

/** Minimum interval between reads of the record, ms: a busy team's entries are folded several at a time, a quiet one's at once. */
const PACE_MS = 5;

/** Entries read at once. */
const EVENTS_A_READ = 1000;

/** What was recorded while the stream could not be read, up to the new snapshot, for listeners of every entry. Empty at the first start. */
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
 * Whether entries after `since` were trimmed before they were read. Only a reader far behind (a stopped process, a slow network) can miss any, and
 * it gets full answers.
 */
const isGap = async ({link}: Pick<Room, 'link'>, since: string, events: readonly RoomEvent[]): Promise<boolean> => {
	if (events.length < TAIL_ENTRIES) return false;
	const [first] = await link.coordination.events(emptySnapshot.streamId, 1);
	return first !== undefined && isNewer(first.id, since);
};

/**
 * Keeps the state equal to Redis: a snapshot with its stream id, then every entry after it. Guarantee: after a lost connection it takes a new
 * snapshot, so no gap is ignored; also when few waiting tasks are known, since a room knows only the heads of the queues.
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
				// After lost data were accepted, everything is read again: no entry lists what is gone.
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
