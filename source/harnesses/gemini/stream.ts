import type {Usage} from '../../core/cost/usage.ts';
import type {Reading} from '../../core/session/reading.ts';
import type {StreamLine} from '../shared/cli.ts';
import {countField, entry, field, firstLine, parseObject, textField} from '../shared/fields.ts';
import {doingOf} from './hooks.ts';

type Failure = Pick<Reading, 'state' | 'reason' | 'retryMs'>;

/** Known failure messages; the first match counts. */
const FAILURES: ReadonlyArray<{readonly state: NonNullable<Reading['state']>; readonly words: RegExp}> = [
	{
		state: 'rate-limited',
		words: /exhausted your (?:daily quota|capacity)|quota|rate.?limit|RESOURCE_EXHAUSTED|"code":429\b|too many requests/i,
	},
	{
		state: 'logged-out',
		words: /"code":40[13]\b|UNAUTHENTICATED|API_KEY_INVALID|API key (?:not valid|expired)|invalid authentication|re-?authenticate/i,
	},
	{state: 'out-of-context', words: /exceeds the maximum number of tokens|context window|input token count/i},
];

/** Classifies a failed request. An unknown failure ends the turn: the agent is idle, with the reason. */
export const failureOf = (message: string): Failure => {
	const reason = firstLine(withoutBrackets(message));
	const retry = /(?:retry|reset)(?:Delay)?[^0-9]{0,20}(\d+(?:\.\d+)?)s\b/i.exec(message)?.[1];
	const known = FAILURES.find(({words}) => words.test(message));
	if (!known) return {state: 'idle', reason};
	return {state: known.state, reason, ...(known.state === 'rate-limited' && retry ? {retryMs: Math.ceil(Number(retry) * 1000)} : {})};
};

/** Strips `[API Error: …]` and the service's JSON down to the sentence. */
const withoutBrackets = (message: string): string =>
	/"message":"((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? message.replace(/^\[API Error: /, '').replace(/\]$/m, '');

const NOTHING: StreamLine = {readings: [], text: ''};

/** Reads a line of `-o stream-json`. Other lines are shown as they are: Gemini reports start-up problems so. */
export const readLine = (line: string): StreamLine => {
	const event = parseObject(line);
	if (!event) return {readings: [], text: line};
	return entry(EVENTS, textField(event, 'type'))?.(event) ?? NOTHING;
};

const says = (sign: string, told: Omit<Reading, 'source' | 'sign'>, text: string, isPart = false): StreamLine => ({
	readings: [{source: 'stream', sign: `stream ${sign}`, ...told}],
	text,
	...(isPart ? {isPart} : {}),
});

const EVENTS: Readonly<Record<string, (event: object) => StreamLine>> = {
	init: event => {
		const session = textField(event, 'session_id');
		return says('init', {state: 'working', ...(session ? {session} : {})}, '');
	},
	message: event => {
		const content = textField(event, 'content');
		if (content === undefined) return NOTHING;
		// Gemini echoes the prompt first, which confirms it.
		if (field(event, 'role') === 'user') return says('message of the user', {state: 'working', isPromptTaken: true}, '');
		return says('message', {state: 'working', said: content}, content, field(event, 'delta') === true);
	},
	tool_use: event => {
		const doing = doingOf(textField(event, 'tool_name') ?? 'a tool', field(event, 'parameters'));
		return says('tool_use', {state: 'working', doing}, `• ${doing}`);
	},
	tool_result: event => {
		const error = textField(event, 'error', 'message');
		const output = textField(event, 'output');
		const sign = field(event, 'error', 'type') === 'policy_violation' ? 'tool_result, not allowed' : 'tool_result';
		return says(sign, {state: 'working'}, error ? `  ✗ ${firstLine(error)}` : output ? `  ${firstLine(output)}` : '');
	},
	// A warning or an error on the way. A failed turn ends with a result that says so.
	error: event => says('error', {}, textField(event, 'message') ?? ''),
	result: event => {
		const usage = usageOf(event);
		if (field(event, 'status') === 'success') return says('result', {state: 'finished', ...(usage ? {usage} : {})}, '');
		const message = textField(event, 'error', 'message') ?? '';
		return says('result, error', {...failureOf(message), ...(usage ? {usage} : {})}, `✗ ${message}`);
	},
};

/** Usage of this run; a resumed session starts at 0. */
const usageOf = (event: object): Usage | undefined => {
	const tokensIn = countField(event, 'stats', 'input_tokens');
	const tokensOut = countField(event, 'stats', 'output_tokens');
	if (tokensIn === undefined || tokensOut === undefined) return undefined;
	const model = busiest(field(event, 'stats', 'models'));
	const cached = countField(event, 'stats', 'cached') ?? 0;
	return {micros: 0, tokensIn, tokensOut, isTotal: false, cached, ...(model ? {model} : {})};
};

/** A run uses several models: small ones only route. */
const busiest = (models: unknown): string | undefined =>
	Object.keys(typeof models === 'object' && models !== null ? models : {})
		.map(name => ({name, total: countField(models, name, 'total_tokens') ?? 0}))
		.reduce<{name?: string; total: number}>((most, next) => (next.total > most.total ? next : most), {total: 0}).name;
