import type {Reading} from '../../core/session/reading.ts';
import {missingVariable} from './set-up.ts';

/** An object of foreign JSON; its fields may be anything. */
export type Fields = Readonly<Record<string, unknown>>;

/** Fields of a value, {} if it is no object. Payloads change with versions. */
export const fieldsOf = (value: unknown): Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** A text cut to `most` characters, '' if missing. */
export const textOf = (value: unknown, most = 20_000): string => (typeof value === 'string' ? value.slice(0, most) : '');

export const countOf = (value: unknown): number =>
	typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;

/** Parses a line of foreign JSON; {} if it is no object. */
export const parseLine = (line: string): Fields => {
	try {
		return fieldsOf(JSON.parse(line));
	} catch {
		return {};
	}
};

type ErrorSign = Pick<Reading, 'state' | 'reason' | 'retryMs'>;

const SPANS = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000} as const;

/** Reads `try again in 11.5s` or `in 1h2m3s`. Returns ms, 0 if missing. */
const spanIn = (text: string): number => {
	const [, told = ''] = /try again in ((?:[\d.]+ ?(?:ms|s|m|h|d)[a-z]*[ ,]*)+)/i.exec(text) ?? [];
	const parts = [...told.matchAll(/([\d.]+) ?(ms|s|m|h|d)/gi)];
	return Math.ceil(parts.reduce((sum, [, count, unit]) => sum + Number(count) * (SPANS[unit as keyof typeof SPANS] ?? 0), 0)) || 0;
};

/** Reads `try again at 5:05 AM` (today) or `at Nov 26th, 2026 5:05 AM`, local time. Returns ms from `now`, 0 if missing. */
const momentIn = (text: string, now: Date): number => {
	const [, date, clock = ''] =
		/try again at (?:([A-Z][a-z]{2} \d{1,2})(?:st|nd|rd|th)?, )?((?:\d{4} )?\d{1,2}:\d{2} [AP]M)/i.exec(text) ?? [];
	const [, year = '', hour = '', minute = '', half = ''] = /^(?:(\d{4}) )?(\d{1,2}):(\d{2}) ([AP]M)$/i.exec(clock) ?? [];
	if (half === '') return 0;
	const at = date === undefined || year === '' ? new Date(now) : new Date(`${date}, ${year}`);
	at.setHours((Number(hour) % 12) + (half === 'PM' ? 12 : 0), Number(minute), 0, 0);
	const ms = at.getTime() - now.getTime();
	return Math.max(0, ms);
};

/** Codex's error code, if any: `usage_limit_exceeded`, or `{http_connection_failed: {http_status_code: 401}}`. */
export type ErrorInfo = {readonly word: string; readonly status: number};

/** Classifies a failed turn by Codex's error code, else by its message. Unknown failures leave the agent idle, with the reason. */
const errorOf = (message: string, now: Date | undefined, info: ErrorInfo): ErrorSign => {
	const reason = message.slice(0, 500);
	const isStatus = (code: number): boolean => info.status === code || new RegExp(`(?:status:? )${code}\\b`).test(message);
	if (info.word === 'context_window_exceeded' || /ran out of room in the model.s context window/i.test(message))
		return {state: 'out-of-context', reason};
	if (
		info.word === 'unauthorized' ||
		isStatus(401) ||
		/(?:log|sign) (?:out and )?(?:sign )?in again|refresh token (?:was|has)|not signed in|run `?codex login/i.test(message)
	)
		return {state: 'logged-out', reason};
	// It cannot log in: `judgeSession` says what is missing.
	if (missingVariable([message]) !== '') return {state: 'logged-out', reason};
	if (
		['usage_limit_exceeded', 'rate_limit_exceeded', 'server_overloaded'].includes(info.word) ||
		isStatus(429) ||
		/hit your usage limit|rate limit exceeded|quota exceeded|at capacity/i.test(message)
	) {
		const retryMs = spanIn(message) || (now ? momentIn(message, now) : 0);
		return {state: 'rate-limited', reason, ...(retryMs > 0 ? {retryMs} : {})};
	}
	return {state: 'idle', reason};
};

/** A failed turn. Codex has no hook for it; its session file is as reliable and newer, so the reading counts as a hook. */
export const failed = (sign: string, message: string, now?: Date, info: ErrorInfo = {word: '', status: 0}): Reading => ({
	source: 'hook',
	sign: `${sign}, failed`,
	doing: '',
	cutOff: 'error',
	...errorOf(message, now, info),
});

/** Why Codex retries its model by itself: the failure that it shows, and which attempt it is (`1/5`, or words). It tells no countdown. */
export const retrying = (message: string, attempt: string): Pick<Reading, 'state' | 'reason' | 'retryMs' | 'isRetrying'> => {
	const {state, retryMs} = errorOf(message, undefined, {word: '', status: 0});
	const isOverloaded = /\bstatus:? (?:529|503)\b|high demand|overloaded/i.test(message);
	const known = isOverloaded ? 'rate-limited' : state === 'rate-limited' || state === 'logged-out' ? state : undefined;
	const named = isOverloaded ? 'overloaded' : known === 'logged-out' ? 'logged out' : known;
	const count = /^(\d+)\/(\d+)/.exec(attempt);
	return {
		state: known ?? 'retrying',
		isRetrying: true,
		reason: `${named ? `${named}: ` : ''}${message.slice(0, 200) || 'no answer from its model'}, ${count ? `attempt ${count[1]} of ${count[2]}` : attempt || 'trying again'}`,
		...(retryMs ? {retryMs} : {}),
	};
};
