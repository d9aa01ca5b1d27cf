import type {Reading} from '../../core/session/reading.ts';
import type {Cli} from '../shared/cli.ts';
import {AMAZON, CLOUDS} from '../shared/logins.ts';
import {NO_ROAD, NOWHERE} from '../shared/probe.ts';
import {readHook, replyHook} from './hooks.ts';
import {launch} from './launch.ts';
import {sessions} from './sessions.ts';
import {readLine} from './stream.ts';
import {readTrust} from './trust.ts';

const FOOT = 4;

/** Reads the screen. Questions come from the plugin: on screen only colour shows which choice Enter takes, so none is offered. */
const readScreen = (rows: readonly string[]): Reading | undefined => {
	const shown = rows.map(row => row.trimEnd()).filter(row => row !== '');
	const trust = readTrust(rows);
	if (trust) return {source: 'screen', sign: 'screen trust', state: 'needs-input', question: trust};
	const foot = shown.slice(-FOOT);
	const asked = shown.findLastIndex(row => /^ {2}┃ {2}△ Permission required$/.test(row));
	if (asked >= 0 && /⇆ select/.test(foot.join('\n'))) return needsInput('permission', shown[asked + 1]?.replace(/^ {2}┃ +/, '') ?? '');
	if (/^ {2}┃ {2}(?:↑↓ select|⇆ tab) .*esc dismiss$/.test(foot.at(-2) ?? '')) return needsInput('question', 'It needs input in its pane.');
	// Edge of the input; below it are activity or folder.
	const edge = shown.findLastIndex(row => /^ {2}╹▀{20,}$/.test(row));
	const status = edge < 0 ? '' : (shown[edge + 1] ?? '');
	if (/^ {3}[⬝■]{8} /.test(status)) return {source: 'screen', sign: 'screen running bar', state: 'working'};
	return /^ {3}[/~].* {2}ctrl\+p commands$/.test(status) ? {source: 'screen', sign: 'screen input', state: 'idle'} : undefined;
};

const needsInput = (kind: 'permission' | 'question', text: string): Reading => ({
	source: 'screen',
	sign: `screen ${kind}`,
	state: 'needs-input',
	question: {kind, text, detail: '', choices: []},
});

export const opencode: Cli = {
	name: 'opencode',
	title: 'opencode',
	package: 'opencode-ai',
	verified: '1.18.33',
	modes: ['interactive', 'headless'],
	modelFlag: '--model',
	totalsLate: true,
	settingsOfRepository: ['.opencode', 'opencode.json', 'opencode.jsonc'],
	login: 'opencode auth login',
	home: [
		{variable: 'XDG_DATA_HOME', inVariable: 'opencode', below: '.local/share/opencode', live: ['auth.json'], shown: ['bin']},
		{
			variable: 'XDG_CONFIG_HOME',
			inVariable: 'opencode',
			below: '.config/opencode',
			shown: [
				...['opencode.json', 'opencode.jsonc', 'config.json', 'AGENTS.md', 'agent', 'agents', 'command', 'commands'],
				...['plugin', 'plugins', 'mode', 'modes', 'skill', 'skills', 'themes', 'tool', 'tools'],
			],
		},
		{
			variable: 'XDG_CACHE_HOME',
			inVariable: 'opencode',
			below: '.cache/opencode',
			shown: ['bin', 'node_modules', 'packages'],
			copied: ['models.json'],
		},
	],
	hosts: ['opencode.ai', '*.opencode.ai', 'models.dev', 'api.anthropic.com', 'api.openai.com', 'openrouter.ai'],
	loginEnvironment: [...['OPENCODE_CONFIG', 'OPENCODE_CONFIG_DIR', 'OPENROUTER_API_KEY', 'XDG_STATE_HOME'], ...AMAZON, ...CLOUDS],
	loginSigns: {
		environment: ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GEMINI_API_KEY', 'OPENROUTER_API_KEY'],
		files: ['$XDG_DATA_HOME/opencode/auth.json', '~/.local/share/opencode/auth.json'],
		settled: {
			files: ['$XDG_CONFIG_HOME/opencode/opencode.json', '~/.config/opencode/opencode.json', '~/.config/opencode/opencode.jsonc'],
			line: /"provider"\s*:/,
		},
	},
	probe: {
		environment: {
			...NO_ROAD,
			NO_PROXY: '127.0.0.1,localhost',
			no_proxy: '127.0.0.1,localhost',
			OPENCODE_DISABLE_MODELS_FETCH: '1',
			npm_config_offline: 'true',
			npm_config_fetch_retries: '0',
			XDG_CONFIG_HOME: '{home}/c',
			XDG_DATA_HOME: '{home}/d',
			XDG_STATE_HOME: '{home}/s',
			XDG_CACHE_HOME: '{home}/k',
		},
		arguments: [],
		shown: [],
		files: {
			'c/opencode/opencode.json': `${JSON.stringify({
				model: 'nowhere/none',
				small_model: 'nowhere/none',
				provider: {
					nowhere: {
						npm: '@ai-sdk/openai-compatible',
						name: 'Nowhere',
						options: {baseURL: NOWHERE, apiKey: 'none'},
						models: {none: {name: 'None'}},
					},
				},
			})}\n`,
		},
	},
	sessions,
	launch,
	readHook,
	replyHook,
	isQuestion: event => event === 'permission' || event === 'question',
	// Measured on a busy machine: 48 s to its prompt. Without its registry it starts a minute late.
	start: {readyMs: 90_000, takenMs: 30_000},
	readLine,
	// The title is the session's name.
	readNotice: () => undefined,
	readScreen,
	keys: {interrupt: '\u001b\u001b', clear: '\u0003', quit: ['\u0003', '\u0003']},
	paste: {gapMs: 400, most: 100_000, proof: 'hook', mark: ' '},
};
