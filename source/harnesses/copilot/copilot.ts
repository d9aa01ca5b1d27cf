import type {Cli, Launch, LaunchContext} from '../cli.ts';
import {HEADLESS_ONLY} from '../headless.ts';
import {readLine} from './stream.ts';

/** By arguments alone. What no `--allow-tool` names is refused, for there is nobody to ask; reading is always allowed. */
const launch = (context: LaunchContext): Launch => {
	const [command, ...args] = context.mcp;
	const room = {type: 'local', command, args, env: context.mcpEnvironment, tools: ['*']};
	const edits = context.writes && context.permissions !== 'ask' ? ['--allow-tool=write'] : [];
	const rights =
		context.permissions === 'full'
			? ['--allow-all-tools', '--allow-all-paths']
			: [...edits, ...context.allowed.map(start => `--allow-tool=shell(${start}:*)`), '--allow-tool=room'];
	return {
		command: [
			...context.program,
			...rights,
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

/** GitHub Copilot CLI, without a screen. */
export const copilot: Cli = {
	...HEADLESS_ONLY,
	name: 'copilot',
	title: 'GitHub Copilot CLI',
	package: '@github/copilot',
	verified: '1.0.102',
	login: 'copilot, then /login',
	launch,
	readLine,
};
