import type {ChangeCount, ChangeFacts, PredictedConflict} from '../core/change/change.ts';
import type {Patch} from '../core/change/diff.ts';
import type {Settings} from '../core/config/config.ts';
import type {Action, ActionResult} from '../core/protocol/action.ts';
import type {LogEnd} from '../core/task/failure.ts';
import type {TaskRecord} from '../core/task/history.ts';
import type {WholeTask} from '../core/task/task.ts';
import type {TeamSnapshot} from '../core/team/snapshot.ts';
import type {PaneAge, PaneLines, PaneModes, Screen} from '../core/text/screen.ts';
import type {Past} from './history.ts';

/** What the room knows about a pane next to its cells. Times are epoch ms of this machine. */
export type PaneInfo = {
	readonly agent: string;
	/** One line: the command, its exit or the last visible line. */
	readonly lastLine: string;
	readonly outputAt: number;
	readonly columns: number;
	readonly rows: number;
	readonly isRunning: boolean;
};

/** Something degraded that a human must know, in one plain sentence; `key` is the hint for the next key ('' if none helps). */
export type Banner = {readonly id: string; readonly severity: 'warning' | 'error'; readonly text: string; readonly since: number};

/** Everything that a view draws: the team's state and what only this room knows. Frozen; published at most every 100 ms. */
export type RoomSnapshot = {
	readonly team: TeamSnapshot;
	/** Server time minus this machine's clock, ms: add it to `Date.now()` before comparing with times of `team`. */
	readonly clockOffset: number;
	readonly repository: {readonly name: string; readonly root: string; readonly base: string; readonly baseCommit: string};
	/** `problem`: why it is away, '' while it is not or nobody knows. `retryAt`: when it is tried again, epoch ms of this machine; 0 while it is tried. */
	readonly redis: {
		readonly isConnected: boolean;
		readonly lostAt: number;
		readonly address: string;
		readonly problem: string;
		readonly retryAt: number;
	};
	readonly room: {readonly id: string; readonly pid: number; readonly startedAt: number; readonly terminals: number};
	readonly panes: ReadonlyMap<string, PaneInfo>;
	/** Agent id -> when its heartbeat last moved, epoch ms of the server. */
	readonly beats: ReadonlyMap<string, number>;
	/** How long a heartbeat and the lease of a task count without another beat; each beat of the room renews both. */
	readonly heartbeatTtlMs: number;
	readonly leaseMs: number;
	readonly hasTestCommand: boolean;
	/** False until the user trusted the commands of the repository's config. */
	readonly isTrusted: boolean;
	/** What does not surround agents' programs, as the header says it: `no sandbox`, `limits not enforced`. */
	readonly unprotected?: readonly string[];
	/** What the room was started with. */
	readonly settings: Settings;
	readonly banners: readonly Banner[];
	/** Between branches that are worked on, the oldest first. */
	readonly conflicts: readonly PredictedConflict[];
	/** Task id -> what it changes as committed now, of tasks at work and of those that merged lately. */
	readonly changes: ReadonlyMap<string, ChangeCount>;
};

/** A pane as a view uses it. */
export interface PaneHandle {
	readonly screen: Screen;
	readonly age: PaneAge;
	/** A copy of scrollback and screen as they stand now. */
	lines(): PaneLines;
	/** Modes that the program in the pane has switched on; the terminal is put into them while a human types. */
	readonly modes: PaneModes;
	/** Bytes of the user, untouched. */
	write(bytes: Uint8Array): void;
	/** The last to type sets the size. */
	resize(columns: number, rows: number): void;
	/** Called at once after output was parsed; returns the way to stop. */
	onChange(listener: () => void): () => void;
}

/**
 * What can be looked at of one task next to its fields, each asked for by itself. `facts`: what git says of its change, for a merge check.
 * `patch`: the change itself, of a task at work with what is not committed yet. `record`: what happened to it. `log`: how its last log
 * ends, of its tests where it was tested. `web`: its branch or commit at the forge. `trial`: a tree to try its merge in, made when it is
 * asked for.
 */
export type Inspection = {
	readonly facts: ChangeFacts;
	readonly patch: Patch;
	readonly record: TaskRecord;
	readonly log: LogEnd;
	readonly web: WebPage;
	readonly trial: TrialTree;
};
/** A tree of a human's own with what the tests of a task see; without `folder` why there is none, as a sentence. */
export type TrialTree = {readonly folder: string; readonly why: string};
/** Where a task stands on the web, as far as this clone knows; without `url` why there is no such page, as a sentence. */
export type WebPage = {readonly url: string; readonly why: string};
/** Undefined if there is no such task, or nothing to look at yet. */
export type TaskInspector = <K extends keyof Inspection>(what: K, task: string) => Promise<Inspection[K] | undefined>;

/** `end` takes over what was committed by it, once the tools have ended. */
export type PersonGit = {readonly gitDir: string; readonly folder: string; readonly end: () => Promise<void>};

/** The one interface between the screen and the room: subscribe, getSnapshot, dispatch, one task in full, the screen of a pane. */
export interface RoomStore {
	getSnapshot(): RoomSnapshot;
	subscribe(listener: () => void): () => void;
	dispatch(action: Action): Promise<ActionResult>;
	/** A task with its long texts as Redis has it now; undefined if there is none, or while Redis is away. Never rejects. */
	whole(task: string): Promise<WholeTask | undefined>;
	/** Never rejects: what cannot be looked at now is undefined, as is what is not there. */
	look: TaskInspector;
	/**
	 * A git folder for a human's own tools on the files of a worktree: nothing that its agent has planted there runs as the user. Undefined
	 * for what is in none.
	 */
	personGit(path: string): Promise<PersonGit | undefined>;
	pane(agent: string): PaneHandle | undefined;
	/** Names of the files that git knows in the repository, at most 20,000. Never rejects. */
	files(): Promise<readonly string[]>;
	/** What was recorded, in pages and as the room was. */
	readonly past: Past;
}
