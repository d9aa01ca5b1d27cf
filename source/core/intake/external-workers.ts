/** An intake entry that is no task yet. */
export type Entry = {
	/** Names the entry when it is accepted or rejected: `l` (tasks:pending) or `z` (tasks:priority), and a digest of its text. */
	readonly mark: string;
	/** The score in tasks:priority; undefined in tasks:pending. */
	readonly score: number | undefined;
	readonly text: string;
};

/** An entry that left the intake before it was seen. */
export type TakenEntry = {
	/** `l`: tasks:pending, `z`: tasks:priority. */
	readonly source: 'l' | 'z';
	readonly text: string;
};

/** A room of this team; may be our own. */
export type RoomBeat = {readonly room: string; readonly beat: number; readonly leaseMs: number};

/** An external agent. `stamp` changes with every heartbeat; `never`: none seen; `gone`: its key expired. */
export type ExternalWorker = {
	readonly agent: string;
	readonly stamp: string /** Until the key expires, ms; -1 never. */;
	readonly ttlMs: number;
};

/** A task leased to an external agent. */
export type ExternalLease = {
	readonly task: string;
	readonly agent: string;
	readonly token: string;
	/** Expiry of the task's lock, epoch ms of the server; 0 without a lock, -1 if it never expires. */
	readonly lockUntil: number;
	readonly ttlMs: number;
	/** What its holder set as `status` (HSET) or published; '' for nothing. Hostile text. */
	readonly word: string;
	/** The branch it named; '' for none. Hostile text. */
	readonly branch: string;
};

/** The validated task that an entry becomes. */
export type Admission = {
	readonly mark: string;
	readonly id: string;
	/** The entry gave the id itself, so no other may replace it. */
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

/** `same`: an unfinished task came from this entry already. `gone`: another room was faster. */
export type Admitted = {readonly code: 'ok' | 'same' | 'exists' | 'unknown' | 'cycle' | 'gone'; readonly id: string};

/** Whether a token belongs to an external lease: a script made it and nobody knows it. */
export const isExternalToken = (token: string): boolean => token.includes(':external');
