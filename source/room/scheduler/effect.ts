import type {Lease} from '../../core/team/coordination.ts';
import type {MergeQueueMemo} from '../parts/merge-queue.ts';
import type {Pausable} from '../parts/state.ts';
import type {PlannedAgent} from '../team/team.ts';

/** An attempt that this room runs now. Times are moments of this process's monotonic clock, ms: no step of a wall clock ends anything. */
export type RunningAttempt = {
	readonly task: string;
	readonly token: string;
	readonly startedAt: number;
	readonly outputAt: number;
	readonly isPaused: boolean;
	/** The snapshot has shown this token: from then on another one means that somebody took over. */
	readonly wasSeen: boolean;
	/** It ends already: its result is being written. */
	readonly isEnding: boolean;
};

/** What only this room knows. */
export type Local = {
	readonly now: number;
	readonly isConnected: boolean;
	/** Redis lost something, and a person has not decided yet: it is no judge of what runs here. */
	readonly isRecovering: boolean;
	/** What a person has paused, or frozen, and the record has not told yet. */
	readonly pausedHere: ReadonlySet<Pausable>;
	readonly team: readonly PlannedAgent[];
	readonly attempts: ReadonlyMap<string, RunningAttempt>;
	/** Agents with a claim under way, or whose place is being made. */
	readonly claiming: ReadonlySet<string>;
	/** Agent -> what was handed to it with its last result, before the record says so. */
	readonly handed: ReadonlyMap<string, Lease>;
	/** Agents that wait in Redis: they are handed what becomes ready. */
	readonly waiting: ReadonlySet<string>;
	/** Tokens that were begun here once. */
	readonly begun: ReadonlySet<string>;
	readonly room: string;
	/** This room leads its team: what is tested and merged next is decided here. */
	readonly isLeading: boolean;
	/** Candidates travel to other rooms. */
	readonly isTeam: boolean;
	/** Room -> it is handed no test before this moment of the same clock: the last one brought no candidate. */
	readonly restsElsewhere: ReadonlyMap<string, number>;
	/** Another room was handed a test a moment ago, and its candidate is not known yet. */
	readonly isBuiltElsewhere: boolean;
	/** Agent -> stream id at which a claim gave nothing, '' where it may ask: not asked again before something changed. */
	readonly refusedAt: ReadonlyMap<string, string>;
	/** Agent -> it begins nothing before this moment of the same clock. */
	readonly restUntil: ReadonlyMap<string, number>;
	/** Task -> not before this moment of the same clock. */
	readonly notBefore: ReadonlyMap<string, number>;
	readonly hasTestCommand: boolean;
	/** Where the base stands, as far as is known; '' before the first look. */
	readonly baseHead: string;
	/** It is known whose work it holds, and nothing of that is to be decided. */
	readonly isBaseJudged: boolean;
	/** It passed its own tests of late. */
	readonly hasBasePassed: boolean;
	/** This room's guardian has the candidate of the train's head, and of its last car. */
	readonly isHeadHere: boolean;
	readonly isTailHere: boolean;
	readonly timeoutMs: number;
	readonly stallMs: number;
} & Pick<MergeQueueMemo, 'built' | 'conflictsWith' | 'blockedByChanges' | 'triedOnFailingBase' | 'missingUntil'>;

/** An order of the scheduler; `carryOut` is the one place that carries it out. */
export type Effect =
	/** A program claims the very task that is named. */
	| {readonly type: 'claim'; readonly agent: string; readonly task?: string}
	/** A tester of another room is given this very test. */
	| {readonly type: 'hand'; readonly agent: string; readonly to: string; readonly task: string}
	/** A test that runs in another room stands on something that is gone. */
	| {readonly type: 'take-back'; readonly task: string; readonly token: string}
	/** A task was handed to it. */
	| {readonly type: 'begin'; readonly agent: string; readonly task: string; readonly token: string}
	| {readonly type: 'abandon'; readonly agent: string; readonly reason: string}
	| {readonly type: 'pause'; readonly agent: string}
	| {readonly type: 'continue'; readonly agent: string}
	| {readonly type: 'revive'; readonly agent: string}
	| {readonly type: 'time-out'; readonly agent: string}
	| {readonly type: 'stall'; readonly agent: string}
	| {readonly type: 'unstall'; readonly agent: string}
	/** Of the train: a running test stands on something that is gone; so does a passed one; the base is another than the one that failed. */
	| {readonly type: 'restart'; readonly agent: string; readonly task: string}
	| {readonly type: 'recall'; readonly task: string; readonly candidate: string; readonly reason: string}
	| {readonly type: 'clear-red'; readonly failingBase: string};
