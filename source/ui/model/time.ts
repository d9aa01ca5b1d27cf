import type {RoomSnapshot} from '../../store/room.ts';

/** At most four cells: `4s`, `40s`, `12m`, `3h`, `9d`. Negative spans (clock skew) are `0s`. */
export const age = (ms: number): string => {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	if (seconds < 100) return `${seconds}s`;
	if (seconds < 6000) return `${Math.floor(seconds / 60)}m`;
	if (seconds < 360_000) return `${Math.floor(seconds / 3600)}h`;
	return `${Math.min(999, Math.floor(seconds / 86_400))}d`;
};

/** Age of a server time; '' if unset. */
export const ageOf = (at: number, serverNow: number): string => (at > 0 ? age(serverNow - at) : '');

const STEP_MS = 5000;
const YOUNG_MS = 100_000;

/** The same in a list, in steps of five seconds from `<5s`, so that few rows change each second. */
export const ageInList = (at: number, serverNow: number): string => {
	const ms = Math.max(0, serverNow - at);
	if (at <= 0) return '';
	if (ms < STEP_MS) return `<${age(STEP_MS)}`;
	return age(ms < YOUNG_MS ? ms - (ms % STEP_MS) : ms);
};

/** Server time now, epoch ms. */
export const serverNow = (snapshot: RoomSnapshot, now: number): number => now + snapshot.clockOffset;

/** `14:32`, local time. */
export const clock = (at: number): string => {
	const date = new Date(at);
	return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
};

const two = (part: number): string => String(part).padStart(2, '0');

/** `14:32:07`, local time. */
export const clockSeconds = (at: number): string => {
	const date = new Date(at);
	return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
};

/** `11-28`, local date. */
export const dayOf = (at: number): string => {
	const date = new Date(at);
	return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

/** Local time, with the date if it is not today. */
export const momentText = (at: number, now: number): string =>
	dayOf(at) === dayOf(now) ? clockSeconds(at) : `${dayOf(at)} ${clockSeconds(at)}`;

/** Caches a pure derivation by snapshot and second: many parts of a screen ask for the same. Ages are in whole seconds. */
export const remember = <T>(derive: (snapshot: RoomSnapshot, now: number) => T): ((snapshot: RoomSnapshot, now: number) => T) => {
	const answers = new WeakMap<RoomSnapshot, {readonly second: number; readonly answer: T}>();
	return (snapshot, now) => {
		const second = Math.floor(now / 1000);
		const known = answers.get(snapshot);
		if (known?.second === second) return known.answer;
		const answer = derive(snapshot, now);
		answers.set(snapshot, {second, answer});
		return answer;
	};
};
