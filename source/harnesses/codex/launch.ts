import {quote} from '../../core/text/quote.ts';
import type {Launch, LaunchContext} from '../shared/cli.ts';
import {type TomlValue, tomlValue} from '../shared/toml.ts';
import {LOG_FILTER, LOG_FOLDER, REQUEST_LOG} from './request-log.ts';

/** A permission waits for a human: one day. */
const LONG_SECONDS = 86_400;
/** Codex warns on screen if the hooks for end and interrupt take longer. */
const SHORT_SECONDS = 3;
const ORDINARY_SECONDS = 60;

/** Hooks of a session: name, its key in the trust settings, time limit. */
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
 * Codex's hash of a reviewed hook (event, command, time limit). A hook with another hash does not run: a version that hashes differently
 * runs none of ours instead of foreign ones.
 */
export const fingerprint = ({sha256}: LaunchContext, event: string, command: string, timeout: number): string =>
	`sha256:${sha256(JSON.stringify({event_name: event, hooks: [{async: false, command, timeout, type: 'command'}]}))}`;

/**
 * The hooks of one run, trusted by hash. Codex's switch that runs hooks without review is never used: it would also run those of the
 * repository's `.codex` folder.
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

/** Arguments that set config keys for one run. The key names are ours; values may be anything. */
const settings = (values: {readonly [key: string]: TomlValue}): readonly string[] =>
	Object.entries(values).flatMap(([key, value]) => ['-c', `${key}=${tomlValue(value)}`]);

const PROFILE = 'agent-room';

/** Read-only: git hooks and config of the repository run outside this sandbox once a human has allowed a command. */
const NOT_WRITTEN = ['hooks', 'config'];

/** The only place read-only roles may write to. */
const SCRATCH = 'tmp';

const profile = (context: LaunchContext): TomlValue => {
	const isWriting = context.writes && context.permissions === 'edit';
	const {gitDir, folder, repository, worktree} = context;
	// The user's git folder, even inside a writable folder.
	const persons = repository === worktree ? {} : {[`${repository}/.git`]: 'read'};
	const git = {[gitDir]: isWriting ? 'write' : 'read', ...Object.fromEntries(NOT_WRITTEN.map(name => [`${gitDir}/${name}`, 'read']))};
	return {
		extends: isWriting ? ':workspace' : ':read-only',
		// Always listed, even for worktrees in /tmp: a commit writes there.
		filesystem: {...persons, ...git, ...(isWriting ? {} : {[`${folder}/${SCRATCH}`]: 'write'})},
		// Without network the sandbox refuses `connect` on all sockets: `agent-room report` and tests that open a port would fail.
		network: {enabled: true},
	};
};

/**
 * `ask` and read-only roles: read all, write only scratch. `edit`: write and commit in the worktree. The sandbox enforces both over the
 * user's config; anything beyond is asked for, or refused headless. `full`: Codex's own switch, for writing roles only.
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
 * In the room's sandbox Codex's own is off: as root it cannot mount there, and the room's is stricter. `ask` asks about every command not
 * known to be read-only; headless nothing is asked.
 */
const surrounded = ({mode, permissions}: LaunchContext): readonly string[] =>
	settings({
		sandbox_mode: 'danger-full-access',
		approval_policy: mode === 'headless' ? 'never' : permissions === 'ask' ? 'untrusted' : 'on-request',
	});

/** Whether the sandbox limits its commands to reading. */
const isReading = ({permissions, writes}: LaunchContext): boolean => !writes || permissions === 'ask';

/** The room's MCP server. Its environment is copied from Codex's by name: arguments are readable by all, so they hold no token. */
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
					// Questions wait for a human, locks for their holder; busy machines start slowly.
					tool_timeout_sec: 86_400,
					startup_timeout_sec: 60,
				},
			});
};

/**
 * Turns off dialogs, hints (which are counted in the user's `config.toml`), background work and notices. Config keys, not flags: unknown
 * keys are ignored by other versions.
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
 * Trusts a folder for this run only if it has no settings that run code outside the sandbox. Otherwise Codex asks on screen and stores the
 * answer; headless it ignores such settings.
 */
const trust = ({worktree, foundSettings = []}: LaunchContext): readonly string[] =>
	foundSettings.length > 0 ? [] : settings({projects: {[worktree]: {trust_level: 'trusted'}}});

/** Only on its screen can it continue a copy; without a folder it would ask in which one. */
const isFork = ({mode, fork}: LaunchContext): boolean => mode === 'interactive' && fork !== '';

/** Whether its requests are logged for the room: only on its screen, since a headless one prints its log, and never in place of the user's own log. */
const isLogged = ({mode, environment}: LaunchContext): boolean => mode === 'interactive' && environment.RUST_LOG === undefined;

/** What its commands get: a folder to write to, and nothing of the room's log. */
const commandEnvironment = (context: LaunchContext): {readonly [key: string]: TomlValue} => ({
	...(isReading(context) ? {'shell_environment_policy.set': {TMPDIR: `${context.folder}/${SCRATCH}`}} : {}),
	...(isLogged(context) ? {log_dir: `${context.folder}/${LOG_FOLDER}`, 'shell_environment_policy.set.RUST_LOG': ''} : {}),
});

/** Configures Codex by arguments of one run; its home folder stays unchanged. No login shell: it would drop `agent-room` from PATH. */
export const launch = (context: LaunchContext): Launch => {
	const isHeadless = context.mode === 'headless';
	const command = [
		...context.program,
		...QUIET,
		...settings(hookSettings(context)),
		...trust(context),
		...settings({
			allow_login_shell: false,
			...commandEnvironment(context),
		}),
		...mcpSettings(context),
		...(isHeadless ? ['exec'] : []),
		...(context.resume !== '' ? ['resume'] : isFork(context) ? ['fork', '-C', context.worktree] : []),
		...permissions(context),
		...(isHeadless ? ['--json', '--skip-git-repo-check'] : []),
		...(isHeadless && context.answerSchema !== '' ? ['--output-schema', `${context.folder}/answer-schema.json`] : []),
		'--',
		...(context.resume !== '' ? [context.resume] : isFork(context) ? [context.fork] : []),
		context.prompt,
	];
	return {
		command,
		environment: isLogged(context) ? {RUST_LOG: LOG_FILTER} : {},
		files: [
			...(isReading(context) ? [{name: `${SCRATCH}/.keep`, text: ''}] : []),
			...(isLogged(context) ? [{name: REQUEST_LOG, text: ''}] : []),
		],
	};
};
