import type {RoomEvent} from '../event/event.ts';
import {FINAL_STATES, parseTask} from '../task/task.ts';
import {type Refusal, refusal} from '../text/refusal.ts';
import {isNewer, reduce, type TeamSnapshot} from './snapshot.ts';
import {forgotten} from './window.ts';

type Raw = Readonly<Record<string, string>>;

/** A moment of the record: right after the entry `id`; with `id` '' after everything that happened until `at`, epoch ms of the server. */
export type Moment = {readonly id: string; readonly at: number};

/** From when to when the record can be followed; null where nothing has happened yet, or nothing can be followed until the next checkpoint. */
export type RecordRange = {
	/** Server time, epoch ms. */
	readonly now: number;
	readonly oldest: Moment | null;
	readonly newest: Moment | null;
	readonly entries: number;
	/** Older entries that the record has let go: it keeps about 20,000. */
	readonly gone: number;
	readonly checkpoints: number;
};

/** What a checkpoint holds: everything but the tasks as a snapshot, exact at its own stream id, and the raw fields of the tasks. */
export type Checkpoint = {readonly team: TeamSnapshot; readonly tasks: ReadonlyMap<string, Raw>};

/** The room at a moment, and the last entries before it, oldest first. */
export type Replayed = {readonly team: TeamSnapshot; readonly moment: Moment; readonly before: readonly RoomEvent[]};

/**
 * A stretch of the record that can be followed without asking again: a checkpoint, and the entries from it on up to the entry `until`. It shows
 * every moment from the entry `from` to `until`.
 */
export type Segment = {
	readonly checkpoint: Checkpoint;
	readonly events: readonly RoomEvent[];
	readonly from: string;
	readonly until: string;
};

/** The record as it can be looked back at. */
export interface RoomRecord {
	range(): Promise<RecordRange>;
	/** At most `count` entries next to the entry `from`, oldest first; `from` '' is the newest (`older`) or the oldest (`newer`) and is among them. */
	next(from: string, direction: 'older' | 'newer', count: number): Promise<readonly RoomEvent[]>;
	/** The last entry that happened until `at`, epoch ms of the server; '' where there is none. */
	lastUntil(at: number): Promise<string>;
	/** The stretch in which the entry `id` lies; `gone`: it is before the oldest that can be followed. */
	segment(id: string): Promise<Segment | 'gone'>;
	/** `gone`: the moment is before the oldest that can be followed. */
	stateAt(moment: Moment): Promise<Replayed | 'gone'>;
	/** Writes a checkpoint where one is wanted; 'early' where not, 'gone' where the record was trimmed faster than the state could be read. */
	keep(): Promise<'ok' | 'early' | 'gone'>;
}

/** Finished tasks that a state shows of each kind, newest first: as many as a snapshot does. */
const FINISHED_SHOWN = 100;
/** Open ones that are looked at: more than a room ever knows by heart, and few enough to be parsed at once. */
const OPEN_SHOWN = 3000;

/** What is worked on comes first, then what is claimed next. */
const turn = ({state, score}: Raw): number => (state === 'leased' ? 0 : Number(score) || 0);

const newestOf = (tasks: ReadonlyMap<string, Raw>, states: readonly string[]): ReadonlySet<string> =>
	new Set(
		[...tasks]
			.filter(([, fields]) => states.includes(fields.state ?? ''))
			.sort(([left, a], [right, b]) => Number(b.doneAt) - Number(a.doneAt) || (left < right ? 1 : -1))
			.slice(0, FINISHED_SHOWN)
			.map(([id]) => id),
	);

/** What is shown of all tasks, as of a running room: the newest finished ones, and of very many open ones the next. */
const shown = (tasks: ReadonlyMap<string, Raw>): Map<string, Raw> => {
	const done = newestOf(tasks, ['merged', 'planned', 'cancelled']);
	const failed = newestOf(tasks, ['failed']);
	const open = [...tasks].filter(([, {state}]) => !FINAL_STATES.some(final => final === state));
	if (open.length > OPEN_SHOWN) open.sort(([, a], [, b]) => turn(a) - turn(b)).splice(OPEN_SHOWN);
	return new Map([...open, ...[...tasks].filter(([id]) => done.has(id) || failed.has(id))]);
};

const isUntil = (event: RoomEvent, {id, at}: Moment): boolean => (id === '' ? event.at <= at : !isNewer(event.id, id));

/** Every task's raw fields after these entries. */
const fieldsAfter = (tasks: ReadonlyMap<string, Raw>, events: readonly RoomEvent[]): Map<string, Raw> => {
	const fields = new Map(tasks);
	for (const {task, taskFields} of events)
		if (task && Object.keys(taskFields).length > 0) fields.set(task, {...fields.get(task), ...taskFields});
	return fields;
};

/** The checkpoint that these entries make of another, oldest first: from there on as if it had been written at the last of them. */
export const advance = ({team, tasks}: Checkpoint, events: readonly RoomEvent[]): Checkpoint => {
	const fields = fieldsAfter(tasks, events);
	return {team: {...reduce(team, events, fields, () => []), tasks: new Map(), rawTasks: new Map()}, tasks: fields};
};

/**
 * The state at a moment: a checkpoint and the entries after it, oldest first; those after the moment are left out. Entries that the checkpoint holds
 * already change nothing, since they carry absolute values. What changes without an entry (renewals, heartbeats) is as old as the checkpoint.
 */
export const stateAt = ({team, tasks}: Checkpoint, events: readonly RoomEvent[], moment: Moment): TeamSnapshot => {
	const happened = events.filter(event => isUntil(event, moment));
	const fields = fieldsAfter(tasks, happened);
	const folded = reduce(team, happened, fields, () => []);
	const rawTasks = shown(fields);
	const parsed = new Map([...rawTasks].map(([id, raw]) => [id, parseTask(id, raw)]));
	for (const id of forgotten(parsed, folded.counts.leased)) {
		parsed.delete(id);
		rawTasks.delete(id);
	}
	return {...folded, at: moment.at, tasks: parsed, rawTasks};
};

const SPANS: Readonly<Record<string, number>> = {s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000};
const A_DAY = 86_400_000;
/** A time is named to the second and means all of it: what a person reads off an event shows the room after it. */
const REST_OF_SECOND = 999;

/** A time of day of the last 24 hours before `now`, in the person's time zone. */
const timeOfDay = (hours: number, minutes: number, seconds: number, now: number): number => {
	const day = new Date(now);
	day.setHours(hours, minutes, seconds, REST_OF_SECOND);
	if (day.getTime() - REST_OF_SECOND > now) day.setDate(day.getDate() - 1);
	return day.getTime();
};

/** A moment as a person names it, not yet compared with the record; undefined where the text is none. */
const readMoment = (text: string, now: number): Moment | undefined => {
	const id = /^(\d{12,16})-\d{1,20}$/.exec(text);
	if (id) return {id: text, at: Number(id[1])};
	if (/^\d{12,16}$/.test(text)) return {id: '', at: Number(text)};
	const ago = /^-(\d{1,9})([smhd])$/.exec(text);
	if (ago) return {id: '', at: now - Number(ago[1]) * (SPANS[ago[2] ?? ''] ?? 0)};
	const clock = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
	if (clock) return {id: '', at: timeOfDay(Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0), now)};
	// A date alone would be read as midnight of another time zone.
	const date = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text.replace(/^(\d{4}-\d\d-\d\d) /, '$1T');
	const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(date) ? Date.parse(date) : Number.NaN;
	return Number.isNaN(at) ? undefined : {id: '', at: at % 1000 === 0 ? at + REST_OF_SECOND : at};
};

const two = (part: number): string => String(part).padStart(2, '0');

/** A moment as people read it, in their time zone; with the date where it is not of the day of `now`. */
export const formatMoment = (at: number, now: number): string => {
	const moment = new Date(at);
	const time = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(two).join(':');
	const isToday = Math.abs(now - at) < A_DAY && new Date(now).getDate() === moment.getDate();
	return isToday ? time : `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())} ${time}`;
};

/**
 * Reads a moment of the record: `14:03`, `14:03:05`, `2026-11-24T14:03:05Z`, `-5m`, epoch ms or a stream id. Refuses what it cannot read, what
 * lies before the oldest moment and what has not happened yet, and names the nearest one.
 */
export const momentOf = (text: string, range: RecordRange): Moment | Refusal => {
	const moment = readMoment(text.trim(), range.now);
	if (!moment)
		return refusal('usage', `Invalid time \`${text}\`.`, 'Use a time (14:03, 2026-11-24T14:03:05Z), an age (-5m) or an event id.');
	const {oldest, newest, now} = range;
	if (!oldest || !newest) return refusal('no-record', 'Nothing has been recorded yet.', 'Recording starts with the first task.');
	const name = (at: Moment): string => `${formatMoment(at.at, now)}: \`agent-room replay --at ${at.id}\``;
	if (moment.id ? isNewer(oldest.id, moment.id) : moment.at < oldest.at)
		return refusal('too-old', `The event log does not go back to \`${text}\`.`, `Oldest: ${name(oldest)}.`);
	if (moment.id ? isNewer(moment.id, newest.id) : moment.at > Math.max(now, newest.at) + REST_OF_SECOND)
		return refusal('future', `\`${text}\` is in the future.`, `Newest: ${name(newest)}.`);
	return moment;
};
