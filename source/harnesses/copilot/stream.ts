import type {Reading} from '../../core/session.ts';
import type {StreamLine} from '../cli.ts';
import {entry, field, firstLine, parseObject, textField} from '../fields.ts';
import {failureOf} from '../gemini/failures.ts';

const NOTHING: StreamLine = {readings: [], text: ''};
type Read = {readonly told: Omit<Reading, 'source' | 'sign'>; readonly text: string};

/** A line of `--output-format json`; what is no event of it is shown as it is. Tokens are not in it. */
export const readLine = (line: string): StreamLine => {
	const event = parseObject(line);
	if (!event) return {readings: [], text: line};
	const type = textField(event, 'type') ?? '';
	const read = entry(EVENTS, type)?.(event);
	return read ? {readings: [{source: 'stream', sign: `stream ${type}`, ...read.told}], text: read.text} : NOTHING;
};

const doingOf = (event: object): string => {
	const subject = ['command', 'path', 'pattern', 'url', 'text'].map(name => textField(event, 'data', 'arguments', name)).find(text => text);
	return firstLine([textField(event, 'data', 'toolName') ?? 'a tool', subject ?? ''].join(' ').trim());
};

const EVENTS: Readonly<Record<string, (event: object) => Read | undefined>> = {
	'user.message': () => ({told: {state: 'working', isPromptTaken: true}, text: ''}),
	'assistant.turn_start': () => ({told: {state: 'working'}, text: ''}),
	'assistant.message': event => {
		const said = textField(event, 'data', 'content');
		return said === undefined ? undefined : {told: {state: 'working', said}, text: said};
	},
	'tool.execution_start': event => {
		const doing = doingOf(event);
		return {told: {state: 'working', doing}, text: `• ${doing}`};
	},
	'tool.execution_complete': event => {
		const error = textField(event, 'data', 'error', 'message');
		const output = textField(event, 'data', 'result', 'content');
		return {told: {state: 'working'}, text: error ? `  ✗ ${firstLine(error)}` : output ? `  ${firstLine(output)}` : ''};
	},
	'session.error': event => {
		const message = textField(event, 'data', 'message') ?? '';
		return {told: failureOf(message), text: `✗ ${message}`};
	},
	result: event => {
		const session = textField(event, 'sessionId');
		return {told: {...(field(event, 'exitCode') === 0 ? {state: 'finished' as const} : {}), ...(session ? {session} : {})}, text: ''};
	},
};
