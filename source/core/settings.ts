/** Where a value of the configuration came from; `found`: nobody wrote it down, the room looked around. */
export type Origin = 'flag' | 'environment' | 'project' | 'user' | 'default' | 'found';

/** One value that counts in a room, in words. `name` is its key in the configuration, such as `keys.zoom`; `about` says what it does. */
export type Setting = {
	readonly name: string;
	readonly value: string;
	readonly from: Origin;
	readonly about: string;
	/** It was not trusted, so it does not count. */
	readonly isIgnored: boolean;
};

/** A file of the configuration; `isThere` when the room started. */
export type ConfigPlace = {readonly whose: 'project' | 'user'; readonly path: string; readonly isThere: boolean};

/** What a room was started with, for a person who asks why it behaves as it does. */
export type Settings = {readonly files: readonly ConfigPlace[]; readonly values: readonly Setting[]};

/** Of a room whose starter told nothing. */
export const NO_SETTINGS: Settings = {files: [], values: []};
