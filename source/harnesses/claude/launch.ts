import type {Launch, LaunchContext} from '../cli.ts';
import {permissionMode} from './rights.ts';
import {mcpFile, settingsFile} from './settings.ts';

/**
 * Trust in the folder is taken as given only where the repository brings nothing that Claude would run by itself. Else its own dialog comes
 * up, where the person has not trusted it in their own Claude; and without a screen, where nobody can be asked, nothing of it is run.
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
	// As root it refuses to run with all rights unless it is told that nothing is at stake: only where the person chose `full`.
	...(context.isRoot && context.permissions === 'full' ? {IS_SANDBOX: '1'} : {}),
});

const headless = ({mode, answerSchema}: LaunchContext): readonly string[] =>
	mode === 'headless'
		? ['-p', '--output-format', 'stream-json', '--verbose', ...(answerSchema === '' ? [] : ['--json-schema', answerSchema])]
		: [];

/**
 * Claude Code is told everything by arguments, environment and files of the session's folder: nothing of the person's is written. The
 * person's own MCP servers go on being used; `--strict-mcp-config` would switch them off.
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
