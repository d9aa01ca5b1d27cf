import type {Launch, LaunchContext} from '../shared/cli.ts';
import {parseObject} from '../shared/fields.ts';
import {permissionsOf} from './hooks.ts';
import {NEW_SESSION, pluginText} from './plugin.ts';
import {copyOf} from './sessions.ts';
import {TRUST_QUESTION} from './trust.ts';

/** Variable with a config that overrides the user's files. */
const CONTENT = 'OPENCODE_CONFIG_CONTENT';
const PLUGIN = 'agent-room.mjs';
/** Time limit of one MCP call. The room's tools that wait for a human report progress, which extends it. */
const MCP_MS = 60_000;

/** Variable that enables or disables a repository's config. If a harness sets it, a human has decided. */
const DECIDED = 'OPENCODE_DISABLE_PROJECT_CONFIG';
const TRUST = 'trust.sh';
const COPY = 'session.json';
const CONTINUE = 'continue.sh';

/**
 * opencode has no trust dialog, and its own switch still loads some plugins of a repository: they would run unasked, outside every
 * permission. So a wrapper asks first, in the pane.
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
harnesses: {NAME: {cli: opencode, env: {${DECIDED}: "false"}}}
END
exit 1
`;

/**
 * Imports the copy of a session and continues it; without one that this version of opencode can read, starts a new session. Arguments: the session,
 * the prompt, the program and its arguments.
 */
const continueScript = (isHeadless: boolean): string => `#!/bin/sh
folder=\${0%/*} session=$1 prompt=$2
shift 2
# It takes seconds, in which the pane would be empty.
echo 'Importing a copy of the session…' >&2
if "$1" --pure import "$folder/${COPY}" >/dev/null 2>&1; then
	exec "$@" --session "$session"${isHeadless ? ' -- "$prompt"' : ''}
fi
export ${NEW_SESSION}=1
exec "$@" ${isHeadless ? '-- "$prompt"' : '"--prompt=$prompt"'}
`;

/**
 * opencode merges this variable over the user's config, which stays unchanged. It has no hooks; a plugin in the session's folder adds some.
 */
export const launch = (context: LaunchContext): Launch => {
	const isHeadless = context.mode === 'headless';
	const copy =
		context.forkText === ''
			? undefined
			: copyOf(context.forkText, {ending: context.newSession.replaceAll('-', '').slice(0, 8), folder: context.worktree});
	const session = context.resume === '' ? [] : ['--session', context.resume];
	const auto = context.permissions === 'full' ? ['--auto'] : [];
	const continued = context.resume || copy?.id;
	const resumed = isHeadless || !continued ? undefined : {session: continued, prompt: context.prompt};
	const prompt = isHeadless ? ['--', context.prompt] : resumed ? [] : [`--prompt=${context.prompt}`];
	const [program = 'opencode', ...args] = context.program;
	const begin = [program, ...(isHeadless ? ['run', '--format', 'json'] : []), ...args, ...auto];
	const command = copy
		? ['/bin/sh', `${context.folder}/${CONTINUE}`, copy.id, context.prompt, ...begin]
		: [...begin, ...session, ...prompt];
	return {
		command: isAsked(context) ? ['/bin/sh', `${context.folder}/${TRUST}`, ...command] : command,
		environment: {
			[CONTENT]: JSON.stringify(configuration(context)),
			OPENCODE_DISABLE_AUTOUPDATE: '1',
		},
		files: [
			{name: PLUGIN, text: pluginText(context.hook, {isHeadless, resumed, title: titleOf(context)})},
			...(copy
				? [
						{name: COPY, text: copy.text},
						{name: CONTINUE, text: continueScript(isHeadless)},
					]
				: []),
			...(isAsked(context) ? [{name: TRUST, text: trustScript(context)}] : []),
		],
	};
};

/** What the session is called in the user's list of sessions. */
const titleOf = ({environment}: LaunchContext): string =>
	[environment.AGENT_ROOM_TASK, environment.AGENT_ROOM_TITLE].filter(Boolean).join(' ').slice(0, 200);

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
		// It would ask a small model for a title, and count that request nowhere.
		agent: {...asRecord(person.agent), title: {disable: true}},
		permission: {...asRecord(person.permission), ...permissionsOf(context)},
		// Headless, a refused tool must continue the turn with the refusal instead of ending it silently.
		...(context.mode === 'headless' ? {experimental: {...asRecord(person.experimental), continue_loop_on_deny: true}} : {}),
	};
};

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : {};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
