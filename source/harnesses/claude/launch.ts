import {quote} from '../../core/text/quote.ts';
import type {Launch, LaunchContext} from '../shared/cli.ts';
import {field, parseObject, textField} from '../shared/fields.ts';
import {HOOKS, SERVER, STATUS} from './names.ts';

/** Claude's permission mode. Read-only roles do not get `acceptEdits`: it also allows `rm` and `mv`. */
const permissionMode = ({permissions, writes}: Pick<LaunchContext, 'permissions' | 'writes'>): string => {
	if (permissions === 'full') return 'bypassPermissions';
	return permissions === 'edit' && writes ? 'acceptEdits' : 'default';
};

const EDITING = ['Edit', 'Write', 'NotebookEdit'];

/** Denied to all: they leave the worktree, or wake the agent after its task was reassigned. */
const LEAVING = ['EnterWorktree', 'ExitWorktree', 'CronCreate', 'ScheduleWakeup'];

/** Commands that a rule would read as a pattern are asked about instead. */
const isPlain = (command: string): boolean => !/[*()\n\\]|:\*/.test(command);

/** A rule for exactly this command; below, one that allows any arguments. */
const wholeRule = (command: string): readonly string[] => (isPlain(command) ? [`Bash(${command})`] : []);
const beginningRule = (command: string): readonly string[] => (isPlain(command) ? [`Bash(${command}:*)`] : []);

/** Claude's own tools never ask in the sandbox. Tools of the user's MCP servers reach beyond it and still do. */
const OWN_TOOLS = ['Bash', 'Read', 'Glob', 'Grep', 'Edit', 'Write', 'NotebookEdit'];

/**
 * Allow and deny rules. Files for the agent are outside its worktree but readable; read-only roles get no writing tool. With `ask`, you
 * decide every command except the room's own.
 */
const rules = (context: LaunchContext): {readonly allow: readonly string[]; readonly deny: readonly string[]} => {
	const isAsking = context.permissions === 'ask';
	return {
		allow: [
			`mcp__${SERVER}`,
			`Read(/${context.told}/**)`,
			...context.reports.flatMap(beginningRule),
			...(isAsking ? [] : context.isSandboxed ? OWN_TOOLS : context.allowed.flatMap(wholeRule)),
		],
		deny: context.writes ? LEAVING : [...LEAVING, ...EDITING],
	};
};

/** A permission waits for a human, who may be away: one week. */
const WAIT_SECONDS = 7 * 24 * 3600;
/** The room's tools are silent while they wait for a human or a lock. Claude's default gives up after 30 minutes. */
const WAIT_MS = 24 * 3600 * 1000;
/** The room answers all other hooks at once; if it hangs, Claude waits no longer than this. */
const HOOK_SECONDS = 10;

const commandOf = (hook: readonly string[], event: string): string => [...hook, event].map(quote).join(' ');

/**
 * Claude waits for all hooks, so they arrive in order: a tool's end after its turn's end would show an idle agent as running. Headless, the
 * stream reports everything except questions.
 */
const hooks = ({hook, mode}: LaunchContext): object =>
	Object.fromEntries(
		HOOKS.filter(({isHeadless}) => mode === 'interactive' || isHeadless).map(({event, waits}) => [
			event,
			[{hooks: [{type: 'command', command: commandOf(hook, event), timeout: waits ? WAIT_SECONDS : HOOK_SECONDS}]}],
		]),
	);

/** The room takes the cost from the status line; the user's own command gets the same input after it, and is what Claude shows. */
const statusLine = ({hook, userSettings = ''}: LaunchContext): object => {
	const own = commandOf(hook, STATUS);
	const theirs = field(parseObject(userSettings.trim()), 'statusLine');
	const command = field(theirs, 'type') === 'command' ? textField(theirs, 'command') : undefined;
	if (command === undefined) return {type: 'command', command: own, padding: 0};
	const both = `in=$(cat); printf %s "$in" | ${own} >/dev/null; printf %s "$in" | sh -c ${quote(command)}`;
	return {...Object(theirs), command: both};
};

/** Settings for one session on top of the user's: rules add up, and the user's hooks and status line run too. */
const settingsFile = (context: LaunchContext): string =>
	JSON.stringify({
		hooks: hooks(context),
		permissions: rules(context),
		...(context.mode === 'interactive' ? {statusLine: statusLine(context)} : {}),
		...(context.permissions === 'full' ? {skipDangerousModePermissionPrompt: true} : {}),
		preferredNotifChannel: 'iterm2',
		spinnerTipsEnabled: false,
	});

/**
 * Adds the room's MCP server to the user's. Its environment is copied from Claude's by name: values in this file would be searched for
 * `${NAME}`, and they include task titles.
 */
const mcpFile = ({mcp, mcpEnvironment, environment}: LaunchContext): string => {
	const [command, ...args] = mcp;
	const env = Object.entries(mcpEnvironment).flatMap(
		([name, value]): ReadonlyArray<readonly [string, string]> =>
			environment[name] === value ? [[name, `\${${name}}`]] : value.includes('${') ? [] : [[name, value]],
	);
	return JSON.stringify({
		mcpServers: command === undefined ? {} : {[SERVER]: {command, args, env: Object.fromEntries(env), alwaysLoad: true, timeout: WAIT_MS}},
	});
};

/**
 * Trusts the folder only if the repository has nothing that Claude would run by itself. Otherwise Claude shows its own dialog; headless,
 * none of it runs.
 */
const trust = ({mode, foundSettings = []}: LaunchContext): Readonly<Record<string, string>> => {
	if (foundSettings.length === 0) return {CLAUDE_CODE_SANDBOXED: '1'};
	return mode === 'headless' ? {CLAUDE_CODE_IGNORE_PERSISTED_TRUST: '1'} : {};
};

/** Alternate screen and mouse stay off, so that the pane keeps its scrollback. */
const environment = (context: LaunchContext): Readonly<Record<string, string>> => ({
	...trust(context),
	CLAUDE_CODE_DISABLE_ALTERNATE_SCREEN: '1',
	CLAUDE_CODE_DISABLE_MOUSE: '1',
	CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
	CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY: '1',
	CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: 'false',
	DISABLE_AUTOUPDATER: '1',
	// As root, Claude refuses all permissions without this; only set for `full`.
	...(context.isRoot && context.permissions === 'full' ? {IS_SANDBOX: '1'} : {}),
});

/** A copy of the user's session has an id of its own, and the session stays as it is. */
const session = ({resume, fork, newSession}: LaunchContext): readonly string[] =>
	resume !== '' ? ['--resume', resume] : ['--session-id', newSession, ...(fork === '' ? [] : ['--resume', fork, '--fork-session'])];

const headless = ({mode, answerSchema}: LaunchContext): readonly string[] =>
	mode === 'headless'
		? ['-p', '--output-format', 'stream-json', '--verbose', ...(answerSchema === '' ? [] : ['--json-schema', answerSchema])]
		: [];

/**
 * Configures Claude by arguments, environment and session files; writes nothing of the user's. `--strict-mcp-config` is not used: it would
 * disable the user's MCP servers.
 */
export const launch = (context: LaunchContext): Launch => ({
	command: [
		...context.program,
		...headless(context),
		...['--settings', `${context.folder}/settings.json`],
		...['--mcp-config', `${context.folder}/mcp.json`],
		...['--permission-mode', permissionMode(context)],
		...session(context),
		'--',
		context.prompt,
	],
	environment: environment(context),
	files: [
		{name: 'settings.json', text: settingsFile(context)},
		{name: 'mcp.json', text: mcpFile(context)},
	],
});
