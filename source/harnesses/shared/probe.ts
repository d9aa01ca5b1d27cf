import type {CliName} from '../../core/agent/agent.ts';

/** Nothing listens there: whatever is sent to it is refused at once. */
const NOWHERE = 'http://127.0.0.1:9';

/**
 * How a CLI is started to see whether its hooks reach the room, and nothing else: in a home of its own without any login, with its
 * service at a closed port, and with a copy of the person's settings, which may switch hooks off.
 */
export type Trip = {
	/** Set over the ordinary environment; `{home}` is the scratch home. */
	readonly environment: Readonly<Record<string, string>>;
	readonly arguments: readonly string[];
	/** Arguments with which it ends with 0 where its sandbox runs. */
	readonly sandbox?: readonly string[];
	/** Settings, no logins: their place below the scratch home, and where the person's lie (as in `logins.ts`); the first that there is. */
	readonly shown: ReadonlyArray<{readonly name: string; readonly files: readonly string[]}>;
	/** Files of the scratch home. */
	readonly files: Readonly<Record<string, string>>;
};

const NO_ROAD = {
	HTTP_PROXY: NOWHERE,
	HTTPS_PROXY: NOWHERE,
	ALL_PROXY: NOWHERE,
	http_proxy: NOWHERE,
	https_proxy: NOWHERE,
	all_proxy: NOWHERE,
	NO_PROXY: '',
	no_proxy: '',
};

export const TRIPS: Readonly<Partial<Record<CliName, Trip>>> = {
	claude: {
		environment: {...NO_ROAD, CLAUDE_CONFIG_DIR: '{home}/.claude', ANTHROPIC_BASE_URL: NOWHERE, ANTHROPIC_AUTH_TOKEN: 'none'},
		arguments: [],
		shown: [{name: '.claude/settings.json', files: ['$CLAUDE_CONFIG_DIR/settings.json', '~/.claude/settings.json']}],
		files: {'.claude/.claude.json': '{"hasCompletedOnboarding": true}\n'},
	},
	codex: {
		environment: {...NO_ROAD, CODEX_HOME: '{home}/.codex'},
		arguments: [
			...['-c', 'model_provider="nowhere"', '-c', `model_providers.nowhere={name="Nowhere",base_url="${NOWHERE}/v1",wire_api="responses"}`],
			...['-c', `chatgpt_base_url="${NOWHERE}"`],
		],
		sandbox: ['sandbox', 'true'],
		shown: [{name: '.codex/config.toml', files: ['$CODEX_HOME/config.toml', '~/.codex/config.toml']}],
		files: {},
	},
	gemini: {
		environment: {...NO_ROAD, GEMINI_CLI_HOME: '{home}', GEMINI_API_KEY: 'none', GOOGLE_GEMINI_BASE_URL: NOWHERE},
		arguments: [],
		shown: [],
		files: {'.gemini/settings.json': '{"security": {"auth": {"selectedType": "gemini-api-key"}}}\n'},
	},
	opencode: {
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
};
