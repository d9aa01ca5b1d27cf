/**
 * What a CLI needs of the user's home in a sandbox, where it has a home of its own that nobody else sees. `live`: logins, used where they
 * lie, so that a token that was refreshed is the user's too. `shown`: settings, read-only. `copied`: what the program rewrites by itself;
 * what it writes stays its own, for much in there is run later. Everything else of the folder is not seen.
 *
 * A file that is shown cannot be replaced by a rename (EBUSY). Codex 0.169, Gemini CLI 0.61 and opencode 1.18 write their login in place;
 * Claude Code 2.1.330 does so once its rename is refused. None of them was seen to refresh a real token here.
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
	/** Made again for each attempt: what an earlier one left there would be taken for its own. */
	readonly emptied?: readonly string[];
};

const AMAZON: HomeFolder = {below: '.aws', shown: ['config', 'credentials', 'sso']};
const GOOGLE: HomeFolder = {below: '.config/gcloud', shown: ['application_default_credentials.json']};

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
