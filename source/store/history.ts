import type {RoomEvent} from '../core/event/event.ts';
import type {EventFilter} from '../core/event/words.ts';
import type {Moment, Replayed} from '../core/team/replay.ts';

export type Direction = 'older' | 'newer';

/** Events that pass a filter, oldest first. `reached`: the last event examined; `isEnd`: nothing is beyond it. */
export type EventPage = {readonly entries: readonly RoomEvent[]; readonly reached: string; readonly isEnd: boolean; readonly reach: Reach};

/** Reach of the event log: time of its first event (epoch ms of the server, 0 if empty), events kept, events dropped before. */
export type Reach = {readonly from: number; readonly entries: number; readonly gone: number};

/**
 * A moment to show: `steps` filtered events after (negative: before) the event `from`, or the time `at`, epoch ms of the server. `from` ''
 * is the newest event, '0-0' the oldest that can be shown.
 */
export type Target = {readonly from: string; readonly steps: number} | {readonly at: number};

/** The room at a past moment, with the filtered events around it and the reach. */
export type PastRoom = Replayed & {
	readonly after: readonly RoomEvent[];
	readonly oldest: Moment;
	readonly newest: Moment;
	readonly gone: number;
};

/** The event log, paged and replayed. Never rejects: undefined while Redis is disconnected. */
export interface Past {
	/** Up to `count` events beyond `from`; `from` '' starts at the end that the direction comes from. */
	entries(from: string, direction: Direction, filter: EventFilter, count: number): Promise<EventPage | undefined>;
	/** `gone`: that moment can no longer be shown, or nothing is recorded. */
	look(to: Target, filter: EventFilter): Promise<PastRoom | 'gone' | undefined>;
}
