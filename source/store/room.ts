import type {ChangeCount, ChangeFacts, PredictedConflict} from '../core/change/change.ts';
import type {Patch} from '../core/change/diff.ts';
import type {Settings} from '../core/config/config.ts';
import type {Action, ActionResult} from '../core/protocol/action.ts';
import type {HostsPage} from '../core/protocol/output-schema.ts';
import type {RemoteAway} from '../core/queue/why.ts';
import type {LogEnd} from '../core/task/failure.ts';
import type {TaskRecord} from '../core/task/history.ts';
import type {WholeTask} from '../core/task/task.ts';
import type {Figures} from '../core/team/figures.ts';
import type {Merging} from '../core/team/rooms.ts';
import type {TeamSnapshot} from '../core/team/snapshot.ts';
import type {Activity} from '../core/text/activity.ts';
import type {Refusal} from '../core/text/refusal.ts';
import type {PaneAge, PaneLines, PaneModes, Screen} from '../core/text/screen.ts';
import type {Past} from './history.ts';

/** The room's data about a pane besides its cells. Times are epoch ms of this machine. */
export type PaneInfo = {
	readonly agent: string;
	/** The last visible line; '' before there is one. */
	readonly lastLine: string;
	readonly outputAt: number;
	readonly columns: number;
	readonly rows: number;
	readonly isRunning: boolean;
	/** What it printed in the last minutes; not known of panes elsewhere. */
	readonly activity?: Activity;
	/** Set for a pane of another room. */
	readonly elsewhere?: ElsewherePane;
};

/** A pane on another machine. */
export type ElsewherePane = {
	/** Whether its screen has come. */
	readonly isShown: boolean;
	/** Its machine allows no typing from elsewhere. */
	readonly isTypingOff: boolean;
	/** Why what was typed last did not arrive, as a sentence; '' where it did. */
	readonly problem: string;
};

/** A problem to show, in one plain sentence; `key` is the hint for the next key ('' if none helps). */
export type Banner = {readonly id: string; readonly severity: 'warning' | 'error'; readonly text: string; readonly since: number};

/** Everything a view draws: the team's state and what only this room knows. Frozen; published at most every 100 ms. */
export type RoomSnapshot = {
	readonly team: TeamSnapshot;
	/** Server time minus this machine's clock, ms: add it to `Date.now()` to compare with times of `team`. */
	readonly clockOffset: number;
	readonly repository: {readonly name: string; readonly root: string; readonly base: string; readonly baseCommit: string};
	/** Where merges go; here if it is missing. */
	readonly merging?: Merging;
	readonly remoteAway?: RemoteAway;
	/**
	 * `problem`: why Redis is disconnected, '' if connected or unknown. `retryAt`: the next try, epoch ms of this machine; 0 during a try.
	 */
	readonly redis: {
		readonly isConnected: boolean;
		readonly lostAt: number;
		readonly address: string;
		readonly problem: string;
		readonly retryAt: number;
	};
	readonly room: {readonly id: string; readonly pid: number; readonly startedAt: number; readonly terminals: number};
	readonly panes: ReadonlyMap<string, PaneInfo>;
	/** Agent id -> last heartbeat, epoch ms of the server. */
	readonly beats: ReadonlyMap<string, number>;
	/** Lifetime of a heartbeat and a task's lease; each heartbeat renews both. */
	readonly heartbeatTtlMs: number;
	readonly leaseMs: number;
	readonly hasTestCommand: boolean;
	/** False until the user trusts the commands of the repository's config. */
	readonly isTrusted: boolean;
	/** Missing protection, as in the header: `no sandbox`, `limits not enforced`. */
	readonly unprotected?: readonly string[];
	readonly settings: Settings;
	readonly banners: readonly Banner[];
	/** The run of all tests on the base, in words; nothing while none runs here. */
	readonly fullRun?: string;
	/** What a Redis that lost its data has taken, in one clause; nothing while that is not known, or nothing is lost. */
	readonly loss?: string;
	/** Between branches of running tasks, oldest first. */
	readonly conflicts: readonly PredictedConflict[];
	/** Task id -> its committed change, of running and recently merged tasks. */
	readonly changes: ReadonlyMap<string, ChangeCount>;
};

export interface PaneHandle {
	readonly screen: Screen;
	readonly age: PaneAge;
	/** A copy of the current scrollback and screen. */
	lines(): PaneLines;
	/** Modes enabled by the pane's program; the terminal gets them while a human types. */
	readonly modes: PaneModes;
	/** The user's bytes, unchanged. */
	write(bytes: Uint8Array): void;
	/** The last to type sets the size. */
	resize(columns: number, rows: number): void;
	/** When a human last typed into it, by `performance.now()`; not known of panes elsewhere. */
	typedAt?(): number;
	/** Called synchronously after output was parsed; returns the unsubscribe function. */
	onChange(listener: () => void): () => void;
}

/**
 * Details of one task, each loaded on demand. `facts`: git's view of the change, for a merge check. `patch`: the change, with uncommitted
 * work. `record`: its events. `log`: end of its last log, preferably tests. `web`: its page at the forge. `trial`: a worktree of its merge.
 * `hosts` and `figures`: of no task (''): the team's machines, and what the event log sums up to.
 */
export type Inspection = {
	readonly facts: ChangeFacts;
	readonly patch: Patch;
	readonly record: TaskRecord;
	readonly log: LogEnd;
	readonly web: WebPage;
	readonly trial: TrialTree;
	readonly hosts: HostsPage;
	readonly figures: Figures;
};
/** A worktree for the user with what the tests of a task see; without `folder`, `why` says why there is none. */
export type TrialTree = {readonly folder: string; readonly why: string};
/** A task's page on the web; without `url`, `why` says why there is none. */
export type WebPage = {readonly url: string; readonly why: string};
/** Undefined if the task is unknown or there is nothing to show yet. */
export type TaskInspector = <K extends keyof Inspection>(what: K, task: string) => Promise<Inspection[K] | undefined>;

/** `end` imports its commits once the tools have ended. */
export type PersonGit = {readonly gitDir: string; readonly folder: string; readonly end: () => Promise<void>};

/** The one interface between screen and room: subscribe, getSnapshot, dispatch, one task in full, a pane's screen. */
export interface RoomStore {
	getSnapshot(): RoomSnapshot;
	subscribe(listener: () => void): () => void;
	dispatch(action: Action): Promise<ActionResult>;
	/** A task with its long texts from Redis; undefined if missing or while Redis is disconnected. Never rejects. */
	whole(task: string): Promise<WholeTask | undefined>;
	/** Never rejects: undefined if missing or currently unavailable. */
	look: TaskInspector;
	/** A git folder for the user's own tools in a worktree: nothing its agent planted there runs as the user. Undefined outside worktrees. */
	personGit(path: string): Promise<PersonGit | undefined>;
	pane(agent: string): PaneHandle | undefined;
	/** Names of files tracked by git, at most 20,000. Never rejects. */
	files(): Promise<readonly string[]>;
	/**
	 * Keeps a copy of a file of the user for texts to agents. Resolves with its mark, undefined where there is no such file, or why it is not kept.
	 */
	keepFile(path: string): Promise<string | undefined | Refusal>;
	/** The event log, paged and replayed. */
	readonly past: Past;
}
