import type {Reading} from '../../core/session/reading.ts';
import type {Cli, StreamLine} from '../shared/cli.ts';
import {countField, entry, field, firstLine, listField, parseObject, textField} from '../shared/fields.ts';
import {HEADLESS_ONLY} from '../shared/headless.ts';

const NOTHING: StreamLine = {readings: [], text: ''};
type Read = {readonly told: Omit<Reading, 'source' | 'sign'>; readonly text: string};

const doingOf = (event: unknown): string => {
	const input = field(event, 'input');
	const command = listField(input, 'commands').find(each => typeof each === 'string');
	const subject = typeof command === 'string' ? command : (textField(input, 'path') ?? textField(input, 'query') ?? '');
	return firstLine([textField(event, 'toolName') ?? 'a tool', subject].join(' ').trim());
};

/** Reads a line of `--json`. Other lines are shown as they are. */
const readLine = (line: string): StreamLine => {
	const told = parseObject(line);
	if (!told) return {readings: [], text: line};
	const type = textField(told, 'type') ?? '';
	const [name, event] = type === 'agent_event' ? [textField(told, 'event', 'type') ?? '', field(told, 'event')] : [type, told];
	const read = entry(EVENTS, name)?.(event);
	return read ? {readings: [{source: 'stream', sign: `stream ${name}`, ...read.told}], text: read.text} : NOTHING;
};

const EVENTS: Readonly<Record<string, (event: unknown) => Read | undefined>> = {
	iteration_start: event => ({told: {state: 'working', ...(countField(event, 'iteration') === 1 ? {isPromptTaken: true} : {})}, text: ''}),
	content_start: event => {
		if (textField(event, 'contentType') !== 'tool') return undefined;
		const doing = doingOf(event);
		return {told: {state: 'working', doing}, text: `• ${doing}`};
	},
	content_end: event => {
		const said = textField(event, 'text');
		return said === undefined || textField(event, 'contentType') !== 'text' ? undefined : {told: {state: 'working', said}, text: said};
	},
	usage: event => {
		const tokensIn = countField(event, 'inputTokens');
		const tokensOut = countField(event, 'outputTokens');
		if (tokensIn === undefined || tokensOut === undefined) return undefined;
		return {told: {usage: {micros: 0, tokensIn, tokensOut, isTotal: false, cached: countField(event, 'cacheReadTokens') ?? 0}}, text: ''};
	},
	run_result: event => {
		const reason = textField(event, 'finishReason') ?? '';
		const model = textField(event, 'model', 'id');
		// Its usage has been counted reply by reply; it names the model.
		const usage = model === undefined ? {} : {usage: {micros: 0, tokensIn: 0, tokensOut: 0, isTotal: false, model}};
		return reason === 'completed'
			? {told: {state: 'finished', ...usage}, text: ''}
			: {told: {state: 'idle', reason: firstLine(reason), ...usage}, text: `✗ ${reason}`};
	},
};

/** Cline, headless only. Without a screen it never asks: it may do all that its sandbox allows, whatever its `permissions` say. */
export const cline: Cli = {
	...HEADLESS_ONLY,
	name: 'cline',
	title: 'Cline',
	package: 'cline',
	verified: '3.0.65',
	login: 'cline auth',
	home: [{below: '.cline', copied: ['data/secrets.json', 'data/globalState.json']}],
	hosts: ['*.cline.bot', 'openrouter.ai', 'api.anthropic.com'],
	loginEnvironment: ['OPENROUTER_API_KEY'],
	launch: ({program, prompt}) => ({command: [...program, '--json', prompt], environment: {}, files: []}),
	readLine,
};
