import type {CliName} from '../../core/agent/agent.ts';

/**
 * What a CLI needs of the person's home in a sandbox, where it has a home of its own that nobody else sees. `live`: logins, used where they
 * lie, so that a token that was refreshed is the person's too. `shown`: settings, read-only. `copied`: what the program rewrites by itself;
 * what it writes stays its own, for much in there is run later. Everything else of the folder is not seen.
 *
 * A file that is shown cannot be replaced by a rename (EBUSY). Codex 0.169, Gemini CLI 0.61 and opencode 1.18 write their login in place; Claude Code
 * 2.1.330 does so once its rename is refused. None of them was seen to refresh a real token here.
 */
export type HomeFolder = {
	/** By this variable, and then in it; else below the home. */
	readonly variable?: string;
	readonly inVariable?: string;
	readonly below: string;
	readonly live?: readonly string[];
	readonly shown?: readonly string[];
	readonly copied?: readonly string[];
	/** Made in its own home, for links lead there. */
	readonly made?: readonly string[];
	/** Made anew for each attempt: what an earlier one left there would be taken for its own. */
	readonly emptied?: readonly string[];
};

const AMAZON: HomeFolder = {below: '.aws', shown: ['config', 'credentials', 'sso']};
const GOOGLE: HomeFolder = {below: '.config/gcloud', shown: ['application_default_credentials.json']};

export const HOMES: Readonly<Record<CliName, readonly HomeFolder[]>> = {
	claude: [
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
	codex: [
		{
			variable: 'CODEX_HOME',
			below: '.codex',
			live: ['auth.json'],
			shown: ['AGENTS.md', 'AGENTS.override.md', 'prompts', 'skills', 'rules'],
			copied: ['config.toml', 'installation_id', 'version.json', 'models_cache.json'],
		},
	],
	gemini: [
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
	opencode: [
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
	qwen: [{below: '.qwen', live: ['oauth_creds.json'], shown: ['QWEN.md', '.env'], copied: ['settings.json', 'installation_id']}],
	copilot: [{below: '.copilot', copied: ['config.json', 'mcp-config.json']}],
	cline: [{below: '.cline', copied: ['data/secrets.json', 'data/globalState.json']}],
	amp: [
		{below: '.local/share/amp', live: ['secrets.json']},
		{below: '.config/amp', shown: ['settings.json']},
	],
};

/** Logins of clouds that a CLI is told to use by its environment. */
export const cloudHomes = (environment: Readonly<Record<string, string | undefined>>): readonly HomeFolder[] => [
	...(environment.CLAUDE_CODE_USE_BEDROCK || environment.AWS_PROFILE ? [AMAZON] : []),
	...(environment.CLAUDE_CODE_USE_VERTEX || environment.GOOGLE_GENAI_USE_VERTEXAI || environment.GOOGLE_CLOUD_PROJECT ? [GOOGLE] : []),
];

/** Variables that name files of a login or of trust, which their program reads. */
export const NAMING_FILES = [
	...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'GOOGLE_APPLICATION_CREDENTIALS', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'],
	...['OPENCODE_CONFIG', 'OPENCODE_CONFIG_DIR'],
];
