import type {Launch, LaunchContext} from '../cli.ts';
import {hookSettings} from './hooks.ts';
import {isReading, rights, SCRATCH} from './rights.ts';
import {settings} from './toml.ts';

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
					// A question waits for a person, a lock for its holder; a busy machine starts slowly.
					tool_timeout_sec: 86_400,
					startup_timeout_sec: 60,
				},
			});
};

/**
 * Dialogs, hints and background work that nobody watches, and what it tells its terminal. The hints it counts in the person's
 * `config.toml`. Keys rather than flags: a version that does not know one goes on without it.
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
 * A folder whose settings would run something by themselves, outside of any sandbox, is for the person to trust: Codex asks on its screen,
 * and keeps the answer; headless it leaves such settings alone. One without is taken as trusted for this run, which spares the question.
 */
const trust = ({repository, foundSettings = []}: LaunchContext): readonly string[] =>
	foundSettings.length > 0 ? [] : settings({projects: {[repository]: {trust_level: 'trusted'}}});

/**
 * Codex is told everything by arguments that hold for one run; its home folder and the person's configuration in it stay as they are.
 * Its shell is no login shell: that would take `agent-room` from the PATH again.
 */
export const launch = (context: LaunchContext): Launch => {
	const isHeadless = context.mode === 'headless';
	const command = [
		...context.program,
		...QUIET,
		...settings(hookSettings(context.hook)),
		...trust(context),
		...settings({
			allow_login_shell: false,
			...(isReading(context) ? {'shell_environment_policy.set': {TMPDIR: `${context.folder}/${SCRATCH}`}} : {}),
		}),
		...mcpSettings(context),
		...(isHeadless ? ['exec'] : []),
		...(context.resume === '' ? [] : ['resume']),
		...rights(context),
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
