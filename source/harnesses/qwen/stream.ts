import type {Reading} from '../../core/session.ts';
import type {StreamLine} from '../cli.ts';
import {countField, entry, field, firstLine, listField, parseObject, textField} from '../fields.ts';
import {failureOf} from '../gemini/failures.ts';
import {doingOf} from '../gemini/tools.ts';

const NOTHING: StreamLine = {readings: [], text: ''};
type Read = {readonly told: Omit<Reading, 'source' | 'sign'>; readonly text: string};

/** A line of `-o stream-json`; what is no event of it is shown as it is. */
export const readLine = (line: string): StreamLine => {
	const event = parseObject(line);
	if (!event) return {readings: [], text: line};
	const type = textField(event, 'type') ?? '';
	const read = entry(EVENTS, type)?.(event);
	return read ? {readings: [{source: 'stream', sign: `stream ${type}`, ...read.told}], text: read.text} : NOTHING;
};

const EVENTS: Readonly<Record<string, (event: object) => Read | undefined>> = {
	system: event => {
		const session = textField(event, 'session_id');
		return field(event, 'subtype') === 'init'
			? {told: {state: 'working', isPromptTaken: true, ...(session ? {session} : {})}, text: ''}
			: undefined;
	},
	assistant: event => {
		const parts = listField(event, 'message', 'content');
		const said = parts.flatMap(part => textField(part, 'text') ?? []).join('\n');
		const doing = parts.flatMap(part =>
			field(part, 'type') === 'tool_use' ? [doingOf(textField(part, 'name') ?? 'a tool', field(part, 'input'))] : [],
		);
		return {
			told: {state: 'working', ...(said === '' ? {} : {said}), ...(doing.length === 0 ? {} : {doing: doing.join(', ')})},
			text: [...(said === '' ? [] : [said]), ...doing.map(done => `• ${done}`)].join('\n'),
		};
	},
	user: event => ({
		told: {state: 'working'},
		text: listField(event, 'message', 'content')
			.flatMap(part => {
				const content = textField(part, 'content');
				return content === undefined ? [] : [`  ${field(part, 'is_error') === true ? '✗ ' : ''}${firstLine(content)}`];
			})
			.join('\n'),
	}),
	result: event => {
		const tokensIn = countField(event, 'usage', 'input_tokens');
		const tokensOut = countField(event, 'usage', 'output_tokens');
		const cached = countField(event, 'usage', 'cache_read_input_tokens') ?? 0;
		const usage =
			tokensIn === undefined || tokensOut === undefined ? {} : {usage: {micros: 0, tokensIn, tokensOut, isTotal: false, cached}};
		const denied = listField(event, 'permission_denials').map(call =>
			doingOf(textField(call, 'tool_name') ?? 'a tool', field(call, 'tool_input')),
		);
		const reason = denied.length === 0 ? {} : {reason: firstLine(`was not allowed: ${denied.join(', ')}`)};
		if (field(event, 'is_error') === false) return {told: {state: 'finished', ...reason, ...usage}, text: ''};
		const message = textField(event, 'error', 'message') ?? textField(event, 'result') ?? '';
		return {told: {...failureOf(message), ...usage}, text: `✗ ${message}`};
	},
};
