import type {Reading} from '../../core/session/reading.ts';
import type {StreamLine} from '../shared/cli.ts';
import {countField, field, firstLine, listField, lookUp, parseObject, textField} from '../shared/fields.ts';
import {failureOf} from './errors.ts';
import {toolUse} from './names.ts';
import {microsOf} from './transcript.ts';

const NOTHING: StreamLine = {readings: [], text: ''};

const sign = (what: string): Pick<Reading, 'source' | 'sign'> => ({source: 'stream', sign: `event ${what}`});

/** Tool that returns a structured answer; the result repeats it. */
const ANSWER_TOOL = 'StructuredOutput';

const shownTool = (name: string, input: unknown): string => {
	const {title, about} = toolUse(name, input);
	if (name === 'Bash') return `$ ${about}`;
	return about === '' ? `· ${title}` : `· ${title} ${about}`;
};

const assistant = (told: unknown): StreamLine => {
	// An API error as a reply: the result repeats it, and the result counts.
	if (textField(told, 'message', 'model') === '<synthetic>') return NOTHING;
	const parts = listField(told, 'message', 'content');
	const said = parts.flatMap(part => (textField(part, 'type') === 'text' ? (textField(part, 'text') ?? []) : []));
	const tools = parts
		.filter(part => textField(part, 'type') === 'tool_use' && textField(part, 'name') !== ANSWER_TOOL)
		.map(part => shownTool(textField(part, 'name') ?? 'a tool', field(part, 'input')));
	// Output of subagents is shown, but is not what the agent said.
	const isOwn = textField(told, 'parent_tool_use_id') === undefined;
	const indent = (text: string): string => (isOwn ? text : text.replace(/^/gm, '    '));
	const doing = tools.at(-1);
	return {
		readings: [
			{
				...sign('assistant'),
				state: 'working',
				...(isOwn && said.length > 0 ? {said: said.join('\n')} : {}),
				...(doing === undefined ? {} : {doing}),
			},
		],
		text: [...said, ...tools].map(indent).join('\n'),
	};
};

/** Of tool results, reports only failures. */
const user = (told: unknown): StreamLine => {
	const failed = listField(told, 'message', 'content').filter(part => field(part, 'is_error') === true);
	return {readings: [], text: failed.map(part => `  ! ${firstLine(textField(part, 'content') ?? 'it failed', 160)}`).join('\n')};
};

const retry = (told: unknown): StreamLine => {
	const status = countField(told, 'error_status');
	const retryMs = countField(told, 'retry_delay_ms');
	const word = textField(told, 'error') ?? '';
	const failure = failureOf(word, status === 429 ? 'rate limit' : word);
	const reason = `${word || 'an error'}${status === undefined ? '' : ` (${status})`}`;
	const after = retryMs === undefined ? '' : `, tries again in ${Math.ceil(retryMs / 1000)} s`;
	const state = failure.state === 'rate-limited' ? failure.state : undefined;
	return {
		readings: [{...sign('api_retry'), reason, ...(state ? {state, ...(retryMs === undefined ? {} : {retryMs})} : {})}],
		text: `! ${reason}${after}`,
	};
};

const SYSTEM: Readonly<Record<string, (told: unknown) => StreamLine>> = {
	init: told => ({
		readings: [{...sign('init'), state: 'working', isPromptTaken: true}],
		text: `Claude Code ${textField(told, 'claude_code_version') ?? ''} · ${textField(told, 'model') ?? ''}`.trimEnd(),
	}),
	api_retry: retry,
	permission_denied: told => ({
		readings: [],
		text: `  ! ${textField(told, 'tool_name') ?? 'A tool'} was not allowed: ${firstLine(textField(told, 'message') ?? '', 160)}`,
	}),
	compact_boundary: () => ({readings: [], text: '· its context was compacted'}),
};

/** Usage of all models since the session started. */
const totalsOf = (told: unknown): Reading['usage'] => {
	const models = field(told, 'modelUsage');
	const each = typeof models === 'object' && models !== null ? Object.values(models) : [];
	const sum = (name: string): number => each.reduce<number>((all, usage) => all + (countField(usage, name) ?? 0), 0);
	const cached = sum('cacheReadInputTokens');
	return {
		micros: microsOf(field(told, 'total_cost_usd')),
		tokensIn: sum('inputTokens') + sum('cacheCreationInputTokens') + cached,
		tokensOut: sum('outputTokens'),
		cached,
		isTotal: true,
	};
};

const result = (told: unknown): StreamLine => {
	const said = textField(told, 'result') ?? '';
	const errors = listField(told, 'errors').filter(error => typeof error === 'string');
	const isError = field(told, 'is_error') === true || textField(told, 'subtype') !== 'success';
	const usage = totalsOf(told);
	const answer = field(told, 'structured_output');
	const denied = listField(told, 'permission_denials').map(denial => textField(denial, 'tool_name') ?? 'a tool');
	const end = isError
		? failureOf(textField(told, 'error') ?? '', [said, ...errors, textField(told, 'subtype') ?? ''].filter(part => part !== '').join('\n'))
		: {state: 'idle' as const, ...(denied.length === 0 ? {} : {reason: `not allowed: ${[...new Set(denied)].join(', ')}`})};
	const seconds = Math.round((countField(told, 'duration_ms') ?? 0) / 1000);
	const cost = `$${((usage?.micros ?? 0) / 1e6).toFixed(2)}`;
	return {
		readings: [
			{
				...sign(`result ${(isError && textField(told, 'terminal_reason')) || (textField(told, 'subtype') ?? '')}`.trimEnd()),
				...end,
				...(said === '' || isError ? {} : {said}),
				...(usage ? {usage} : {}),
				...(typeof answer === 'object' && answer !== null ? {answer: JSON.stringify(answer)} : {}),
			},
		],
		text: isError ? `! ${end.reason ?? 'it failed'}\n${seconds} s, ${cost}` : `${seconds} s, ${cost}`,
	};
};

const LINES: Readonly<Record<string, (told: unknown) => StreamLine>> = {
	system: told => lookUp(SYSTEM, textField(told, 'subtype'))?.(told) ?? NOTHING,
	assistant,
	user,
	result,
};

/** Reads a line of `-p --output-format stream-json --verbose`. */
export const readLine = (line: string): StreamLine => {
	const told = parseObject(line);
	const {readings, text} = lookUp(LINES, textField(told, 'type'))?.(told) ?? NOTHING;
	const session = textField(told, 'session_id');
	return {readings: session === undefined ? readings : readings.map(reading => ({...reading, session})), text};
};
