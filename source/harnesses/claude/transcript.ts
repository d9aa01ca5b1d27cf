import type {Usage} from '../../core/cost/usage.ts';
import type {Reading} from '../../core/session/reading.ts';
import {INTERRUPTED, type SessionState} from '../../core/session/session.ts';
import {countField, field, listField, lookUp, parseObject, textField} from '../shared/fields.ts';
import {failureOf} from './errors.ts';

/** Dollars to millionths of a dollar; 0 for anything else. */
export const microsOf = (value: unknown): number =>
	typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value * 1e6) : 0;

/** Reads the status line: cost since the session started and context use. Its tokens are only those of the last reply. */
export const statusOf = (payload: unknown): Pick<Reading, 'usage'> => {
	const window = field(payload, 'context_window');
	const percent = field(window, 'used_percentage');
	const model = textField(payload, 'model', 'id');
	const usage: Usage = {
		micros: microsOf(field(payload, 'cost', 'total_cost_usd')),
		tokensIn: 0,
		tokensOut: 0,
		isTotal: true,
		...(typeof percent === 'number' && percent >= 0 ? {context: Math.min(1, percent / 100)} : {}),
		...(model === undefined ? {} : {model}),
	};
	return {usage};
};

/** Tokens of one reply; cached input tokens are also counted apart. */
export const tokensOf = (usage: unknown): Omit<Usage, 'micros' | 'isTotal'> => {
	const cached = countField(usage, 'cache_read_input_tokens') ?? 0;
	return {
		tokensIn: (countField(usage, 'input_tokens') ?? 0) + (countField(usage, 'cache_creation_input_tokens') ?? 0) + cached,
		tokensOut: countField(usage, 'output_tokens') ?? 0,
		cached,
	};
};

const BY_USER = /^\[Request interrupted by user/;

/**
 * Reads the session file for what no hook reports: tokens of a reply, and interrupted turns. Each part of a reply repeats its tokens, so
 * only the first part counts. The status line reports the cost.
 */
export const readTranscript = (line: string): readonly Reading[] => {
	const told = parseObject(line);
	const type = textField(told, 'type');
	const message = field(told, 'message');
	if (type === 'assistant') {
		if (field(told, 'isApiErrorMessage') === true) {
			const text = textField(listField(message, 'content')[0], 'text') ?? '';
			const failure = failureOf(textField(told, 'error') ?? '', text);
			return failure.state === 'idle' ? [] : [{source: 'stream', sign: 'transcript, error of the API', ...failure}];
		}
		if (field(told, 'apiBlockIndex') !== 0 || textField(message, 'model') === '<synthetic>') return [];
		return [{source: 'stream', sign: 'transcript, a reply', usage: {micros: 0, isTotal: false, ...tokensOf(field(message, 'usage'))}}];
	}
	if (type !== 'user') return [];
	const isInterrupted = listField(message, 'content').some(part => BY_USER.test(textField(part, 'text') ?? ''));
	return isInterrupted ? [{source: 'stream', sign: 'transcript, interrupted', state: 'idle', reason: INTERRUPTED, cutOff: 'human'}] : [];
};

const STATES: Readonly<Record<string, SessionState>> = {busy: 'working', idle: 'idle', waiting: 'needs-input'};

/** Claude's state file; the only source for an interrupted turn. */
export const path = (environment: Readonly<Record<string, string>>, pid: number): string =>
	`${environment.CLAUDE_CONFIG_DIR || `${environment.HOME ?? ''}/.claude`}/sessions/${pid}.json`;

/** Reads the state file. It says nothing until its first state, set at start, has changed. */
export const read = (text: string): readonly Reading[] => {
	const told = parseObject(text);
	const status = textField(told, 'status');
	const session = textField(told, 'sessionId');
	const state = lookUp(STATES, status);
	if (state === undefined || session === undefined) return [];
	if (state === 'idle' && (countField(told, 'statusUpdatedAt') ?? 0) <= (countField(told, 'startedAt') ?? 0)) return [];
	const waits = textField(told, 'waitingFor');
	return [{source: 'stream', sign: `session file ${status}${waits === undefined ? '' : `, ${waits}`}`.slice(0, 120), session, state}];
};
