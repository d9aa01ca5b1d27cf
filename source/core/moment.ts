import {type Refusal, refusal} from './action.ts';
import type {Moment, RecordRange} from './replay.ts';
import {isNewer} from './snapshot.ts';

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
		return refusal('usage', `\`${text}\` is not a moment.`, 'Give a time (14:03, 2026-11-24T14:03:05Z), a span back (-5m) or an event id.');
	const {oldest, newest, now} = range;
	if (!oldest || !newest) return refusal('no-record', 'Nothing has been recorded yet.', 'It begins with the first task.');
	const name = (at: Moment): string => `${formatMoment(at.at, now)}: \`agent-room replay --at ${at.id}\``;
	if (moment.id ? isNewer(oldest.id, moment.id) : moment.at < oldest.at)
		return refusal('too-old', `The record does not go back to \`${text}\`.`, `Its oldest moment is ${name(oldest)}.`);
	if (moment.id ? isNewer(moment.id, newest.id) : moment.at > Math.max(now, newest.at) + REST_OF_SECOND)
		return refusal('future', `\`${text}\` has not happened yet.`, `The newest moment is ${name(newest)}.`);
	return moment;
};
