export const CLOUDS = ['GOOGLE_APPLICATION_CREDENTIALS', 'GOOGLE_CLOUD_PROJECT', 'GOOGLE_CLOUD_LOCATION'];
export const AMAZON = [
	...['AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
	...['AWS_BEARER_TOKEN_BEDROCK', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'],
];
/** Access to the desktop's keyring, where some CLIs keep logins. */
export const KEYRING = ['DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR'];

/**
 * Where a CLI's login is visible without reading it: variables, and files below home (`~`) or a variable's folder (`$NAME/...`). `settled`:
 * a settings line that makes a login unnecessary.
 */
export type LoginSigns = {
	readonly environment: readonly string[];
	readonly files: readonly string[];
	readonly settled?: {readonly files: readonly string[]; readonly line: RegExp};
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Resolves the files in this environment; skips those of unset variables. */
export const filesMeant = (files: readonly string[], environment: Environment): readonly string[] =>
	files.flatMap(file => {
		const [, name, rest = ''] = /^(?:\$([A-Z_]+)|~)(\/.*)$/.exec(file) ?? [];
		const folder = environment[name ?? 'HOME'];
		return folder ? [`${folder}${rest}`] : [];
	});
