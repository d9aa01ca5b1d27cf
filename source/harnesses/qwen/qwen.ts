import type {Permissions} from '../../core/agent/agent.ts';
import type {Reading} from '../../core/session/reading.ts';
import {doingOf} from '../gemini/hooks.ts';
import {failureOf} from '../gemini/stream.ts';
import type {Cli, Launch, LaunchContext, StreamLine} from '../shared/cli.ts';
import {countField, entry, field, firstLine, listField, parseObject, textField} from '../shared/fields.ts';
import {HEADLESS_ONLY} from '../shared/headless.ts';

const NOTHING: StreamLine = {readings: [], text: ''};
type Read = {readonly told: Omit<Reading, 'source' | 'sign'>; readonly text: string};

/** Reads a line of `-o stream-json`. Other lines are shown as they are. */
const readLine = (line: string): StreamLine => {
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

const MODES: Readonly<Record<Permissions, string>> = {ask: 'default', edit: 'auto-edit', full: 'yolo'};

/**
 * Arguments only: rules, the room's tools, the brief's folder. `@` in a prompt would name a file. Its rules only know prefixes, so only the
 * room's commands are allowed; it commits by the room's tool.
 */
const launch = (context: LaunchContext): Launch => {
	const [command, ...args] = context.mcp;
	const room = {command, args, env: context.mcpEnvironment, trust: true};
	return {
		command: [
			...context.program,
			`--approval-mode=${MODES[context.permissions]}`,
			...(context.permissions === 'full'
				? []
				: context.isSandboxed && context.permissions !== 'ask'
					? ['--allowed-tools=run_shell_command']
					: context.reports.map(start => `--allowed-tools=run_shell_command(${start})`)),
			...(context.writes ? [] : ['--exclude-tools=write_file', '--exclude-tools=edit', '--exclude-tools=notebook_edit']),
			`--include-directories=${context.told}`,
			`--mcp-config=${context.folder}/mcp.json`,
			...(context.answerSchema === '' ? [] : [`--json-schema=@${context.folder}/answer-schema.json`]),
			context.resume === '' ? `--session-id=${context.newSession}` : `--resume=${context.resume}`,
			'--output-format=stream-json',
			`--prompt=${context.prompt}`,
		],
		environment: {},
		files: [{name: 'mcp.json', text: JSON.stringify({mcpServers: {room}})}],
	};
};

export const qwen: Cli = {
	...HEADLESS_ONLY,
	name: 'qwen',
	title: 'Qwen Code',
	package: '@qwen-code/qwen-code',
	verified: '0.24.4',
	login: 'qwen, then /auth',
	home: [{below: '.qwen', live: ['oauth_creds.json'], shown: ['QWEN.md', '.env'], copied: ['settings.json', 'installation_id']}],
	hosts: ['dashscope.aliyuncs.com', 'dashscope-intl.aliyuncs.com', 'chat.qwen.ai'],
	loginEnvironment: ['OPENAI_MODEL', 'DASHSCOPE_API_KEY'],
	loginSigns: {environment: ['OPENAI_API_KEY', 'DASHSCOPE_API_KEY'], files: ['~/.qwen/oauth_creds.json']},
	launch,
	readLine,
};
