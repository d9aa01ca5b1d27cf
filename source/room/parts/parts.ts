import type {Config} from '../../core/config/config.ts';
import {stageRole, type Ways} from '../../core/task/stages.ts';
import type {Coordination} from '../../core/team/coordination.ts';
import type {Guardian} from '../../git/guardian/guardian.ts';
import type {Repository} from '../../git/repository/repository.ts';
import type {RoomIdentity} from '../team/identity.ts';
import type {PlannedAgent} from '../team/team.ts';
import type {AttemptPaths} from './attempt.ts';
import type {Leadership} from './leadership.ts';
import type {MergeQueueMemo} from './merge-queue.ts';
import type {Moves} from './moves.ts';
import type {RoomOptions} from './options.ts';
import type {RemoteMemory} from './remote.ts';
import type {Slots} from './slots.ts';
import type {RoomState} from './state.ts';

/**
 * Something that an agent, or somebody at the user's socket, tried and may not. `agent` '' if it is none of this room's; `key` tells the
 * same from another.
 */
export type Tried = {readonly agent: string; readonly who: string; readonly what: string; readonly key: string};

/** Where it is told what was refused. */
export type Refusals = {
	tell(tried: Tried): void;
	/** Nothing more is told. */
	close(): void;
};

/** What a room is, from its start to its end: nobody changes it. */
export type Facts = {
	readonly options: RoomOptions;
	readonly config: Config;
	/** Who it is among the rooms of the team; `host` is what its machine is called there. */
	readonly self: RoomIdentity;
	/** This life of it: `self.life`. */
	readonly roomId: string;
	readonly base: string;
	readonly repository: Repository;
	readonly guardian: Guardian;
	readonly paths: AttemptPaths;
	readonly newNonce: () => string;
	/** A line for the room's log. */
	readonly log: (line: string) => void;
	readonly refusals: Refusals;
};

/** The way to Redis, and whether it is what the team worked with. */
export type Link = {
	readonly coordination: Coordination;
	/** Runs a write again until Redis answers: a result that was worked for is never dropped because the server was away. */
	readonly retryUntilWritten: <T>(write: () => Promise<T>) => Promise<T>;
	/** Redis refused to write for `who`, in these words; '' once it took what was refused. The banner stands while anybody is refused, and not much longer. */
	readonly refused: (who: string, words: string) => void;
	readonly isConnected: () => boolean;
	/** Redis is not what the team worked with: what runs is held, nothing is claimed, until a human decides. */
	readonly isRecovering: () => boolean;
	/** What Redis lost, in words; '' while nothing is undecided. */
	readonly finding: () => string;
	/** Resolves once everything until now is in the journal, or the journal cannot be written. */
	readonly journaled: () => Promise<void>;
	/** As `isRecovering`, asked of Redis now. */
	readonly hasLostData: () => Promise<boolean>;
	/** A human takes the data of Redis as they are: a new epoch, and this room's agents join it. Everything stays frozen. */
	readonly acceptData: () => Promise<void>;
	/** Resolves once Redis answers again, or the room ends. */
	readonly whenConnected: () => Promise<void>;
};

/** What this room knows of merging next to the record. */
export type Merges = {
	readonly mergeQueue: MergeQueueMemo;
	/** Task -> how often in a row its merge had to wait. */
	readonly mergeBackoff: Map<string, number>;
	/** Starts of a task that failed in a row, and why the last one did. */
	readonly failedStarts: Map<string, {readonly count: number; readonly reason: string}>;
	/** Task -> not before this moment of `performance.now()`: no step of a clock makes anybody wait. */
	readonly notBefore: Map<string, number>;
	/** Where the base was, and what is to be decided about it. */
	readonly moves: Moves;
	/** Of the remote that merges are pushed to. */
	readonly remote: RemoteMemory;
	/** The base that work is started on and held against: as it is, without what an agent put there and a human has not decided about. */
	readonly workBase: () => Promise<string>;
};

/** How far the room's life has come, and what is under way in it next to the slots. */
export type Lifecycle = {
	/** False while the room is going down: no new claims. */
	readonly isOpen: () => boolean;
	/** It goes down: from here on nothing is claimed. */
	readonly close: () => void;
	/** False once the room has ended. */
	readonly isRunning: () => boolean;
	/** Ask `decide` again soon. */
	readonly requestTick: () => void;
	/** Tokens that something in this room has answered for since its start: none of them starts a second time. */
	readonly begun: Set<string>;
	/** Tokens of leases that are being handed back because nothing works on them. */
	readonly returning: Set<string>;
	/** Tasks whose worktrees are being removed: no room ends in the middle of that. */
	readonly cleaning: Set<string>;
};

/** A running room. A function takes the parts that it uses, and reaches no other. */
export type Room = {
	readonly facts: Facts;
	readonly link: Link;
	/** Whether it does what is singular in the team. */
	readonly lead: Leadership;
	/** What the team knows: the state as the record tells it, and what the screen shows next to it. */
	readonly record: RoomState;
	/** The agents, and what each does. */
	readonly slots: Slots;
	readonly merges: Merges;
	readonly lifecycle: Lifecycle;
};

/** The agent of this room with that id. */
export const plannedAgent = ({slots}: Pick<Room, 'slots'>, id: string): PlannedAgent | undefined => slots.get(id)?.agent;

/** The agent that a human chose for a task in its present stage, '' for any: what the room itself hands back keeps that choice. */
export const chosenFor = ({record}: Pick<Room, 'record'>, task: string): string => record.team().tasks.get(task)?.assigned ?? '';

/** What the team makes of the pipeline. */
export const waysOf = ({facts, record}: Pick<Room, 'facts' | 'record'>): Ways => ({
	review: facts.config.review === 'required',
	hasResolver: [...record.team().agents.values()].some(({role, status}) => role === stageRole('resolve') && status !== 'stopped'),
});

/** Of every lease that something in this room answers for, attempts that are being ended included. */
export const tokensOf = ({slots}: Pick<Room, 'slots'>): readonly string[] => slots.leases().map(({token}) => token);
