import {quote} from '../../core/text/quote.ts';
import type {Launch, LaunchContext} from '../shared/cli.ts';
import {type TomlValue, tomlValue} from '../shared/toml.ts';

/** A day: a permission waits for a human. */
const LONG_SECONDS = 86_400;
/** What Codex allows the hooks of an end and an interrupt; more is a warning on its screen. */
const SHORT_SECONDS = 3;
const ORDINARY_SECONDS = 60;

/** The hooks of a session: name, the word for it in the keys of trust, and how long it may take. */
const HOOKS = [
	['SessionStart', 'session_start', ORDINARY_SECONDS],
	['UserPromptSubmit', 'user_prompt_submit', ORDINARY_SECONDS],
	['PreToolUse', 'pre_tool_use', ORDINARY_SECONDS],
	['PermissionRequest', 'permission_request', LONG_SECONDS],
	['PostToolUse', 'post_tool_use', ORDINARY_SECONDS],
	['Stop', 'stop', ORDINARY_SECONDS],
	['Interrupt', 'interrupt', SHORT_SECONDS],
	['SessionEnd', 'session_end', SHORT_SECONDS],
] as const;

/**
 * The fingerprint by which Codex knows a hook that was reviewed: of its event, its command and its time. A hook whose fingerprint is
 * another does not run, so that a version which computes it otherwise runs none of ours, rather than somebody else's.
 */
export const fingerprint = ({sha256}: LaunchContext, event: string, command: string, timeout: number): string =>
	`sha256:${sha256(JSON.stringify({event_name: event, hooks: [{async: false, command, timeout, type: 'command'}]}))}`;

/**
 * The hooks of one run, and the trust in exactly these. Codex's own switch to run hooks without review would also run those of the
 * repository's `.codex` folder, which anybody may have put there: it is never used.
 */
const hookSettings = (context: LaunchContext): {readonly [key: string]: TomlValue} => {
	const run = HOOKS.map(([name, key, timeout]) => ({name, key, timeout, command: [...context.hook, name].map(quote).join(' ')}));
	return {
		...Object.fromEntries(run.map(({name, command, timeout}) => [`hooks.${name}`, [{hooks: [{type: 'command', command, timeout}]}]])),
		'hooks.state': Object.fromEntries(
			run.map(({key, command, timeout}) => [
				`/<session-flags>/config.toml:${key}:0:0`,
				{trusted_hash: fingerprint(context, key, command, timeout)},
			]),
		),
	};
};

/** The arguments that set keys of Codex's configuration for one run. Names of keys are ours; values may be anything. */
const settings = (values: {readonly [key: string]: TomlValue}): readonly string[] =>
	Object.entries(values).flatMap(([key, value]) => ['-c', `${key}=${tomlValue(value)}`]);

/** Name of the permission profile of a run. */
const PROFILE = 'agent-room';

/**
 * Hooks and configuration of the worktree's repository are code that runs outside of this sandbox, where a human has allowed a command:
 * read only.
 */
const NOT_WRITTEN = ['hooks', 'config'];

/** Scratch space of those who may write nothing else. */
const SCRATCH = 'tmp';

const profile = (context: LaunchContext): TomlValue => {
	const isWriting = context.writes && context.permissions === 'edit';
	const {gitDir, folder, repository, worktree} = context;
	// The user's own git folder, also where it lies in a folder in which everything may write.
	const persons = repository === worktree ? {} : {[`${repository}/.git`]: 'read'};
	const git = {[gitDir]: isWriting ? 'write' : 'read', ...Object.fromEntries(NOT_WRITTEN.map(name => [`${gitDir}/${name}`, 'read']))};
	return {
		extends: isWriting ? ':workspace' : ':read-only',
		// Named in any case, also where the worktree lies in /tmp: a commit writes there.
		filesystem: {...persons, ...git, ...(isWriting ? {} : {[`${folder}/${SCRATCH}`]: 'write'})},
		// Without the network a command reaches no socket at all, not even the room's (its sandbox refuses `connect`): `agent-room report`
		// could not be heard, nor could tests that open a port.
		network: {enabled: true},
	};
};

/**
 * What a run may do. `ask`, and roles that only read: read everything, write only their scratch folder. `edit`: write in the worktree and
 * commit there. Both by the sandbox, whatever the user's own configuration says; what goes beyond is asked for where there is a screen to
 * ask on, and refused if there is none. `full`: Codex's own switch, only for those who write.
 */
const permissions = (context: LaunchContext): readonly string[] => {
	if (context.permissions === 'full' && context.writes) return ['--dangerously-bypass-approvals-and-sandbox'];
	if (context.isSandboxed) return surrounded(context);
	return [
		...settings({[`permissions.${PROFILE}`]: profile(context), default_permissions: PROFILE}),
		...settings({approval_policy: context.mode === 'headless' ? 'never' : 'on-request'}),
	];
};

/**
 * In the room's sandbox its own is off: it cannot mount what it needs there where the user is root, and the room's holds more. `ask` asks
 * about every command that is not known to read only; if there is no screen to ask on nothing is asked.
 */
const surrounded = ({mode, permissions}: LaunchContext): readonly string[] =>
	settings({
		sandbox_mode: 'danger-full-access',
		approval_policy: mode === 'headless' ? 'never' : permissions === 'ask' ? 'untrusted' : 'on-request',
	});

/** Are its commands held by the sandbox to reading? */
const isReading = ({permissions, writes}: LaunchContext): boolean => !writes || permissions === 'ask';

/** The room's MCP server. It takes its environment from Codex's own by name: no token stands in an argument, which all may read. */
const mcpSettings = ({mcp, mcpEnvironment}: LaunchContext): readonly string[] => {
	const [command, ...args] = mcp;
	return command === undefined
		? []
		: settings({
				'mcp_servers.agent_room': {
					command,
					args,
					env_vars: Object.keys(mcpEnvironment),
					default_tools_approval_mode: 'approve',
					// A question waits for a human, a lock for its holder; a busy machine starts slowly.
					tool_timeout_sec: 86_400,
					startup_timeout_sec: 60,
				},
			});
};

/**
 * Dialogs, hints and background work that nobody watches, and what it tells its terminal. The hints it counts in the user's `config.toml`.
 * Keys rather than flags: a version that does not know one continues without it.
 */
const QUIET = settings({
	check_for_update_on_startup: false,
	'analytics.enabled': false,
	'features.daemon_auto_start': false,
	'tui.show_tooltips': false,
	'tui.notifications': true,
	'tui.notification_method': 'osc9',
	'tui.notification_condition': 'always',
});

/**
 * A folder whose settings would run something by themselves, outside of any sandbox, is for the user to trust: Codex asks on its screen,
 * and keeps the answer; headless it leaves such settings alone. One without is taken as trusted for this run, which spares the question.
 */
const trust = ({worktree, foundSettings = []}: LaunchContext): readonly string[] =>
	foundSettings.length > 0 ? [] : settings({projects: {[worktree]: {trust_level: 'trusted'}}});

/**
 * Codex is told everything by arguments that hold for one run; its home folder and the user's configuration in it stay as they are. Its
 * shell is no login shell: that would take `agent-room` from the PATH again.
 */
export const launch = (context: LaunchContext): Launch => {
	const isHeadless = context.mode === 'headless';
	const command = [
		...context.program,
		...QUIET,
		...settings(hookSettings(context)),
		...trust(context),
		...settings({
			allow_login_shell: false,
			...(isReading(context) ? {'shell_environment_policy.set': {TMPDIR: `${context.folder}/${SCRATCH}`}} : {}),
		}),
		...mcpSettings(context),
		...(isHeadless ? ['exec'] : []),
		...(context.resume === '' ? [] : ['resume']),
		...permissions(context),
		...(isHeadless ? ['--json', '--skip-git-repo-check'] : []),
		...(isHeadless && context.answerSchema !== '' ? ['--output-schema', `${context.folder}/answer-schema.json`] : []),
		'--',
		...(context.resume === '' ? [] : [context.resume]),
		context.prompt,
	];
	return {
		command,
		environment: {},
		files: isReading(context) ? [{name: `${SCRATCH}/.keep`, text: ''}] : [],
	};
};
