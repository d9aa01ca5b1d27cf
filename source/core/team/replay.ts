import type {RoomEvent} from '../event/event.ts';
import {FINAL_STATES, parseTask} from '../task/task.ts';
import {type Refusal, refusal} from '../text/refusal.ts';
import {isNewer, reduce, type TeamSnapshot} from './snapshot.ts';
import {forgotten} from './window.ts';

type Raw = Readonly<Record<string, string>>;

/** A moment of the event log: right after the entry `id`; with `id` '' after everything until `at`, epoch ms of the server. */
export type Moment = {readonly id: string; readonly at: number};

/** The range that can be replayed; null if nothing happened yet, or until the next checkpoint. */
export type RecordRange = {
	/** Server time, epoch ms. */
	readonly now: number;
	readonly oldest: Moment | null;
	readonly newest: Moment | null;
	readonly entries: number;
	/** Older entries that were trimmed: the log keeps about 20,000. */
	readonly gone: number;
	readonly checkpoints: number;
};

/** A snapshot without tasks, exact at its stream id, and the raw fields of the tasks. */
export type Checkpoint = {readonly team: TeamSnapshot; readonly tasks: ReadonlyMap<string, Raw>};

/** The room at a moment, and the last entries before it, oldest first. */
export type Replayed = {readonly team: TeamSnapshot; readonly moment: Moment; readonly before: readonly RoomEvent[]};

/**
 * A stretch that can be replayed without another read: a checkpoint and its entries up to `until`. It shows every moment from `from` to
 * `until`.
 */
export type Segment = {
	readonly checkpoint: Checkpoint;
	readonly events: readonly RoomEvent[];
	readonly from: string;
	readonly until: string;
};

/** The event log, for looking back. */
export interface RoomRecord {
	range(): Promise<RecordRange>;
	/**
	 * At most `count` entries next to the entry `from`, oldest first; `from` '' is the newest (`older`) or the oldest (`newer`), inclusive.
	 */
	next(from: string, direction: 'older' | 'newer', count: number): Promise<readonly RoomEvent[]>;
	/** The last entry until `at`, epoch ms of the server; '' for none. */
	lastUntil(at: number): Promise<string>;
	/** The segment with the entry `id`; `gone`: it is too old to replay. */
	segment(id: string): Promise<Segment | 'gone'>;
	/** `gone`: the moment is too old to replay. */
	stateAt(moment: Moment): Promise<Replayed | 'gone'>;
	/** Writes a checkpoint if one is due; else 'early', or 'gone' if the log was trimmed faster than the state could be read. */
	keep(): Promise<'ok' | 'early' | 'gone'>;
}

/** Finished tasks shown of each kind, newest first: as many as in a snapshot. */
const FINISHED_SHOWN = 100;
/** Open tasks considered: more than a room ever keeps, few enough to parse at once. */
const OPEN_SHOWN = 3000;

/** Leased tasks first, then by queue order. */
const turn = ({state, score}: Raw): number => (state === 'leased' ? 0 : Number(score) || 0);

const newestOf = (tasks: ReadonlyMap<string, Raw>, states: readonly string[]): ReadonlySet<string> =>
	new Set(
		[...tasks]
			.filter(([, fields]) => states.includes(fields.state ?? ''))
			.sort(([left, a], [right, b]) => Number(b.doneAt) - Number(a.doneAt) || (left < right ? 1 : -1))
			.slice(0, FINISHED_SHOWN)
			.map(([id]) => id),
	);

/** Limits the tasks like a running room: the newest finished and the next open ones. */
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

/** Returns the checkpoint after these entries, oldest first, as if it had been written at the last of them. */
export const advance = ({team, tasks}: Checkpoint, events: readonly RoomEvent[]): Checkpoint => {
	const fields = fieldsAfter(tasks, events);
	return {team: {...reduce(team, events, fields, () => []), tasks: new Map(), rawTasks: new Map()}, tasks: fields};
};

/**
 * Returns the state at a moment, from a checkpoint and later entries, oldest first; those after the moment are ignored. Repeated entries
 * are harmless, since they carry absolute values. What changes without an entry (renewals, heartbeats) is as old as the checkpoint.
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
/** A time names a whole second: the room is shown after it. */
const REST_OF_SECOND = 999;

/** Returns a time of day in the 24 hours before `now`, local time zone. */
const timeOfDay = (hours: number, minutes: number, seconds: number, now: number): number => {
	const day = new Date(now);
	day.setHours(hours, minutes, seconds, REST_OF_SECOND);
	if (day.getTime() - REST_OF_SECOND > now) day.setDate(day.getDate() - 1);
	return day.getTime();
};

/** Parses a moment without checking it against the log; undefined if malformed. */
const readMoment = (text: string, now: number): Moment | undefined => {
	const id = /^(\d{12,16})-\d{1,20}$/.exec(text);
	if (id) return {id: text, at: Number(id[1])};
	if (/^\d{12,16}$/.test(text)) return {id: '', at: Number(text)};
	const ago = /^-(\d{1,9})([smhd])$/.exec(text);
	if (ago) return {id: '', at: now - Number(ago[1]) * (SPANS[ago[2] ?? ''] ?? 0)};
	const clock = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
	if (clock) return {id: '', at: timeOfDay(Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0), now)};
	// A date alone would be midnight UTC.
	const date = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text.replace(/^(\d{4}-\d\d-\d\d) /, '$1T');
	const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(date) ? Date.parse(date) : Number.NaN;
	return Number.isNaN(at) ? undefined : {id: '', at: at % 1000 === 0 ? at + REST_OF_SECOND : at};
};

const two = (part: number): string => String(part).padStart(2, '0');

/** Formats a moment in local time; with the date if it is not the day of `now`. */
export const formatMoment = (at: number, now: number): string => {
	const moment = new Date(at);
	const time = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(two).join(':');
	const isToday = Math.abs(now - at) < A_DAY && new Date(now).getDate() === moment.getDate();
	return isToday ? time : `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())} ${time}`;
};

/**
 * Reads a moment: `14:03`, `14:03:05`, `2026-11-24T14:03:05Z`, `-5m`, epoch ms or a stream id. Refuses the unreadable, what is before the
 * oldest moment and the future, and names the nearest valid one.
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
