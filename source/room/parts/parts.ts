import type {Config} from '../../core/config/config.ts';
import {stageRole, type Ways} from '../../core/task/stages.ts';
import type {Task} from '../../core/task/task.ts';
import type {Coordination} from '../../core/team/coordination.ts';
import type {LineSent} from '../../core/team/panes.ts';
import type {Guardian} from '../../git/guardian/guardian.ts';
import type {Repository} from '../../git/repository/repository.ts';
import type {Accepting} from '../../redis/epoch.ts';
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
 * A refused attempt of an agent, or of a client at the user's socket. `agent` is '' if it is none of this room's; equal `key`s are the same attempt.
 */
export type Tried = {readonly agent: string; readonly who: string; readonly what: string; readonly key: string};

/** Reports refused attempts. */
export type Refusals = {
	tell(tried: Tried): void;
	close(): void;
};

/** What a room is. Only `take` changes its options while it runs: read them where they are used. */
export type Facts = {
	readonly options: RoomOptions;
	readonly config: Config;
	/** Replaces the options by those of a changed configuration. */
	readonly take: (options: RoomOptions) => void;
	/** Its identity among the rooms of the team; `host` is the name of its machine there. */
	readonly self: RoomIdentity;
	/** This life of the room: `self.life`. */
	readonly roomId: string;
	readonly base: string;
	readonly repository: Repository;
	readonly guardian: Guardian;
	readonly paths: AttemptPaths;
	readonly newNonce: () => string;
	readonly log: (line: string) => void;
	readonly refusals: Refusals;
};

/** The connection to Redis, and whether Redis still has the team's data. */
export type Link = {
	readonly coordination: Coordination;
	/** Retries a write until Redis answers: no finished result is dropped because the server was away. */
	readonly retryUntilWritten: <T>(write: () => Promise<T>) => Promise<T>;
	/**
	 * Redis refused a write for `who`, with these words; '' after one succeeded. The banner shows while anyone is refused, and a few seconds longer.
	 */
	readonly refused: (who: string, words: string) => void;
	readonly isConnected: () => boolean;
	/** Redis lost data: running work is held and nothing is claimed until a human decides. */
	readonly isRecovering: () => boolean;
	/** What Redis lost, in words; '' while nothing is undecided. */
	readonly finding: () => string;
	/** Resolves once everything until now is in the journal, or the journal cannot be written. */
	readonly journaled: () => Promise<void>;
	/** As `isRecovering`, asked of Redis now. */
	readonly hasLostData: () => Promise<boolean>;
	/** The data that Redis has are accepted, by a human if nobody else is named: a new epoch, and this room's agents join it. Everything stays frozen. */
	readonly acceptData: (accepting?: Accepting) => Promise<void>;
	/** Resolves once Redis answers again, or the room ends. */
	readonly whenConnected: () => Promise<void>;
};

/** What this room knows of merging beyond the record. */
export type Merges = {
	readonly mergeQueue: MergeQueueMemo;
	/** Task -> how often in a row its merge had to wait. */
	readonly mergeBackoff: Map<string, number>;
	/** Starts of a task that failed in a row, and the last reason. */
	readonly failedStarts: Map<string, {readonly count: number; readonly reason: string}>;
	/** Task -> not before this time of `performance.now()`: a change of the wall clock delays nothing. */
	readonly notBefore: Map<string, number>;
	/** Past positions of the base, and what is undecided about it. */
	readonly moves: Moves;
	/** Of the remote that merges are pushed to. */
	readonly remote: RemoteMemory;
	/** Where pull requests are opened: asks the forge without waiting for its turn, and whether it was asked about those that are open now. */
	pulls?: {readonly soon: () => void; readonly areAsked: () => boolean; readonly areOpen: () => boolean};
	/** Runs of all tests on the base. */
	fullTests?: {readonly isRunning: () => boolean};
	/**
	 * What work on a task starts from and is compared with: the branch on which its feature gathers, or the base as it is, but without an agent's
	 * commits that a human has not decided about.
	 */
	readonly workBase: (task?: Pick<Task, 'feature'>) => Promise<string>;
	/** The last commit of the branch on which a task's feature gathers, in the store; '' if it has none. */
	readonly branchHead: (task: Pick<Task, 'feature'>) => Promise<string>;
};

/** The state of the room's life, and what is in progress beside the slots. */
export type Lifecycle = {
	/** False once the room shuts down: no new claims. */
	readonly isOpen: () => boolean;
	/** Starts the shutdown. */
	readonly close: () => void;
	readonly isRunning: () => boolean;
	readonly requestTick: () => void;
	/** Tokens started in this room since its start: none starts twice. */
	readonly begun: Set<string>;
	/** Tokens of leases that are being returned because nothing works on them. */
	readonly returning: Set<string>;
	/** Tasks whose worktrees are being removed: the room does not end before that is done. */
	readonly cleaning: Set<string>;
};

/** A running room. A function takes only the parts that it uses. */
export type Room = {
	readonly facts: Facts;
	readonly link: Link;
	/** Whether it does what must not be done twice in the team. */
	readonly lead: Leadership;
	/** The team's state as the record has it, and what the screen shows beside it. */
	readonly record: RoomState;
	readonly slots: Slots;
	readonly merges: Merges;
	readonly lifecycle: Lifecycle;
	/** The panes of the team's other rooms; undefined without a team. */
	readonly teamPanes?: {
		/** Resolves to what became of a line; undefined if the agent is not elsewhere. */
		readonly typeLine: (agent: string, text: string) => Promise<LineSent> | undefined;
	};
};

export const plannedAgent = ({slots}: Pick<Room, 'slots'>, id: string): PlannedAgent | undefined => slots.get(id)?.agent;

/** The agent that a human chose for a task in its present stage, '' for any. The room keeps that choice when it returns the task. */
export const chosenFor = ({record}: Pick<Room, 'record'>, task: string): string => record.team().tasks.get(task)?.assigned ?? '';

export const waysOf = ({facts, record}: Pick<Room, 'facts' | 'record'>): Ways => ({
	review: facts.config.review === 'required',
	hasResolver: [...record.team().agents.values()].some(({role, status}) => role === stageRole('resolve') && status !== 'stopped'),
});

/** Tokens of all leases that this room must keep alive, including those of ending attempts. */
export const tokensOf = ({slots}: Pick<Room, 'slots'>): readonly string[] => slots.leases().map(({token}) => token);
