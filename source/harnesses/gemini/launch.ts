import type {Permissions} from '../../core/agent/agent.ts';
import {quote} from '../../core/text/quote.ts';
import type {Cli, Launch, LaunchContext} from '../shared/cli.ts';
import {CLOUDS, KEYRING} from '../shared/logins.ts';
import {NO_ROAD, NOWHERE} from '../shared/probe.ts';
import {tomlString} from '../shared/toml.ts';
import {isOwnPrompt, readHook, replyHook} from './hooks.ts';
import {readNotice, readScreen} from './screen.ts';
import {sessions} from './sessions.ts';
import {readLine} from './stream.ts';
import {createLogReaders} from './telemetry.ts';
import {readTranscript} from './transcript.ts';

/**
 * Rules on top of Gemini's: the room's tools and allowed commands never ask, read-only roles get no writing tool. Each part of a chain is
 * checked alone, and writing to a file still asks.
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
 * Pattern for exactly this command. Gemini matches the arguments as JSON with zero bytes between them, so no text inside another argument
 * can match.
 */
const exactly = (command: string): string => `\\0"command":"${inString(command)}"\\0`;

/**
 * Pattern for a command with arguments. Unlike Gemini's own prefix rule it allows no redirection or substitution, not even in quotes.
 * Gemini refuses nested repetition.
 */
const beginningWith = (command: string): string => `\\0"command":"${inString(command)}(?:"| [^<>$\`]*")\\0`;

const inString = (text: string): string =>
	JSON.stringify(text)
		.slice(1, -1)
		.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const rule = (lines: readonly string[]): string => `[[rule]]\n${lines.join('\n')}\npriority = 500\n\n`;

const MODES: Readonly<Record<Permissions, string>> = {ask: 'default', edit: 'auto_edit', full: 'yolo'};

/** Read-only roles do not accept edits unasked: that also accepts output into a file. */
const modeOf = ({permissions, writes}: LaunchContext): string => MODES[permissions === 'edit' && !writes ? 'ask' : permissions];

/** Hooks to register. Not AfterModel: it fires for every piece of an answer, and Gemini waits for it. */
const EVENTS = ['SessionStart', 'BeforeAgent', 'BeforeTool', 'AfterTool', 'Notification', 'AfterAgent', 'SessionEnd'] as const;

const HOOK_MS = 60_000;

/** The session's view of `~/.gemini`, with the extension that adds hooks and the MCP server. */
const HOME = 'home';
const TRUSTED = 'trusted-folders.json';
const EXTENSION = `${HOME}/.gemini/extensions/agent-room`;
const TELEMETRY = 'telemetry.json';
const DEBUG_LOG = 'debug.log';
const DEBUG_VARIABLE = 'GEMINI_DEBUG_LOG_FILE';

/**
 * Telemetry to a file of the session, without prompts: side requests to small models are named nowhere else. Your own telemetry settings win.
 */
const telemetry = ({environment, userSettings = '', folder, foundSettings = []}: LaunchContext): Readonly<Record<string, string>> =>
	foundSettings.length > 0 ||
	/"telemetry"\s*:/.test(userSettings) ||
	Object.keys(environment).some(name => name.startsWith('GEMINI_TELEMETRY_'))
		? {}
		: {
				GEMINI_TELEMETRY_ENABLED: 'true',
				GEMINI_TELEMETRY_TARGET: 'local',
				GEMINI_TELEMETRY_LOG_PROMPTS: 'false',
				GEMINI_TELEMETRY_OUTFILE: `${folder}/${TELEMETRY}`,
			};

/**
 * Gemini takes hooks and MCP servers from no argument, and extra settings only from files of root. So it gets a home of links into the
 * user's `~/.gemini`, plus the room's extension; the user's folder gets no file.
 */
const launch = (context: LaunchContext): Launch => {
	const person = `${context.environment.GEMINI_CLI_HOME ?? context.environment.HOME ?? ''}/.gemini`;
	// If the repository has hooks or servers that run by themselves, Gemini asks by its own dialog. Otherwise its file tools may also read
	// the agent's brief folder.
	const isTrusted = (context.foundSettings ?? []).length === 0;
	// From a file of a session it makes a new one.
	const first = context.fork === '' ? `--session-id=${context.newSession}` : `--session-file=${context.forkFile}`;
	const session = [context.resume === '' ? first : `--resume=${context.resume}`];
	const prompt =
		context.mode === 'headless'
			? ['--output-format=stream-json', `--prompt=${context.prompt}`]
			: [`--prompt-interactive=${context.prompt}`];
	return {
		command: [
			...context.program,
			...(isTrusted ? ['--skip-trust', `--include-directories=${context.told}`] : []),
			`--approval-mode=${modeOf(context)}`,
			// `--policy` replaces the user's policies, so both are given.
			`--policy=${context.folder}/policy.toml`,
			`--policy=${person}/policies`,
			...session,
			...prompt,
		],
		environment: {
			GEMINI_CLI_HOME: `${context.folder}/${HOME}`,
			GEMINI_CLI_NO_RELAUNCH: 'true',
			...telemetry(context),
			...(context.environment[DEBUG_VARIABLE] ? {} : {[DEBUG_VARIABLE]: `${context.folder}/${DEBUG_LOG}`}),
			// `--skip-trust` covers only the worktree.
			...(isTrusted ? {GEMINI_CLI_TRUSTED_FOLDERS_PATH: `${context.folder}/${TRUSTED}`} : {}),
		},
		overlays: [
			// Gemini locks its project list while writing it, so each session has its own.
			{name: `${HOME}/.gemini`, of: person, except: ['extensions', 'projects.json'], keep: ['tmp', 'history']},
			{name: `${HOME}/.gemini/extensions`, of: `${person}/extensions`, except: ['agent-room'], keep: []},
		],
		files: [
			{name: 'policy.toml', text: policy(context)},
			{name: TELEMETRY, text: ''},
			{name: DEBUG_LOG, text: ''},
			{name: TRUSTED, text: JSON.stringify({[context.told]: 'TRUST_FOLDER'})},
			{name: `${EXTENSION}/gemini-extension.json`, text: JSON.stringify(extension(context))},
			{name: `${EXTENSION}/hooks/hooks.json`, text: JSON.stringify({hooks: hooks(context)})},
		],
	};
};

const extension = ({mcp: [command, ...args], mcpEnvironment}: LaunchContext): object => ({
	name: 'agent-room',
	version: '1.0.0',
	// Questions wait for a human.
	mcpServers: {room: {command, args, env: mcpEnvironment, timeout: 86_400_000}},
});

const hooks = ({hook}: LaunchContext): object =>
	Object.fromEntries(
		EVENTS.map(event => [
			event,
			[{hooks: [{type: 'command', name: 'agent-room', command: [...hook, event].map(quote).join(' '), timeout: HOOK_MS}]}],
		]),
	);

export const gemini: Cli = {
	name: 'gemini',
	title: 'Gemini CLI',
	package: '@google/gemini-cli',
	verified: '0.61.0',
	modes: ['interactive', 'headless'],
	modelFlag: '--model',
	userSettings: ['$GEMINI_CLI_HOME/.gemini/settings.json', '~/.gemini/settings.json'],
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
	// Permissions arrive as a notification and are answered by keys.
	isQuestion: () => false,
	endsCutOffs: true,
	isOwnPrompt,
	readLine,
	readTranscript,
	sessions,
	logs: () => {
		const {telemetry, debug} = createLogReaders();
		return [
			{name: TELEMETRY, read: telemetry},
			{name: DEBUG_LOG, read: debug},
		];
	},
	readNotice,
	readScreen,
	keys: {interrupt: '\u001b', clear: '\u0003', quit: ['\u0003', '\u0003']},
	// Measured: Enter within 150 ms of a paste was always lost, after 200 ms never; pastes of 100 KB were lost.
	paste: {gapMs: 500, most: 20_000, proof: 'hook', mark: '> '},
};
