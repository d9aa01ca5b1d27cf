import type {Cli} from '../shared/cli.ts';
import {AMAZON, CLOUDS} from '../shared/logins.ts';
import {NO_ROAD, NOWHERE} from '../shared/probe.ts';
import {readHook, readNotice, replyHook} from './hooks.ts';
import {launch} from './launch.ts';
import {readScreen} from './screen.ts';
import {sessions} from './sessions.ts';
import {readLine} from './stream.ts';
import * as stateFile from './transcript.ts';
import {readTranscript} from './transcript.ts';

export const claude: Cli = {
	name: 'claude',
	title: 'Claude Code',
	package: '@anthropic-ai/claude-code',
	verified: '2.1.332',
	modes: ['interactive', 'headless'],
	modelFlag: '--model',
	userSettings: ['$CLAUDE_CONFIG_DIR/settings.json', '~/.claude/settings.json'],
	tellsMoney: true,
	totalsLate: true,
	login: 'claude /login',
	home: [
		{
			variable: 'CLAUDE_CONFIG_DIR',
			below: '.claude',
			live: ['.credentials.json'],
			shown: [
				...['settings.json', 'settings.local.json', 'keybindings.json', 'CLAUDE.md', 'agents', 'commands', 'skills', 'plugins'],
				...['output-styles', 'rules', 'hooks', 'themes', 'statusline.sh'],
			],
			copied: ['.claude.json'],
			emptied: ['sessions'],
		},
		{below: '', copied: ['.claude.json']},
	],
	hosts: ['api.anthropic.com', 'claude.ai', 'console.anthropic.com', 'platform.claude.com'],
	loginEnvironment: [
		...['ANTHROPIC_MODEL', 'ANTHROPIC_CUSTOM_HEADERS', 'ANTHROPIC_VERTEX_PROJECT_ID', 'CLOUD_ML_REGION'],
		...['ANTHROPIC_DEFAULT_OPUS_MODEL', 'ANTHROPIC_DEFAULT_SONNET_MODEL', 'ANTHROPIC_DEFAULT_HAIKU_MODEL'],
		...['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'ANTHROPIC_BEDROCK_BASE_URL', 'ANTHROPIC_VERTEX_BASE_URL'],
		...AMAZON,
		...CLOUDS,
	],
	loginSigns: {
		environment: [
			...['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'],
			...['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'],
		],
		files: ['$CLAUDE_CONFIG_DIR/.credentials.json', '~/.claude/.credentials.json'],
		settled: {files: ['$CLAUDE_CONFIG_DIR/settings.json', '~/.claude/settings.json'], line: /"apiKeyHelper"\s*:/},
	},
	probe: {
		environment: {...NO_ROAD, CLAUDE_CONFIG_DIR: '{home}/.claude', ANTHROPIC_BASE_URL: NOWHERE, ANTHROPIC_AUTH_TOKEN: 'none'},
		arguments: [],
		shown: [{name: '.claude/settings.json', files: ['$CLAUDE_CONFIG_DIR/settings.json', '~/.claude/settings.json']}],
		files: {'.claude/.claude.json': '{"hasCompletedOnboarding": true}\n'},
	},
	notes: [
		'A command with a variable (`$NAME`), a write outside the worktree and a lone `sleep` need a permission: write values out, and wait in a loop.',
	],
	sessions,
	hasAnswers: true,
	settingsOfRepository: ['.claude', '.mcp.json'],
	launch,
	readHook,
	replyHook,
	isQuestion: event => event === 'PermissionRequest',
	readLine,
	readTranscript,
	stateFile,
	readNotice,
	readScreen,
	isToolEnd: event => event.startsWith('PostToolUse'),
	keys: {interrupt: '\u001b', clear: '\u0003', quit: ['\u0003', '\u0003']},
	paste: {gapMs: 400, most: 100_000, proof: 'hook', mark: '> '},
};
