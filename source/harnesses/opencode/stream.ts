import type {Reading, Usage} from '../../core/session.ts';
import type {StreamLine} from '../cli.ts';
import {countField, entry, field, firstLine, parseObject, textField} from '../fields.ts';
import {failureOf} from './failures.ts';
import {doingOf} from './tools.ts';

const NOTHING: StreamLine = {readings: [], text: ''};

/** A line of `run --format json`; what is no event of it is shown as it is. */
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
		// What opencode tells the model by itself is not what the model says.
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

/** Of one step. */
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
