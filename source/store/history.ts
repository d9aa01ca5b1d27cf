import type {RoomEvent} from '../core/event/event.ts';
import type {EventFilter} from '../core/event/words.ts';
import type {Moment, Replayed} from '../core/team/replay.ts';

export type Direction = 'older' | 'newer';

/** Entries of the record that pass a filter, oldest first. `reached`: the last entry that was looked at; `isEnd`: nothing lies beyond it. */
export type EventPage = {readonly entries: readonly RoomEvent[]; readonly reached: string; readonly isEnd: boolean; readonly reach: Reach};

/**
 * How far back the record goes: to its first entry (epoch ms of the server, 0 if there is none), of how many, after how many that it has
 * let go.
 */
export type Reach = {readonly from: number; readonly entries: number; readonly gone: number};

/**
 * A moment that a human wants to see: `steps` entries after (or, below zero, before) the entry `from`, of those that pass the filter; or
 * the moment `at`, epoch ms of the server. `from` '' is the newest entry, '0-0' the oldest that can be shown.
 */
export type Target = {readonly from: string; readonly steps: number} | {readonly at: number};

/** The room at a moment of the record, with the entries around it that pass the filter, and how far one can look. */
export type PastRoom = Replayed & {
	readonly after: readonly RoomEvent[];
	readonly oldest: Moment;
	readonly newest: Moment;
	readonly gone: number;
};

/** The record, read in pages and looked back at. Nothing here rejects: undefined while Redis is away. */
export interface Past {
	/** The next entries beyond the entry `from`, at most `count`; `from` '' is the end that the direction comes from. */
	entries(from: string, direction: Direction, filter: EventFilter, count: number): Promise<EventPage | undefined>;
	/** `gone`: nothing can be shown at that moment any more, or nothing has been recorded yet. */
	look(to: Target, filter: EventFilter): Promise<PastRoom | 'gone' | undefined>;
}
