/**
 * A folder of the user's home that a CLI needs in its private home in a sandbox. `live`: logins used in place, so a refreshed token is the
 * user's too. `shown`: read-only settings. `copied`: what the program rewrites; its changes stay private, since much of it is run later.
 * The rest is hidden.
 * A shown file cannot be replaced by a rename (EBUSY). Codex 0.169, Gemini CLI 0.61 and opencode 1.18 write their login in place; Claude
 * Code 2.1.330 does so once its rename is refused. No refresh of a real token was tested.
 */
export type HomeFolder = {
	/** Variable that holds the folder, and the path inside it; else below the home. */
	readonly variable?: string;
	readonly inVariable?: string;
	readonly below: string;
	readonly live?: readonly string[];
	readonly shown?: readonly string[];
	readonly copied?: readonly string[];
	/** Where `copied` is taken from, if not from the user's folder. */
	readonly from?: string;
	/** Created in the private home: links lead there. */
	readonly made?: readonly string[];
	/** Emptied for each attempt: leftovers of an earlier one would be trusted. */
	readonly emptied?: readonly string[];
};

const AMAZON: HomeFolder = {below: '.aws', shown: ['config', 'credentials', 'sso']};
const GOOGLE: HomeFolder = {below: '.config/gcloud', shown: ['application_default_credentials.json']};

/** Cloud logins that the environment tells a CLI to use. */
export const cloudHomes = (environment: Readonly<Record<string, string | undefined>>): readonly HomeFolder[] => [
	...(environment.CLAUDE_CODE_USE_BEDROCK || environment.AWS_PROFILE ? [AMAZON] : []),
	...(environment.CLAUDE_CODE_USE_VERTEX || environment.GOOGLE_GENAI_USE_VERTEXAI || environment.GOOGLE_CLOUD_PROJECT ? [GOOGLE] : []),
];

/** Variables that name a login or CA file which the program reads. */
export const NAMING_FILES = [
	...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'GOOGLE_APPLICATION_CREDENTIALS', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'],
	...['OPENCODE_CONFIG', 'OPENCODE_CONFIG_DIR'],
];
