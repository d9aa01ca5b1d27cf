/** Nothing listens there: whatever is sent to it is refused at once. */
export const NOWHERE = 'http://127.0.0.1:9';

/**
 * How a CLI is started to see whether its hooks reach the room, and nothing else: in a home of its own without any login, with its service
 * at a closed port, and with a copy of the user's settings, which may switch hooks off.
 */
export type Probe = {
	/** Set over the ordinary environment; `{home}` is the scratch home. */
	readonly environment: Readonly<Record<string, string>>;
	readonly arguments: readonly string[];
	/** Arguments with which it ends with 0 if its sandbox runs. */
	readonly sandbox?: readonly string[];
	/** Settings, no logins: their place below the scratch home, and where the user's lie (as in `LoginSigns`); the first that there is. */
	readonly shown: ReadonlyArray<{readonly name: string; readonly files: readonly string[]}>;
	/** Files of the scratch home. */
	readonly files: Readonly<Record<string, string>>;
};

/** Every way out leads there. */
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
