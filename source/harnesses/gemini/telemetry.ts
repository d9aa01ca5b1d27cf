import type {Reading} from '../../core/session/reading.ts';
import type {Logged} from '../shared/cli.ts';
import {countField, field, firstLine, parseObject, textField} from '../shared/fields.ts';
import {readDebugLine} from './debug-log.ts';

const NOTHING: Logged = {at: 0, readings: []};

/** Longer records are skipped: those that count are short. */
const LONGEST = 64 * 1024;

/** What a reply used: also one of a side request, which the session file does not name. */
const usageOf = (told: unknown): Reading['usage'] => {
	const count = (name: string): number => countField(told, `${name}_token_count`) ?? 0;
	const model = textField(told, 'model');
	return {
		micros: 0,
		tokensIn: count('input'),
		tokensOut: count('output') + count('thoughts'),
		isTotal: false,
		cached: count('cached_content'),
		...(model ? {model} : {}),
	};
};

/**
 * Why it asks again after a failed request, by its status; undefined if it does not: then its session file has the error. A request that met no
 * server has none.
 */
const retryOf = (told: unknown): Pick<Reading, 'state' | 'reason'> | undefined => {
	const status = countField(told, 'status_code') ?? 0;
	if (status === 429) return {state: 'rate-limited', reason: 'rate-limited'};
	if (status >= 500) return {state: 'retrying', reason: 'overloaded'};
	return status === 0 && /fetch failed|ECONN|ENOTFOUND|socket/i.test(textField(told, 'error') ?? '')
		? {state: 'retrying', reason: 'no network'}
		: undefined;
};

const SIDE = /^utility_/;

/** Two records of one failure are written within this, ms. */
const SAME_MS = 1000;

/**
 * Reads Gemini's two logs of a session. `telemetry` takes records as indented JSON, one after the other, which Gemini writes up to five seconds
 * late; `debug` lines that are written at once. A failure that the debug log has told is not told again.
 */
export const createLogReaders = (): {readonly telemetry: (line: string) => Logged; readonly debug: (line: string) => Logged} => {
	let failedAt = 0;
	let lines: string[] = [];
	let size = 0;
	let refused = 0;
	const read = (text: string): Logged => {
		const told = field(parseObject(text), 'attributes');
		const at = Date.parse(textField(told, 'event.timestamp') ?? '') || 0;
		const name = textField(told, 'event.name');
		if (name === 'gemini_cli.api_error') {
			const failure = SIDE.test(textField(told, 'role') ?? '') ? undefined : retryOf(told);
			if (!failure) return NOTHING;
			refused += 1;
			if (at <= failedAt + SAME_MS) return NOTHING;
			const reason = firstLine(`no answer from its model: ${failure.reason}, attempt ${refused + 1} follows`);
			return {at, readings: [{source: 'stream', sign: 'telemetry api_error', ...failure, isRetrying: true, reason}]};
		}
		if (name !== 'gemini_cli.api_response') return NOTHING;
		// A reply from before a failure may be written after it. The debug log does not say that a failed request was one of the side: the reply to
		// that ends it, too.
		const isSide = SIDE.test(textField(told, 'role') ?? '');
		const isOver = at >= failedAt && (isSide ? refused === 0 && failedAt > 0 : refused > 0 || failedAt > 0);
		const state = isOver ? {state: 'working' as const} : {};
		if (isOver) [refused, failedAt] = [0, 0];
		return {at, readings: [{source: 'stream', sign: 'telemetry api_response', usage: usageOf(told), ...state}]};
	};
	const telemetry = (line: string): Logged => {
		if (line === '{') [lines, size] = [[], 0];
		size += line.length;
		if (size <= LONGEST) lines.push(line);
		if (line !== '}') return NOTHING;
		const text = size <= LONGEST ? lines.join('\n') : '';
		[lines, size] = [[], 0];
		return read(text);
	};
	const debug = (line: string): Logged => {
		const logged = readDebugLine(line);
		if (logged.readings.length > 0) failedAt = logged.at;
		return logged;
	};
	return {telemetry, debug};
};
