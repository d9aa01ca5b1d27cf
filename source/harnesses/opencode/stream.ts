import type {Usage} from '../../core/cost/usage.ts';
import type {Reading} from '../../core/session/reading.ts';
import {INTERRUPTED} from '../../core/session/session.ts';
import type {StreamLine} from '../shared/cli.ts';
import {countField, entry, field, firstLine, parseObject, textField} from '../shared/fields.ts';

type Failure = Pick<Reading, 'state' | 'reason' | 'cutOff'>;

const LIMIT = /rate.?limit|too many requests|quota|overloaded|usage limit|exhausted|429/i;

/** Whether a retried request hit a rate limit; otherwise the server failed. */
export const isLimit = (message: string): boolean => LIMIT.test(message);

/** Classifies what ended a turn by error name and HTTP status. */
export const failureOf = (error: unknown): Failure => ({cutOff: 'error', ...classified(error)});

const classified = (error: unknown): Failure => {
	const name = textField(error, 'name') ?? '';
	const message = textField(error, 'message') ?? textField(error, 'data', 'message') ?? '';
	const status = countField(error, 'status') ?? countField(error, 'data', 'statusCode');
	if (name === 'MessageAbortedError') return {state: 'idle', reason: INTERRUPTED, cutOff: 'human'};
	const reason = firstLine(message || name);
	if (name === 'ContextOverflowError') return {state: 'out-of-context', reason};
	if (name === 'ProviderAuthError' || status === 401 || status === 403) return {state: 'logged-out', reason};
	if (status === 429 || isLimit(message)) return {state: 'rate-limited', reason};
	return {state: 'idle', reason};
};

export const doingOf = (tool: string, input: unknown): string => {
	const subject = ['command', 'filePath', 'path', 'pattern', 'url', 'description', 'text', 'name']
		.map(name => textField(input, name))
		.find(text => text !== undefined);
	return firstLine([entry(NAMES, tool) ?? tool, subject ?? ''].join(' ').trim());
};

const NAMES: Readonly<Record<string, string>> = {
	bash: 'runs',
	write: 'writes',
	edit: 'edits',
	read: 'reads',
	list: 'lists',
	grep: 'searches',
	glob: 'searches',
	webfetch: 'fetches',
	question: 'needs-input',
	todowrite: 'plans',
};

const NOTHING: StreamLine = {readings: [], text: ''};

/** Reads a line of `run --format json`. Other lines are shown as they are. */
export const readLine = (line: string): StreamLine => {
	const event = parseObject(line);
	if (!event) return {readings: [], text: line};
	const type = textField(event, 'type') ?? '';
	const read = entry(EVENTS, type)?.(event);
	if (!read) return NOTHING;
	const session = textField(event, 'sessionID');
	return {readings: [{source: 'stream', sign: `stream ${type}`, ...(session ? {session} : {}), ...read.told}], text: read.text};
};

type Read = {readonly told: Omit<Reading, 'source' | 'sign'>; readonly text: string};

const EVENTS: Readonly<Record<string, (event: object) => Read | undefined>> = {
	step_start: () => ({told: {state: 'working'}, text: ''}),
	text: event => {
		const text = textField(event, 'part', 'text');
		// Synthetic text is opencode's message to the model, not the model's.
		return text === undefined || field(event, 'part', 'synthetic') === true ? undefined : {told: {state: 'working', said: text}, text};
	},
	tool_use: event => {
		const doing = doingOf(textField(event, 'part', 'tool') ?? 'a tool', field(event, 'part', 'state', 'input'));
		const error = textField(event, 'part', 'state', 'error');
		const output = error === undefined ? textField(event, 'part', 'state', 'output') : `✗ ${error}`;
		return {told: {state: 'working', doing}, text: `• ${doing}${output === undefined ? '' : `\n  ${firstLine(output)}`}`};
	},
	step_finish: event => {
		const usage = usageOf(event);
		const isLast = textField(event, 'part', 'reason') === 'stop';
		return {told: {state: isLast ? 'finished' : 'working', ...(usage ? {usage} : {})}, text: ''};
	},
	error: event => {
		const failure = failureOf(field(event, 'error'));
		return {told: failure, text: failure.reason === undefined ? '' : `✗ ${failure.reason}`};
	},
};

const usageOf = (event: object): Usage | undefined => {
	const tokens = (...path: readonly string[]): number => countField(event, 'part', 'tokens', ...path) ?? 0;
	const cost = field(event, 'part', 'cost');
	if (field(event, 'part', 'tokens') === undefined) return undefined;
	return {
		micros: typeof cost === 'number' && cost >= 0 && Number.isFinite(cost) ? Math.round(cost * 1e6) : 0,
		tokensIn: tokens('input') + tokens('cache', 'read') + tokens('cache', 'write'),
		tokensOut: tokens('output') + tokens('reasoning'),
		cached: tokens('cache', 'read'),
		isTotal: false,
	};
};
