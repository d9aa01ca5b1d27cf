/** Names of the environment by which a cloud is told who asks. */
export const CLOUDS = ['GOOGLE_APPLICATION_CREDENTIALS', 'GOOGLE_CLOUD_PROJECT', 'GOOGLE_CLOUD_LOCATION'];
export const AMAZON = [
	...['AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
	...['AWS_BEARER_TOKEN_BEDROCK', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'],
];
/** Where a desktop keeps logins: the CLIs that keep theirs there ask it. */
export const KEYRING = ['DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR'];

/**
 * Where a login of a CLI shows itself, without reading any: names in the environment, files below the home folder (`~`) or a folder that
 * a variable names (`$NAME/...`). `settled`: a line of a settings file that makes a login of its own needless.
 */
export type LoginSigns = {
	readonly environment: readonly string[];
	readonly files: readonly string[];
	readonly settled?: {readonly files: readonly string[]; readonly line: RegExp};
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The files that are meant in this environment; those of a variable that is not set are none. */
export const filesMeant = (files: readonly string[], environment: Environment): readonly string[] =>
	files.flatMap(file => {
		const [, name, rest = ''] = /^(?:\$([A-Z_]+)|~)(\/.*)$/.exec(file) ?? [];
		const folder = environment[name ?? 'HOME'];
		return folder ? [`${folder}${rest}`] : [];
	});
