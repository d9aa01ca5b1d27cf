import type {Launch, LaunchContext} from '../shared/cli.ts';
import {parseObject} from '../shared/fields.ts';
import {permissionsOf} from './hooks.ts';
import {pluginText} from './plugin.ts';
import {TRUST_QUESTION} from './trust.ts';

/** Where opencode takes a configuration from that lies over a human's files. */
const CONTENT = 'OPENCODE_CONFIG_CONTENT';
const PLUGIN = 'agent-room.mjs';
/** Of one call of the room's tools; one that waits for a human says so more often than that, and is waited for on. */
const MCP_MS = 60_000;

/** opencode's own word for whether a repository's configuration counts; set for a harness, a human has decided. */
const DECIDED = 'OPENCODE_DISABLE_PROJECT_CONFIG';
const TRUST = 'trust.sh';

/**
 * opencode has no dialog of trust, and no switch that keeps it from the plugins of a repository (its own one leaves them to the newer of its two
 * loaders): they would run unasked, outside of every permission. So a program in front of it asks, in the pane, as the dialogs of other CLIs do.
 */
const isAsked = ({foundSettings = [], environment}: LaunchContext): boolean =>
	foundSettings.length > 0 && environment[DECIDED] === undefined;

const trustScript = ({foundSettings = [], mode}: LaunchContext): string => `#!/bin/sh
cat <<'END'
This repository contains ${foundSettings.join(', ')}.
opencode runs its plugins and servers automatically, with all your permissions.
END
${
	mode === 'headless'
		? ''
		: `printf '%s ' '${TRUST_QUESTION}'
read -r answer
case $answer in [yY]|[yY]es) exec "$@" ;; esac
`
}cat <<'END'
Not started. To decide permanently, write into the configuration:
harnesses: {NAME: {cli: opencode, environment: {${DECIDED}: "false"}}}
END
exit 1
`;

/**
 * opencode merges what this variable holds over the user's own configuration: nothing of that is written or left out. It has no hooks of
 * its own; a plugin in the session's folder gives it some.
 */
export const launch = (context: LaunchContext): Launch => {
	const isHeadless = context.mode === 'headless';
	const session = context.resume === '' ? [] : ['--session', context.resume];
	const auto = context.permissions === 'full' ? ['--auto'] : [];
	const resumed = isHeadless || context.resume === '' ? undefined : {session: context.resume, prompt: context.prompt};
	const prompt = isHeadless ? ['--', context.prompt] : resumed ? [] : [`--prompt=${context.prompt}`];
	const [program = 'opencode', ...args] = context.program;
	const command = [program, ...(isHeadless ? ['run', '--format', 'json'] : []), ...args, ...auto, ...session, ...prompt];
	return {
		command: isAsked(context) ? ['/bin/sh', `${context.folder}/${TRUST}`, ...command] : command,
		environment: {
			[CONTENT]: JSON.stringify(configuration(context)),
			OPENCODE_DISABLE_AUTOUPDATE: '1',
		},
		files: [
			{name: PLUGIN, text: pluginText(context.hook, {isHeadless, resumed})},
			...(isAsked(context) ? [{name: TRUST, text: trustScript(context)}] : []),
		],
	};
};

const configuration = (context: LaunchContext): object => {
	const person = asRecord(parseObject(context.environment[CONTENT] ?? ''));
	return {
		...person,
		autoupdate: false,
		plugin: [...listOf(person.plugin), `file://${context.folder}/${PLUGIN}`],
		mcp: {
			...asRecord(person.mcp),
			room: {type: 'local', command: context.mcp, environment: context.mcpEnvironment, enabled: true, timeout: MCP_MS},
		},
		permission: {...asRecord(person.permission), ...permissionsOf(context)},
		// Without a screen what is not allowed is refused; the turn is to continue with that word, not to end in silence.
		...(context.mode === 'headless' ? {experimental: {...asRecord(person.experimental), continue_loop_on_deny: true}} : {}),
	};
};

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : {};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
