import type {CliName} from '../../core/agent/agent.ts';

/**
 * Where a login of a CLI shows itself, without reading any: names in the environment, files below the home folder (`~`) or a folder that
 * a variable names (`$NAME/...`). `settled`: a line of a settings file that makes a login of its own needless.
 */
export type Login = {
	readonly environment: readonly string[];
	readonly files: readonly string[];
	readonly settled?: {readonly files: readonly string[]; readonly line: RegExp};
};

export const LOGINS: Readonly<Partial<Record<CliName, Login>>> = {
	claude: {
		environment: [
			...['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'],
			...['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'],
		],
		files: ['$CLAUDE_CONFIG_DIR/.credentials.json', '~/.claude/.credentials.json'],
		settled: {files: ['$CLAUDE_CONFIG_DIR/settings.json', '~/.claude/settings.json'], line: /"apiKeyHelper"\s*:/},
	},
	codex: {
		environment: ['CODEX_API_KEY', 'CODEX_ACCESS_TOKEN', 'OPENAI_API_KEY'],
		files: ['$CODEX_HOME/auth.json', '~/.codex/auth.json'],
		settled: {files: ['$CODEX_HOME/config.toml', '~/.codex/config.toml'], line: /^\s*(?:model_provider|oss_provider)\s*=/m},
	},
	gemini: {
		environment: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENAI_USE_VERTEXAI', 'GOOGLE_APPLICATION_CREDENTIALS'],
		files: [
			...['$GEMINI_CLI_HOME/.gemini/oauth_creds.json', '$GEMINI_CLI_HOME/.gemini/gemini-credentials.json'],
			...['~/.gemini/oauth_creds.json', '~/.gemini/gemini-credentials.json', '~/.gemini/.env'],
		],
	},
	opencode: {
		environment: ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GEMINI_API_KEY', 'OPENROUTER_API_KEY'],
		files: ['$XDG_DATA_HOME/opencode/auth.json', '~/.local/share/opencode/auth.json'],
		settled: {
			files: ['$XDG_CONFIG_HOME/opencode/opencode.json', '~/.config/opencode/opencode.json', '~/.config/opencode/opencode.jsonc'],
			line: /"provider"\s*:/,
		},
	},
	qwen: {environment: ['OPENAI_API_KEY', 'DASHSCOPE_API_KEY'], files: ['~/.qwen/oauth_creds.json']},
	copilot: {
		environment: ['COPILOT_GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_TOKEN', 'COPILOT_PROVIDER_API_KEY'],
		files: ['~/.copilot/config.json'],
	},
	amp: {environment: ['AMP_API_KEY'], files: ['~/.local/share/amp/secrets.json']},
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The files that are meant in this environment; those of a variable that is not set are none. */
export const filesMeant = (files: readonly string[], environment: Environment): readonly string[] =>
	files.flatMap(file => {
		const [, name, rest = ''] = /^(?:\$([A-Z_]+)|~)(\/.*)$/.exec(file) ?? [];
		const folder = environment[name ?? 'HOME'];
		return folder ? [`${folder}${rest}`] : [];
	});
