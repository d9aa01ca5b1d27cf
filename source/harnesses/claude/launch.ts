import {quote} from '../../core/text/quote.ts';
import type {Launch, LaunchContext} from '../shared/cli.ts';
import {HOOKS, SERVER, STATUS} from './names.ts';

/** Claude's word for how much it may do unasked. Who only reads gets no edits unasked: those also let it `rm` and `mv`. */
const permissionMode = ({permissions, writes}: Pick<LaunchContext, 'permissions' | 'writes'>): string => {
	if (permissions === 'full') return 'bypassPermissions';
	return permissions === 'edit' && writes ? 'acceptEdits' : 'default';
};

/** The tools that change files. */
const EDITING = ['Edit', 'Write', 'NotebookEdit'];

/** Tools that take an agent out of its worktree, or wake it when its task is somebody else's: nobody has them. */
const LEAVING = ['EnterWorktree', 'ExitWorktree', 'CronCreate', 'ScheduleWakeup'];

/** What a rule would read as a pattern of its own is asked about instead. */
const isPlain = (command: string): boolean => !/[*()\n\\]|:\*/.test(command);

/** A rule for exactly one command, and one for a command with anything behind it. */
const wholeRule = (command: string): readonly string[] => (isPlain(command) ? [`Bash(${command})`] : []);
const beginningRule = (command: string): readonly string[] => (isPlain(command) ? [`Bash(${command}:*)`] : []);

/** Claude's own tools. In the sandbox none of them asks; those of a human's MCP servers, which reach beyond it, still do. */
const OWN_TOOLS = ['Bash', 'Read', 'Glob', 'Grep', 'Edit', 'Write', 'NotebookEdit'];

/**
 * What never asks and what never is: what the agent is told lies outside of its worktree and may be read; a role that only reads has no
 * tool that writes. `ask` leaves the commands to the user, but for the room's own.
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

/** A permission waits for a human, who may be asleep: a week. */
const WAIT_SECONDS = 7 * 24 * 3600;
/** A tool of the room that asks a human, or waits for a lock, is silent meanwhile; by itself Claude gives it up after half an hour. */
const WAIT_MS = 24 * 3600 * 1000;
/** All others are answered at once; a room that hangs holds nobody up for longer. */
const HOOK_SECONDS = 10;

const commandOf = (hook: readonly string[], event: string): string => [...hook, event].map(quote).join(' ');

/**
 * All hooks are waited for, so that they reach the room in the order in which things happened: an end of a tool that arrives after the
 * end of its turn would show an agent at work that rests. Headless, the stream says all but who asks.
 */
const hooks = ({hook, mode}: LaunchContext): object =>
	Object.fromEntries(
		HOOKS.filter(({isHeadless}) => mode === 'interactive' || isHeadless).map(({event, waits}) => [
			event,
			[{hooks: [{type: 'command', command: commandOf(hook, event), timeout: waits ? WAIT_SECONDS : HOOK_SECONDS}]}],
		]),
	);

/**
 * Settings of one session, laid over the user's own, which stay as they are: rules add up, and the user's hooks run next to the room's. The
 * status line alone is the room's: it is told what the session has cost.
 */
const settingsFile = (context: LaunchContext): string =>
	JSON.stringify({
		hooks: hooks(context),
		permissions: rules(context),
		...(context.mode === 'interactive' ? {statusLine: {type: 'command', command: commandOf(context.hook, STATUS), padding: 0}} : {}),
		...(context.permissions === 'full' ? {skipDangerousModePermissionPrompt: true} : {}),
		preferredNotifChannel: 'iterm2',
		spinnerTipsEnabled: false,
	});

/**
 * The room's MCP server, next to those of the user. What its environment shares with Claude's own is taken from there by name: a value in
 * this file would be searched for `${NAME}`, and titles of tasks are in it.
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
 * Trust in the folder is taken as given only where the repository brings nothing that Claude would run by itself. Else its own dialog comes
 * up, where the user has not trusted it in their own Claude; and without a screen, where nobody can be asked, nothing of it is run.
 */
const trust = ({mode, foundSettings = []}: LaunchContext): Readonly<Record<string, string>> => {
	if (foundSettings.length === 0) return {CLAUDE_CODE_SANDBOXED: '1'};
	return mode === 'headless' ? {CLAUDE_CODE_IGNORE_PERSISTED_TRUST: '1'} : {};
};

/** Its own screen and mouse stay off, so that the pane keeps what scrolled away. */
const environment = (context: LaunchContext): Readonly<Record<string, string>> => ({
	...trust(context),
	CLAUDE_CODE_DISABLE_ALTERNATE_SCREEN: '1',
	CLAUDE_CODE_DISABLE_MOUSE: '1',
	CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
	CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY: '1',
	CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: 'false',
	DISABLE_AUTOUPDATER: '1',
	// As root it refuses to run with all rights unless it is told that nothing is at stake: only where the user chose `full`.
	...(context.isRoot && context.permissions === 'full' ? {IS_SANDBOX: '1'} : {}),
});

const headless = ({mode, answerSchema}: LaunchContext): readonly string[] =>
	mode === 'headless'
		? ['-p', '--output-format', 'stream-json', '--verbose', ...(answerSchema === '' ? [] : ['--json-schema', answerSchema])]
		: [];

/**
 * Claude Code is told everything by arguments, environment and files of the session's folder: nothing of the user's is written. The user's
 * own MCP servers continue being used; `--strict-mcp-config` would switch them off.
 */
export const launch = (context: LaunchContext): Launch => ({
	command: [
		...context.program,
		...headless(context),
		...['--settings', `${context.folder}/settings.json`],
		...['--mcp-config', `${context.folder}/mcp.json`],
		...['--permission-mode', permissionMode(context)],
		...(context.resume === '' ? ['--session-id', context.newSession] : ['--resume', context.resume]),
		'--',
		context.prompt,
	],
	environment: environment(context),
	files: [
		{name: 'settings.json', text: settingsFile(context)},
		{name: 'mcp.json', text: mcpFile(context)},
	],
});
