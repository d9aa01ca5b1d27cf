import type {RoomEvent} from '../../../core/event.ts';
import type {EventFilter} from '../../../core/event-filter.ts';
import type {Direction, PastRoom, Reach, Target} from '../../../store/past.ts';
import type {RoomSnapshot} from '../../../store/room.ts';

/** A window of the record, oldest first, that grows at the end to which a person moves. */
export type Log = {
	readonly filter: EventFilter;
	readonly entries: readonly RoomEvent[];
	/** The last entries that were looked at to either side, whether or not they passed the filter; '' before the first answer. */
	readonly reached: Readonly<Record<Direction, string>>;
	/** Whether there may be more to either side. */
	readonly has: Readonly<Record<Direction, boolean>>;
	/** What was asked for and is not answered yet. */
	readonly asked: Direction | undefined;
	/** The last question had no answer: Redis is away. */
	readonly isAway: boolean;
	/** How far back the record goes; undefined before the first answer. */
	readonly reach: Reach | undefined;
};

/** Everything that happened. `selected`: id of an entry, '' for the newest, which follows what comes. */
export type EventsPage = {
	readonly kind: 'events';
	readonly selected: string;
	readonly hasQuiet: boolean;
	/** Which of two columns the keys move: the entries, or all fields of the chosen one. */
	readonly column: 0 | 1;
	readonly scroll: number;
	readonly log: Log;
};

/** A way through time from where one stands: so many entries, so many ms, or to an entry ('' the newest, '0-0' the oldest). */
export type Step = {readonly steps: number} | {readonly ms: number} | {readonly to: string; readonly steps: number};

/** The room as it was. */
export type ReplayPage = {
	readonly kind: 'replay';
	/** Entries that steps stop at. */
	readonly passing: EventFilter;
	/** The moment on the screen, and its state as a snapshot to draw; undefined before the first answer. */
	readonly shown: {readonly past: PastRoom; readonly snapshot: RoomSnapshot} | undefined;
	/** Steps to take after what was asked for is answered, in the order of the keys. */
	readonly ahead: readonly Step[];
	readonly asked: Target | undefined;
	/** The last question could not be answered: nothing is there, or ('away') Redis is. */
	readonly missing: '' | 'gone' | 'away';
	readonly speed: Speed;
	/** Since when (this machine's clock) it plays on from the moment `at`; it stops where the screen changes its size. */
	readonly play: {readonly at: number; readonly since: number; readonly columns: number; readonly rows: number} | undefined;
	/** The panel that the keys scroll, and how far. */
	readonly part: 0 | 1 | 2 | 3;
	readonly scroll: number;
};

export const SPEEDS = [1, 10, 60] as const;
export type Speed = (typeof SPEEDS)[number];

export const emptyLog = (filter: EventFilter): Log => ({
	filter,
	entries: [],
	reached: {older: '', newer: ''},
	has: {older: true, newer: false},
	asked: undefined,
	isAway: false,
	reach: undefined,
});

export const eventsPage = (filter: EventFilter): EventsPage => ({
	kind: 'events',
	selected: '',
	hasQuiet: filter.hasQuiet,
	column: 0,
	scroll: 0,
	log: emptyLog(filter),
});

export const replayPage = (passing: EventFilter, first: Step): ReplayPage => ({
	kind: 'replay',
	passing,
	shown: undefined,
	ahead: [first],
	asked: undefined,
	missing: '',
	speed: 1,
	play: undefined,
	part: 0,
	scroll: 0,
});
