import type {Usage} from '../../core/cost/usage.ts';
import type {Reading} from '../../core/session/reading.ts';
import {INTERRUPTED} from '../../core/session/session.ts';
import {countOf, type ErrorInfo, type Fields, failed, fieldsOf, parseLine, textOf} from './errors.ts';

const sign = (what: string): Pick<Reading, 'source' | 'sign'> => ({source: 'stream', sign: `rollout ${what}`});

/** An error code, or an object with the code as its only key and maybe a status as value. */
const infoOf = (value: unknown): ErrorInfo => {
	if (typeof value === 'string') return {word: value, status: 0};
	const [[word, inner] = ['', undefined]] = Object.entries(fieldsOf(value));
	return {word, status: countOf(fieldsOf(inner).http_status_code)};
};

/** Tokens since the session started; cached input counts as input. Codex reports no cost. */
export const usageOf = (total: unknown): Usage | undefined => {
	const fields = fieldsOf(total);
	const [tokensIn, tokensOut, cached] = [fields.input_tokens, fields.output_tokens, fields.cached_input_tokens].map(countOf);
	if (tokensIn === undefined || tokensOut === undefined || tokensIn + tokensOut === 0) return undefined;
	return {micros: 0, tokensIn, tokensOut, isTotal: true, cached: Math.min(cached ?? 0, tokensIn)};
};

const contextOf = (info: Fields): number | undefined => {
	const window = countOf(info.model_context_window);
	return window === 0 ? undefined : Math.min(1, countOf(fieldsOf(info.last_token_usage).total_tokens) / window);
};

const tokens = (payload: Fields): readonly Reading[] => {
	const info = fieldsOf(payload.info);
	const usage = usageOf(info.total_token_usage);
	if (!usage) return [];
	const context = contextOf(info);
	return [{...sign('token_count'), usage: {...usage, ...(context === undefined ? {} : {context})}}];
};

const ended = (payload: Fields, at: Date | undefined): readonly Reading[] => {
	const error = fieldsOf(payload.error);
	const message = textOf(error.message, 2000);
	const said = textOf(payload.last_agent_message);
	if (message !== '') return [failed('rollout task_complete', message, at, infoOf(error.codex_error_info))];
	return [{...sign('task_complete'), doing: '', state: 'idle', ...(said === '' ? {} : {said})}];
};

/** Reads a line of the session file (rollout) for what no hook reports: failed turns and tokens. [] if it says nothing. */
export const readTranscript = (line: string): readonly Reading[] => {
	const {type, payload: inner, timestamp} = parseLine(line);
	if (type !== 'event_msg') return [];
	const payload = fieldsOf(inner);
	const at = new Date(textOf(timestamp, 40));
	switch (payload.type) {
		case 'task_started':
			return [{...sign('task_started'), state: 'working'}];
		case 'token_count':
			return tokens(payload);
		case 'task_complete':
			return ended(payload, Number.isNaN(at.getTime()) ? undefined : at);
		case 'turn_aborted':
			return [{...sign('turn_aborted'), state: 'idle', doing: '', reason: INTERRUPTED, cutOff: 'human'}];
		default:
			return [];
	}
};
