import type {Cli} from '../shared/cli.ts';
import {NO_ROAD, NOWHERE} from '../shared/probe.ts';
import {readHook, replyHook} from './hooks.ts';
import {launch} from './launch.ts';
import {createRequestReader, REQUEST_LOG} from './request-log.ts';
import {readScreen} from './screen.ts';
import {sessions} from './sessions.ts';
import {missingVariable, neededVariables} from './set-up.ts';
import {readLine, readNotice} from './stream.ts';
import {readTranscript} from './transcript.ts';

export const codex: Cli = {
	name: 'codex',
	title: 'Codex',
	package: '@openai/codex',
	verified: '0.171.0',
	modes: ['interactive', 'headless'],
	modelFlag: '--model',
	login: 'codex login',
	home: [
		{
			variable: 'CODEX_HOME',
			below: '.codex',
			live: ['auth.json'],
			shown: ['AGENTS.md', 'AGENTS.override.md', 'prompts', 'skills', 'rules'],
			copied: ['config.toml', 'installation_id', 'version.json', 'models_cache.json'],
		},
	],
	hosts: ['api.openai.com', 'auth.openai.com', 'chatgpt.com', '*.chatgpt.com'],
	loginEnvironment: ['CODEX_API_KEY', 'OPENAI_ORGANIZATION', 'OPENAI_PROJECT', 'AZURE_OPENAI_API_KEY'],
	loginSigns: {
		environment: ['CODEX_API_KEY', 'CODEX_ACCESS_TOKEN', 'OPENAI_API_KEY'],
		files: ['$CODEX_HOME/auth.json', '~/.codex/auth.json'],
		settled: {files: ['$CODEX_HOME/config.toml', '~/.codex/config.toml'], line: /^\s*(?:model_provider|oss_provider)\s*=/m},
	},
	probe: {
		environment: {...NO_ROAD, CODEX_HOME: '{home}/.codex'},
		arguments: [
			...['-c', 'model_provider="nowhere"', '-c', `model_providers.nowhere={name="Nowhere",base_url="${NOWHERE}/v1",wire_api="responses"}`],
			...['-c', `chatgpt_base_url="${NOWHERE}"`],
		],
		sandbox: ['sandbox', 'true'],
		shown: [{name: '.codex/config.toml', files: ['$CODEX_HOME/config.toml', '~/.codex/config.toml']}],
		files: {},
	},
	notes: [
		'A commit may print `Unable to create …packed-refs.lock: Read-only file system`. It has still succeeded.',
		'Write your notes below `$TMPDIR`.',
	],
	commitsFreely: true,
	settingsOfRepository: ['.codex'],
	sessions,
	hasAnswers: true,
	missingVariable,
	neededVariables,
	launch,
	readHook,
	replyHook,
	isQuestion: event => event === 'PermissionRequest',
	asksAfterHook: true,
	isToolEnd: event => event.startsWith('PostToolUse'),
	readLine,
	readTranscript,
	logs: () => [{name: REQUEST_LOG, read: createRequestReader()}],
	readNotice,
	readScreen,
	keys: {interrupt: '\u001b', clear: '\u0003', quit: ['\u0003', '\u0003']},
	paste: {gapMs: 200, most: 100_000, proof: 'hook', mark: ' '},
};
