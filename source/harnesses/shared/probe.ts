/** A closed port: every request is refused at once. */
export const NOWHERE = 'http://127.0.0.1:9';

/**
 * How to start a CLI only to see whether its hooks reach the room: in a scratch home without login, its service at a closed port, and a
 * copy of the user's settings, which may disable hooks.
 */
export type Probe = {
	/** Overrides the environment; `{home}` is the scratch home. */
	readonly environment: Readonly<Record<string, string>>;
	readonly arguments: readonly string[];
	/** Arguments that exit with 0 if its sandbox works. */
	readonly sandbox?: readonly string[];
	/**
	 * Settings without logins: path below the scratch home, and candidates in the user's (as in `LoginSigns`); the first that exists is used.
	 */
	readonly shown: ReadonlyArray<{readonly name: string; readonly files: readonly string[]}>;
	readonly files: Readonly<Record<string, string>>;
};

/** Blocks every network route. */
export const NO_ROAD = {
	HTTP_PROXY: NOWHERE,
	HTTPS_PROXY: NOWHERE,
	ALL_PROXY: NOWHERE,
	http_proxy: NOWHERE,
	https_proxy: NOWHERE,
	all_proxy: NOWHERE,
	NO_PROXY: '',
	no_proxy: '',
};
