import type {Launch, LaunchContext} from '../shared/cli.ts';
import {parseObject} from '../shared/fields.ts';
import {permissionsOf} from './hooks.ts';
import {pluginText} from './plugin.ts';

/** Where opencode takes a configuration from that lies over a person's files. */
const CONTENT = 'OPENCODE_CONFIG_CONTENT';
const PLUGIN = 'agent-room.mjs';
/** Of one call of the room's tools; one that waits for a person says so more often than that, and is waited for on. */
const MCP_MS = 60_000;

/**
 * opencode merges what this variable holds over the person's own configuration: nothing of that is written or left out. It has no hooks
 * of its own; a plugin in the session's folder gives it some.
 */
export const launch = (context: LaunchContext): Launch => {
	const isHeadless = context.mode === 'headless';
	const session = context.resume === '' ? [] : ['--session', context.resume];
	const auto = context.permissions === 'full' ? ['--auto'] : [];
	const resumed = isHeadless || context.resume === '' ? undefined : {session: context.resume, prompt: context.prompt};
	const prompt = isHeadless ? ['--', context.prompt] : resumed ? [] : [`--prompt=${context.prompt}`];
	const [program = 'opencode', ...args] = context.program;
	return {
		command: [program, ...(isHeadless ? ['run', '--format', 'json'] : []), ...args, ...auto, ...session, ...prompt],
		environment: {[CONTENT]: JSON.stringify(configuration(context)), OPENCODE_DISABLE_AUTOUPDATE: '1'},
		files: [{name: PLUGIN, text: pluginText(context.hook, {isHeadless, resumed})}],
	};
};

const configuration = (context: LaunchContext): object => {
	const person = asRecord(parseObject(context.environment[CONTENT] ?? ''));
	return {
		...person,
		autoupdate: false,
		plugin: [...(Array.isArray(person.plugin) ? person.plugin : []), `file://${context.folder}/${PLUGIN}`],
		mcp: {
			...asRecord(person.mcp),
			room: {type: 'local', command: context.mcp, environment: context.mcpEnvironment, enabled: true, timeout: MCP_MS},
		},
		permission: {...asRecord(person.permission), ...permissionsOf(context)},
		// Without a screen what is not allowed is refused; the turn is to go on with that word, not to end in silence.
		...(context.mode === 'headless' ? {experimental: {...asRecord(person.experimental), continue_loop_on_deny: true}} : {}),
	};
};

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : {};
