import type {Reading} from '../../core/session/reading.ts';
import type {Logged} from '../shared/cli.ts';
import {firstLine} from '../shared/fields.ts';

const NOTHING: Logged = {at: 0, readings: []};

/** `[2026-12-02T05:04:01.093Z] [WARN] Attempt 1 failed with status 429. Retrying with backoff... Error: …` */
const RETRIED =
	/^\[(\d{4}-[0-9T:.-]{10,20}Z)\] \[WARN\] Attempt (\d{1,3}) failed(.{0,2000}?)\. Retrying (?:with backoff|after (\d{1,9})ms)\.{3}(.{0,500})/;

/** Why, by what stands before and after; a request that met no server has no status. */
const why = (said: string, error: string): Pick<Reading, 'state' | 'reason'> => {
	if (/\b429\b|quota|rate.?limit|exhausted/i.test(said)) return {state: 'rate-limited', reason: 'rate-limited'};
	if (/\b5(?:\d\d|xx)\b/.test(said)) return {state: 'retrying', reason: 'overloaded'};
	return {state: 'retrying', reason: /fetch failed|ECONN|ENOTFOUND|socket/i.test(error) ? 'no network' : 'it failed'};
};

/** Reads a line of Gemini's debug log, which names a failed request at once; its screen and its telemetry do so later. */
export const readDebugLine = (line: string): Logged => {
	const [, time = '', attempt = '', said = '', pause, error = ''] = RETRIED.exec(line.slice(0, 4000)) ?? [];
	if (time === '') return NOTHING;
	const {state, reason} = why(said, error);
	const retry = state === 'rate-limited' && pause !== undefined ? {retryMs: Number(pause)} : {};
	const told = firstLine(`no answer from its model: ${reason}, attempt ${Number(attempt) + 1} follows`);
	return {
		at: Date.parse(time) || 0,
		readings: [{source: 'stream', sign: 'debug log retry', state, isRetrying: true, reason: told, ...retry}],
	};
};
