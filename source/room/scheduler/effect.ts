import type {Stage} from '../../core/task/task.ts';
import type {Lease} from '../../core/team/coordination.ts';
import type {MergeQueueMemo} from '../parts/merge-queue.ts';
import type {Pausable} from '../parts/state.ts';
import type {PlannedAgent} from '../team/team.ts';

/** An attempt that runs in this room. Times are of this process's monotonic clock, ms: a change of the wall clock ends nothing. */
export type RunningAttempt = {
	readonly task: string;
	readonly token: string;
	readonly startedAt: number;
	readonly outputAt: number;
	readonly isPaused: boolean;
	/** Somebody else stopped its program: its silence says nothing more. */
	readonly isStopped?: boolean;
	/** The snapshot has shown this token: from then on another one means that the task was reassigned. */
	readonly wasSeen: boolean;
	/** It is ending: its result is being written. */
	readonly isEnding: boolean;
};

export type Local = {
	readonly now: number;
	/** Epoch ms of the server. */
	readonly serverNow: number;
	readonly isConnected: boolean;
	/** Redis lost data, and no human has decided yet: it must not judge what runs here. */
	readonly isRecovering: boolean;
	/** What you paused or froze before the record has it. */
	readonly pausedHere: ReadonlySet<Pausable>;
	readonly team: readonly PlannedAgent[];
	readonly attempts: ReadonlyMap<string, RunningAttempt>;
	/** Agents with a claim in progress, or whose workspace is being made. */
	readonly claiming: ReadonlySet<string>;
	/** Agent -> the task assigned with its last result, before the record has it. */
	readonly handed: ReadonlyMap<string, Lease>;
	/** Agents that wait in Redis: they are assigned what becomes ready. */
	readonly waiting: ReadonlySet<string>;
	/** Tokens ever started here. */
	readonly begun: ReadonlySet<string>;
	readonly room: string;
	/** This room leads its team: it decides what is tested and merged next. */
	readonly isLeading: boolean;
	/** Candidates are shared with other rooms. */
	readonly isTeam: boolean;
	/** Room -> gets no test before this time of the same clock: the last one brought no candidate. */
	readonly restsElsewhere: ReadonlyMap<string, number>;
	/** Another room was just assigned a test whose candidate is not known yet. */
	readonly isBuiltElsewhere: boolean;
	/** Agent -> stream id at which a claim gave nothing, '' if it may ask: it asks again only after a change. */
	readonly refusedAt: ReadonlyMap<string, string>;
	/** Agent -> starts nothing before this time of the same clock. */
	readonly restUntil: ReadonlyMap<string, number>;
	/** Task -> not before this time of the same clock. */
	readonly notBefore: ReadonlyMap<string, number>;
	readonly hasTestCommand: boolean;
	/** How many test runners this room may have by itself; 0 if their number is configured. */
	readonly mostTesters: number;
	/** Stages that start nothing here: the remote is away, and they need it. */
	readonly waitForRemote: ReadonlySet<Stage>;
	/** The base commit as last known; '' before the first look. */
	readonly baseHead: string;
	/** It is known whose work the base holds, and nothing about it is undecided. */
	readonly isBaseJudged: boolean;
	/** The base passed its own tests recently. */
	readonly hasBasePassed: boolean;
	/** This room's guardian has the candidate of the first entry, and of the last. */
	readonly isHeadHere: boolean;
	readonly isTailHere: boolean;
	readonly timeoutMs: number;
	readonly stallMs: number;
} & Pick<MergeQueueMemo, 'built' | 'conflictsWith' | 'blockedByChanges' | 'triedOnFailingBase' | 'missingUntil'>;

/** An order of the scheduler; carried out in `execute` only. */
export type Effect =
	/** A program claims exactly the named task. */
	| {readonly type: 'claim'; readonly agent: string; readonly task?: string}
	/** `count: auto` of test runners: one more, or one less. */
	| {readonly type: 'add-tester'}
	| {readonly type: 'remove-tester'; readonly agent: string}
	/** A tester of another room gets exactly this test. */
	| {readonly type: 'hand'; readonly agent: string; readonly to: string; readonly task: string}
	/** A test in another room is based on something that is gone. */
	| {readonly type: 'take-back'; readonly task: string; readonly token: string}
	/** A task was assigned to it. */
	| {readonly type: 'begin'; readonly agent: string; readonly task: string; readonly token: string}
	| {readonly type: 'abandon'; readonly agent: string; readonly reason: string}
	| {readonly type: 'pause'; readonly agent: string}
	| {readonly type: 'continue'; readonly agent: string}
	| {readonly type: 'revive'; readonly agent: string}
	| {readonly type: 'time-out'; readonly agent: string}
	| {readonly type: 'stall'; readonly agent: string}
	| {readonly type: 'unstall'; readonly agent: string}
	/** Of the merge queue: a running test, or a passed one, is based on something that is gone; the base is another than the one that failed. */
	| {readonly type: 'restart'; readonly agent: string; readonly task: string}
	| {readonly type: 'recall'; readonly task: string; readonly candidate: string; readonly reason: string}
	| {readonly type: 'clear-red'; readonly failingBase: string};
