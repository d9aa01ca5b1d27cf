import type {Usage} from '../../core/cost/usage.ts';
import type {Reading} from '../../core/session/reading.ts';
import type {SessionState} from '../../core/session/session.ts';
import {countField, field, listField, lookUp, parseObject, textField} from '../shared/fields.ts';
import {failureOf} from './errors.ts';

/** A sum of money that Claude tells in dollars, in millionths. */
export const microsOf = (value: unknown): number =>
	typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value * 1e6) : 0;

/**
 * What the status line is told: what the session has cost since it started, and how full its context is. Its tokens are those of the last
 * reply.
 */
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

/** Tokens of one reply; of those that went in, what came out of the provider's cache is told apart. */
export const tokensOf = (usage: unknown): Omit<Usage, 'micros' | 'isTotal'> => {
	const cached = countField(usage, 'cache_read_input_tokens') ?? 0;
	return {
		tokensIn: (countField(usage, 'input_tokens') ?? 0) + (countField(usage, 'cache_creation_input_tokens') ?? 0) + cached,
		tokensOut: countField(usage, 'output_tokens') ?? 0,
		cached,
	};
};

const INTERRUPTED = /^\[Request interrupted by user/;

/**
 * The file of the session tells what no hook does: the tokens of a reply, and that a turn was interrupted. A reply has a line for each of
 * its parts, all with the same tokens: they are counted once, with the first. Its money is told by the status line.
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
	const isInterrupted = listField(message, 'content').some(part => INTERRUPTED.test(textField(part, 'text') ?? ''));
	return isInterrupted ? [{source: 'stream', sign: 'transcript, interrupted', state: 'idle', reason: 'interrupted'}] : [];
};

const STATES: Readonly<Record<string, SessionState>> = {busy: 'working', idle: 'idle', waiting: 'needs-input'};

/** Where Claude Code keeps what it does at every moment; it alone tells of a turn that was interrupted. */
export const path = (environment: Readonly<Record<string, string>>, pid: number): string =>
	`${environment.CLAUDE_CONFIG_DIR || `${environment.HOME ?? ''}/.claude`}/sessions/${pid}.json`;

/** What the file says; as long as it stands at its first word, from the start on, it says nothing. */
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
