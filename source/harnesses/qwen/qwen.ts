import type {Cli, Launch, LaunchContext, Permissions} from '../cli.ts';
import {HEADLESS_ONLY} from '../headless.ts';
import {readLine} from './stream.ts';

const MODES: Readonly<Record<Permissions, string>> = {ask: 'default', edit: 'auto-edit', full: 'yolo'};

/** By arguments alone: rules, the room's tools, the folder of the brief. An `@` in a prompt would name a file. */
const launch = (context: LaunchContext): Launch => {
	const [command, ...args] = context.mcp;
	const room = {command, args, env: context.mcpEnvironment, trust: true};
	return {
		command: [
			...context.program,
			`--approval-mode=${MODES[context.permissions]}`,
			...(context.permissions === 'full' ? [] : context.allowed.map(start => `--allowed-tools=run_shell_command(${start})`)),
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

/** Qwen Code, without a screen. */
export const qwen: Cli = {
	...HEADLESS_ONLY,
	name: 'qwen',
	title: 'Qwen Code',
	package: '@qwen-code/qwen-code',
	verified: '0.24.4',
	login: 'qwen, then /auth',
	launch,
	readLine,
};
