import type {Permissions} from '../../core/agent/agent.ts';
import {quote} from '../../core/text/quote.ts';
import type {Cli, Launch, LaunchContext} from '../shared/cli.ts';
import {CLOUDS, KEYRING} from '../shared/logins.ts';
import {NO_ROAD, NOWHERE} from '../shared/probe.ts';
import {tomlString} from '../shared/toml.ts';
import {readHook, replyHook} from './hooks.ts';
import {readNotice, readScreen} from './screen.ts';
import {readLine} from './stream.ts';
import {readTranscript} from './transcript.ts';

/**
 * What this session may do, as rules over Gemini's own: the room's tools and the allowed commands never ask (each part of a chain is
 * looked at by itself, and one that writes into a file asks in spite of this), and who only reads has no tool that writes.
 */
const policy = (context: Pick<LaunchContext, 'allowed' | 'reports' | 'writes' | 'permissions' | 'isSandboxed'>): string => {
	const {allowed, reports, writes, permissions, isSandboxed} = context;
	const shell = 'toolName = "run_shell_command"';
	const isOpen = isSandboxed && permissions !== 'ask';
	return [
		rule(['toolName = "*"', 'mcpName = "room"', 'decision = "allow"']),
		...reports.map(command => rule([shell, `argsPattern = ${tomlString(beginningWith(command))}`, 'decision = "allow"'])),
		...(isOpen ? [] : allowed.map(command => rule([shell, `argsPattern = ${tomlString(exactly(command))}`, 'decision = "allow"']))),
		isOpen ? rule([shell, 'decision = "allow"', 'allowRedirection = true']) : '',
		isOpen && writes ? rule(['toolName = ["replace", "write_file"]', 'decision = "allow"']) : '',
		writes ? '' : rule(['toolName = ["replace", "write_file"]', 'decision = "deny"']),
	].join('');
};

/**
 * A pattern for exactly this command. Gemini matches it with the arguments as JSON, in which zeros part the tool's own arguments from each other: nothing
 * inside of another argument looks like it.
 */
const exactly = (command: string): string => `\\0"command":"${inString(command)}"\\0`;

/**
 * A pattern for a command with words behind it. With Gemini's own rule for beginnings its output could go into any file: here nothing that redirects
 * or substitutes fits, not even inside of quotes. Gemini takes no pattern with one repetition inside of another.
 */
const beginningWith = (command: string): string => `\\0"command":"${inString(command)}(?:"| [^<>$\`]*")\\0`;

/** A text inside of a JSON string, as a pattern. */
const inString = (text: string): string =>
	JSON.stringify(text)
		.slice(1, -1)
		.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const rule = (lines: readonly string[]): string => `[[rule]]\n${lines.join('\n')}\npriority = 500\n\n`;

const MODES: Readonly<Record<Permissions, string>> = {ask: 'default', edit: 'auto_edit', full: 'yolo'};

/** Where edits are accepted unasked, so is output into a file: not of who only reads. */
const modeOf = ({permissions, writes}: LaunchContext): string => MODES[permissions === 'edit' && !writes ? 'ask' : permissions];

/** What is told by hooks. Not AfterModel: it fires at every piece of an answer, and Gemini waits for it. */
const EVENTS = ['SessionStart', 'BeforeAgent', 'BeforeTool', 'AfterTool', 'Notification', 'AfterAgent', 'SessionEnd'] as const;

/** A hook that hangs is given up after this; Gemini counts in ms. */
const HOOK_MS = 60_000;

/** Where the session's view of `~/.gemini` lies, and the extension in it that brings hooks and MCP server. */
const HOME = 'home';
const TRUSTED = 'trusted-folders.json';
const EXTENSION = `${HOME}/.gemini/extensions/agent-room`;

/**
 * Gemini takes hooks and MCP servers from no argument, and settings next to a human's own only from files that root owns. So it gets a home
 * of its own: links to everything in the user's `~/.gemini` (login, settings, memory; what it keeps of its sessions goes there), and next
 * to them one extension, which is the room's. The user's folder gets no file.
 */
const launch = (context: LaunchContext): Launch => {
	const person = `${context.environment.GEMINI_CLI_HOME ?? context.environment.HOME ?? ''}/.gemini`;
	// A repository may bring hooks and servers that Gemini would run by itself: then Gemini asks, by the dialog that it has for that. Else
	// its file tools are let into the folder of what it is told, next to the worktree.
	const isTrusted = (context.foundSettings ?? []).length === 0;
	const session = context.resume === '' ? [`--session-id=${context.newSession}`] : [`--resume=${context.resume}`];
	const prompt =
		context.mode === 'headless'
			? ['--output-format=stream-json', `--prompt=${context.prompt}`]
			: [`--prompt-interactive=${context.prompt}`];
	return {
		command: [
			...context.program,
			...(isTrusted ? ['--skip-trust', `--include-directories=${context.told}`] : []),
			`--approval-mode=${modeOf(context)}`,
			// A policy that is given replaces the user's, so both are.
			`--policy=${context.folder}/policy.toml`,
			`--policy=${person}/policies`,
			...session,
			...prompt,
		],
		environment: {
			GEMINI_CLI_HOME: `${context.folder}/${HOME}`,
			GEMINI_CLI_NO_RELAUNCH: 'true',
			// `--skip-trust` is for the worktree alone.
			...(isTrusted ? {GEMINI_CLI_TRUSTED_FOLDERS_PATH: `${context.folder}/${TRUSTED}`} : {}),
		},
		overlays: [
			// The list of projects is the program's own note of what lies in `tmp`, and is locked while it is written: each session has its own.
			{name: `${HOME}/.gemini`, of: person, except: ['extensions', 'projects.json'], keep: ['tmp', 'history']},
			{name: `${HOME}/.gemini/extensions`, of: `${person}/extensions`, except: ['agent-room'], keep: []},
		],
		files: [
			{name: 'policy.toml', text: policy(context)},
			{name: TRUSTED, text: JSON.stringify({[context.told]: 'TRUST_FOLDER'})},
			{name: `${EXTENSION}/gemini-extension.json`, text: JSON.stringify(extension(context))},
			{name: `${EXTENSION}/hooks/hooks.json`, text: JSON.stringify({hooks: hooks(context)})},
		],
	};
};

const extension = ({mcp: [command, ...args], mcpEnvironment}: LaunchContext): object => ({
	name: 'agent-room',
	version: '1.0.0',
	// A question waits for a human.
	mcpServers: {room: {command, args, env: mcpEnvironment, timeout: 86_400_000}},
});

const hooks = ({hook}: LaunchContext): object =>
	Object.fromEntries(
		EVENTS.map(event => [
			event,
			[{hooks: [{type: 'command', name: 'agent-room', command: [...hook, event].map(quote).join(' '), timeout: HOOK_MS}]}],
		]),
	);

/** Gemini CLI. */
export const gemini: Cli = {
	name: 'gemini',
	title: 'Gemini CLI',
	package: '@google/gemini-cli',
	verified: '0.61.0',
	modes: ['interactive', 'headless'],
	settingsOfRepository: ['.gemini'],
	login: 'gemini, then /auth',
	home: [
		{
			variable: 'GEMINI_CLI_HOME',
			inVariable: '.gemini',
			below: '.gemini',
			live: ['oauth_creds.json', 'gemini-credentials.json'],
			shown: ['GEMINI.md', '.env', 'policies', 'commands', 'extensions', 'skills', 'agents'],
			copied: ['settings.json', 'google_accounts.json', 'installation_id', 'user_id', 'trustedFolders.json', 'state.json'],
			made: ['tmp', 'history'],
		},
	],
	hosts: ['generativelanguage.googleapis.com', 'cloudcode-pa.googleapis.com', 'oauth2.googleapis.com', 'accounts.google.com'],
	loginEnvironment: [
		...['GEMINI_MODEL', 'GOOGLE_GEMINI_BASE_URL', 'GOOGLE_VERTEX_BASE_URL', 'GOOGLE_GENAI_USE_VERTEXAI', 'GOOGLE_GENAI_USE_GCA'],
		...CLOUDS,
		...KEYRING,
	],
	loginSigns: {
		environment: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENAI_USE_VERTEXAI', 'GOOGLE_APPLICATION_CREDENTIALS'],
		files: [
			...['$GEMINI_CLI_HOME/.gemini/oauth_creds.json', '$GEMINI_CLI_HOME/.gemini/gemini-credentials.json'],
			...['~/.gemini/oauth_creds.json', '~/.gemini/gemini-credentials.json', '~/.gemini/.env'],
		],
	},
	probe: {
		environment: {...NO_ROAD, GEMINI_CLI_HOME: '{home}', GEMINI_API_KEY: 'none', GOOGLE_GEMINI_BASE_URL: NOWHERE},
		arguments: [],
		shown: [],
		files: {'.gemini/settings.json': '{"security": {"auth": {"selectedType": "gemini-api-key"}}}\n'},
	},
	notes: [
		'Commands with `$(…)` or backticks are refused: write values out. A chain (`a && b`) needs a permission even if its commands do not.',
	],
	launch,
	readHook,
	replyHook,
	// Its permission is told by a notification that the question waits for: it is answered by keys.
	isQuestion: () => false,
	readLine,
	readTranscript,
	readNotice,
	readScreen,
	keys: {interrupt: '\u001b', clear: '\u0003', quit: ['\u0003', '\u0003']},
	// Enter within 150 ms of a paste was lost every time, after 200 ms never; 100 KB in one paste were lost.
	paste: {gapMs: 500, most: 20_000, proof: 'hook', mark: '> '},
};
