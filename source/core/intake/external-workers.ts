/** An entry of the seed's intake that is no task yet. */
export type Entry = {
	/** By which it is accepted or refused: `l` (tasks:pending) or `z` (tasks:priority), and a digest of its text. */
	readonly mark: string;
	/** The score in tasks:priority; undefined for an entry of tasks:pending. */
	readonly score: number | undefined;
	readonly text: string;
};

/** A room of this team, perhaps our own. */
export type RoomBeat = {readonly room: string; readonly beat: number; readonly leaseMs: number};

/** An agent from outside. `stamp` changes with every heartbeat; `never`: none was ever seen; `gone`: one was, and its key has ended. */
export type ExternalWorker = {
	readonly agent: string;
	readonly stamp: string /** Until the key ends, ms; -1 never. */;
	readonly ttlMs: number;
};

/** A task leased to an agent from outside. */
export type ExternalLease = {
	readonly task: string;
	readonly agent: string;
	readonly token: string;
	/** When the lock of the task ends, epoch ms of the server; 0 where there is none, -1 where it never does. */
	readonly lockUntil: number;
	readonly ttlMs: number;
	/** What its holder wrote into `status` (HSET) or published; '' for nothing. Hostile text. */
	readonly word: string;
	/** The branch it named; '' for none. Hostile text. */
	readonly branch: string;
};

/** How an entry becomes a task, checked whole. */
export type Admission = {
	readonly mark: string;
	readonly id: string;
	/** The entry gave the id itself: another is no substitute. */
	readonly isExact: boolean;
	readonly title: string;
	readonly description: string;
	readonly stage: string;
	readonly role: string;
	readonly priority: number;
	readonly needs: readonly string[];
	readonly after: readonly string[];
	readonly feature: string;
	readonly attempts: number;
};

/** `same`: an unfinished task has come from this very entry already. `gone`: another room was faster. */
export type Admitted = {readonly code: 'ok' | 'same' | 'exists' | 'unknown' | 'cycle' | 'gone'; readonly id: string};

/** Whether a token is of a lease of an outsider's, made by a script and told to nobody. */
export const isExternalToken = (token: string): boolean => token.includes(':external');
