import type {Completed, Lease} from '../../core/team/coordination.ts';
import {formatAge} from '../../core/text/format.ts';
import type {Pane} from '../team/pane.ts';
import type {PlannedAgent} from '../team/team.ts';
import type {Attempt} from './attempt.ts';

/** What an agent does after its attempt: nothing, wait in Redis, or the task it got together with the result. */
export type After = 'idle' | 'waiting' | Lease;

/** What an agent does. Each state holds only the data it needs, so no two can be true at once. */
export type SlotState =
	| {readonly kind: 'idle'}
	/** In Redis, where any script may assign it a task. */
	| {readonly kind: 'waiting'}
	/** It owns a task that is not started yet: the lease is kept alive until it is. */
	| {readonly kind: 'handed'; readonly lease: Lease}
	/** Waiting for an answer of Redis, or for its turn to build; `lease`: the task assigned to it. */
	| {readonly kind: 'claiming'; readonly lease: Lease | undefined}
	/** Granted, and its workspace is being made: no process runs yet. */
	| {readonly kind: 'preparing'; readonly lease: Lease; readonly joined: readonly Lease[]}
	/** A process runs. Pauses, questions and sessions are part of the attempt. */
	| {readonly kind: 'running'; readonly attempt: Attempt}
	/** Its process has ended or is being ended, its result is being written, its workspace left. */
	| {readonly kind: 'ending'; readonly attempt: Attempt; readonly after: After};

export type Slot = {
	readonly agent: PlannedAgent;
	/** Unique among present agents, for its ports. */
	readonly number: number;
	readonly pane: Pane;
	/** It leaves after its task and gets no other. */
	readonly isRetiring: boolean;
	/** Crashes in a row. */
	readonly crashes: number;
	/** It starts nothing before this time of `performance.now()`: a change of the wall clock delays nothing. */
	readonly restUntil: number;
	/** The newest entry of the record when a claim gave it nothing, '' if it may ask. */
	readonly refusedAt: string;
	readonly now: SlotState;
};

export type Move =
	/** Redis reports that it waits, or no longer waits. */
	| {readonly type: 'wait'}
	| {readonly type: 'stop-waiting'}
	/** It asks for a task, or takes up one assigned to it. */
	| {readonly type: 'ask'}
	| {readonly type: 'take-up'; readonly lease: Lease}
	/** A claim gave it nothing; or there was no answer, and its assigned task stays so. */
	| {readonly type: 'get-nothing'; readonly waits: boolean}
	| {readonly type: 'get-no-answer'}
	| {readonly type: 'be-granted'; readonly lease: Lease}
	/** Entries that wait are tested together with its task, under the same token. */
	| {readonly type: 'be-joined'; readonly joined: readonly Lease[]}
	/** Its process has started; or there was nothing to run, or it could not run. */
	| {readonly type: 'start'; readonly attempt: Attempt}
	| {readonly type: 'give-up'}
	/** The process has ended, or is being ended. */
	| {readonly type: 'end'; readonly attempt: Attempt}
	/** What follows its result. */
	| {readonly type: 'go-on-to'; readonly attempt: Attempt; readonly after: After}
	/** The room has finished with the attempt. */
	| {readonly type: 'be-over'; readonly attempt: Attempt};

const isSame = (one: Lease, other: Lease): boolean => one.token === other.token && one.task === other.task;

/** A new object each time, so that a reader of an earlier state sees that the agent has moved since, even back to the same state. */
const next = (after: After): SlotState => (typeof after === 'object' ? {kind: 'handed', lease: after} : {kind: after});

/** The state after a move; undefined if the move is illegal now. */
export const moved = (now: SlotState, move: Move): SlotState | undefined => {
	const isFree = now.kind === 'idle' || now.kind === 'waiting';
	switch (move.type) {
		case 'wait':
			return now.kind === 'idle' ? next('waiting') : undefined;
		case 'stop-waiting':
			return now.kind === 'waiting' ? next('idle') : undefined;
		case 'ask':
			return isFree ? {kind: 'claiming', lease: undefined} : undefined;
		case 'take-up':
			return isFree || now.kind === 'handed' ? {kind: 'claiming', lease: move.lease} : undefined;
		case 'get-nothing':
			return now.kind === 'claiming' ? next(move.waits ? 'waiting' : 'idle') : undefined;
		case 'get-no-answer':
			return now.kind === 'claiming' ? next(now.lease ?? 'idle') : undefined;
		case 'be-granted':
			// It starts only what was assigned to it.
			return now.kind === 'claiming' && (now.lease === undefined || isSame(now.lease, move.lease))
				? {kind: 'preparing', lease: move.lease, joined: []}
				: undefined;
		case 'be-joined':
			return now.kind === 'preparing' ? {...now, joined: move.joined} : undefined;
		case 'start':
			return now.kind === 'preparing' && now.lease.token === move.attempt.token ? {kind: 'running', attempt: move.attempt} : undefined;
		case 'give-up':
			return now.kind === 'preparing' ? next('idle') : undefined;
		case 'end':
			return now.kind === 'running' && now.attempt === move.attempt ? {kind: 'ending', attempt: move.attempt, after: 'idle'} : undefined;
		case 'go-on-to':
			return now.kind === 'ending' && now.attempt === move.attempt ? {...now, after: move.after} : undefined;
		case 'be-over':
			return now.kind === 'ending' && now.attempt === move.attempt ? next(now.after) : undefined;
	}
};

/** The attempt whose process runs, or whose end is being written. */
export const attemptIn = ({now}: Slot): Attempt | undefined => (now.kind === 'running' || now.kind === 'ending' ? now.attempt : undefined);

/** It asks for a task, or has one and no process yet. */
export const isClaiming = ({now}: Slot): boolean => now.kind === 'claiming' || now.kind === 'preparing';

/** Nothing is in progress for it in this room. */
export const isFree = ({now}: Slot): boolean => now.kind === 'idle' || now.kind === 'waiting';

/** It waits in Redis, or will as soon as its workspace is left. */
export const isWaiting = ({now}: Slot): boolean => now.kind === 'waiting' || (now.kind === 'ending' && now.after === 'waiting');

const nextText = (after: After): string => (typeof after === 'object' ? `task ${after.task}` : after);

const stateText = (now: SlotState): string => {
	switch (now.kind) {
		case 'idle':
			return 'idle';
		case 'waiting':
			return 'waiting in Redis for a task';
		case 'handed':
			return `handed task ${now.lease.task}, not started`;
		case 'claiming':
			return now.lease ? `starting task ${now.lease.task}` : 'claiming a task';
		case 'preparing':
			return `preparing the worktree of task ${now.lease.task}`;
		case 'running':
			return `running task ${now.attempt.task.id}${now.attempt.isPaused ? ', paused' : ''}`;
		case 'ending':
			return `ending task ${now.attempt.task.id}, next: ${nextText(now.after)}`;
	}
};

/** What an agent does here, in words for `explain`; `at`: a time of `performance.now()`. */
export const slotText = ({now, crashes, restUntil, isRetiring}: Slot, at: number): string =>
	[
		stateText(now),
		...(restUntil > at ? [`rests ${formatAge(restUntil - at)}`] : []),
		...(crashes > 0 ? [`${crashes} failed in a row`] : []),
		...(isRetiring ? ['leaves after its task'] : []),
	].join('; ');

/** Leases of an attempt: a merge or a test holds one for each task that merges, or is tested, with it. */
const leasesOfAttempt = ({agent, task, token, entries}: Attempt): readonly Lease[] =>
	[...new Set([task.id, ...entries.map(entry => entry.task)])].map(id => ({agent: agent.id, task: id, token}));

/** Every lease that this room holds for an agent: renewed while it is here. */
export const leasesIn = ({now}: Slot): readonly Lease[] => {
	switch (now.kind) {
		case 'handed':
			return [now.lease];
		case 'preparing':
			return [now.lease, ...now.joined];
		case 'claiming':
			return now.lease ? [now.lease] : [];
		case 'running':
			return leasesOfAttempt(now.attempt);
		case 'ending':
			return [...leasesOfAttempt(now.attempt), ...(typeof now.after === 'object' ? [now.after] : [])];
		default:
			return [];
	}
};

/** The result that was written, and what its agent does next. */
export type Concluded<Code extends string = string> = {readonly code: Code; readonly after: After};

/** A result was written; in the same step the agent may have asked for its next task. */
export const concluded = (agent: string, completed: Completed, hasAsked: boolean): Concluded<Completed['code']> => {
	const {code} = completed;
	if (completed.code !== 'ok' || !hasAsked) return {code, after: 'idle'};
	const {handed} = completed;
	return {code, after: handed ? {agent, task: handed.task, token: handed.token} : 'waiting'};
};
