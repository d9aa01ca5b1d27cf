import type {Reading} from '../../core/session/reading.ts';
import {failureOf} from '../gemini/stream.ts';
import type {Cli, Launch, LaunchContext, StreamLine} from '../shared/cli.ts';
import {entry, field, firstLine, parseObject, textField} from '../shared/fields.ts';
import {HEADLESS_ONLY} from '../shared/headless.ts';
import {KEYRING} from '../shared/logins.ts';

const NOTHING: StreamLine = {readings: [], text: ''};
type Read = {readonly told: Omit<Reading, 'source' | 'sign'>; readonly text: string};

/** Reads a line of `--output-format json`, which has no tokens. Other lines are shown as they are. */
const readLine = (line: string): StreamLine => {
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

/** Arguments only. What no `--allow-tool` names is refused, since headless nobody can be asked; reading is always allowed. */
const launch = (context: LaunchContext): Launch => {
	const [command, ...args] = context.mcp;
	const room = {type: 'local', command, args, env: context.mcpEnvironment, tools: ['*']};
	const isAsking = context.permissions === 'ask';
	const edits = context.writes && !isAsking ? ['--allow-tool=write'] : [];
	const commands =
		context.isSandboxed && !isAsking
			? ['--allow-tool=shell']
			: [
					...context.allowed.map(command => `--allow-tool=shell(${command})`),
					...context.reports.map(start => `--allow-tool=shell(${start}:*)`),
				];
	const permissions =
		context.permissions === 'full' ? ['--allow-all-tools', '--allow-all-paths'] : [...edits, ...commands, '--allow-tool=room'];
	return {
		command: [
			...context.program,
			...permissions,
			...(context.writes ? [] : ['--deny-tool=write']),
			`--add-dir=${context.told}`,
			`--additional-mcp-config=@${context.folder}/mcp.json`,
			context.resume === '' ? `--session-id=${context.newSession}` : `--resume=${context.resume}`,
			'--no-auto-update',
			'--output-format=json',
			`--prompt=${context.prompt}`,
		],
		environment: {},
		files: [{name: 'mcp.json', text: JSON.stringify({mcpServers: {room}})}],
	};
};

export const copilot: Cli = {
	...HEADLESS_ONLY,
	name: 'copilot',
	title: 'GitHub Copilot CLI',
	package: '@github/copilot',
	verified: '1.0.102',
	tellsNoUsage: true,
	login: 'copilot, then /login',
	home: [{below: '.copilot', copied: ['config.json', 'mcp-config.json']}],
	hosts: ['api.github.com', '*.githubcopilot.com', 'copilot-proxy.githubusercontent.com'],
	loginEnvironment: [
		...['COPILOT_GITHUB_TOKEN', 'COPILOT_MODEL', 'COPILOT_PROVIDER_BASE_URL', 'COPILOT_PROVIDER_API_KEY', 'COPILOT_OFFLINE'],
		...KEYRING,
	],
	loginSigns: {
		environment: ['COPILOT_GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_TOKEN', 'COPILOT_PROVIDER_API_KEY'],
		files: ['~/.copilot/config.json'],
	},
	launch,
	readLine,
};
