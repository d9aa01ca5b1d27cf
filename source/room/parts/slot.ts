import type {Completed, Lease} from '../../core/team/coordination.ts';
import {formatAge} from '../../core/text/format.ts';
import type {Pane} from '../team/pane.ts';
import type {PlannedAgent} from '../team/team.ts';
import type {Attempt} from './attempt.ts';

/** What an agent continues to when its attempt is over: nothing, waiting in Redis, or the task that it was given with the result. */
export type After = 'idle' | 'waiting' | Lease;

/** What an agent does. Each has what it needs and nothing else, so that no two of them are true at once. */
export type SlotState =
	| {readonly kind: 'idle'}
	/** In Redis, where any script may hand it a task. */
	| {readonly kind: 'waiting'}
	/** A task is in its name, and nothing has started it: its lease is kept alive until something does. */
	| {readonly kind: 'handed'; readonly lease: Lease}
	/** An answer of Redis is due, or its place in the row of those that are built; `lease`: what was handed to it. */
	| {readonly kind: 'claiming'; readonly lease: Lease | undefined}
	/** Granted, and its place is being made: no process runs yet. */
	| {readonly kind: 'preparing'; readonly lease: Lease}
	/** A process lives. Whether it is paused, what it asks and what its session does is the attempt's. */
	| {readonly kind: 'running'; readonly attempt: Attempt}
	/** Its process has ended or is being ended, its result is being written and its place left. */
	| {readonly kind: 'ending'; readonly attempt: Attempt; readonly after: After};

/** One agent of this room. */
export type Slot = {
	readonly agent: PlannedAgent;
	/** Its own among those that are there, for its ports. */
	readonly number: number;
	readonly pane: Pane;
	/** It leaves once it has done with its task: it is given nothing more. */
	readonly isRetiring: boolean;
	/** Its failures in a row. */
	readonly crashes: number;
	/** It starts nothing before this moment of `performance.now()`: no step of a clock makes anybody wait. */
	readonly restUntil: number;
	/** The newest entry of the record when a claim gave it nothing, '' if it may ask. */
	readonly refusedAt: string;
	readonly now: SlotState;
};

/** What can happen to an agent. */
export type Move =
	/** Redis says that it waits, or that it waits no more. */
	| {readonly type: 'wait'}
	| {readonly type: 'stop-waiting'}
	/** It asks for a task; a task that was handed to it is taken up. */
	| {readonly type: 'ask'}
	| {readonly type: 'take-up'; readonly lease: Lease}
	/** The answer gave it nothing; or there was none, and what was handed to it stays so. */
	| {readonly type: 'get-nothing'; readonly waits: boolean}
	| {readonly type: 'get-no-answer'}
	| {readonly type: 'be-granted'; readonly lease: Lease}
	/** Its process has started; or there was nothing to run, or it could not be run. */
	| {readonly type: 'start'; readonly attempt: Attempt}
	| {readonly type: 'give-up'}
	/** The process has ended, or is being ended. */
	| {readonly type: 'end'; readonly attempt: Attempt}
	/** What its result brought. */
	| {readonly type: 'go-on-to'; readonly attempt: Attempt; readonly after: After}
	/** The room has done with the attempt. */
	| {readonly type: 'be-over'; readonly attempt: Attempt};

const isSame = (one: Lease, other: Lease): boolean => one.token === other.token && one.task === other.task;

/** Made again each time: whoever saw an earlier state can tell that the agent has moved since, even back to what it was. */
const next = (after: After): SlotState => (typeof after === 'object' ? {kind: 'handed', lease: after} : {kind: after});

/** What an agent does after a move; undefined if that cannot follow from what it does now. */
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
			// What was handed to it is what it starts, and nothing else.
			return now.kind === 'claiming' && (now.lease === undefined || isSame(now.lease, move.lease))
				? {kind: 'preparing', lease: move.lease}
				: undefined;
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

/** The attempt that an agent has a process of, or whose end is being written. */
export const attemptIn = ({now}: Slot): Attempt | undefined => (now.kind === 'running' || now.kind === 'ending' ? now.attempt : undefined);

/** It asks for a task, or has one and no process yet. */
export const isClaiming = ({now}: Slot): boolean => now.kind === 'claiming' || now.kind === 'preparing';

/** Nothing is under way for it in this room. */
export const isFree = ({now}: Slot): boolean => now.kind === 'idle' || now.kind === 'waiting';

/** It waits in Redis, or does as soon as its place is left. */
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

/** What an agent does here, in words for `explain`; `at`: a moment of `performance.now()`. */
export const slotText = ({now, crashes, restUntil, isRetiring}: Slot, at: number): string =>
	[
		stateText(now),
		...(restUntil > at ? [`rests ${formatAge(restUntil - at)}`] : []),
		...(crashes > 0 ? [`${crashes} failed in a row`] : []),
		...(isRetiring ? ['leaves after its task'] : []),
	].join('; ');

/** Of an attempt and of what leaves with it: a merge holds one lease for each. */
const leasesOfAttempt = ({agent, task, token, entries}: Attempt): readonly Lease[] =>
	[...new Set([task.id, ...entries.map(entry => entry.task)])].map(id => ({agent: agent.id, task: id, token}));

/** Every lease that this room answers for on behalf of an agent: it is renewed as long as it is here. */
export const leasesIn = ({now}: Slot): readonly Lease[] => {
	switch (now.kind) {
		case 'handed':
		case 'preparing':
			return [now.lease];
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

/** What became of a result, and what its agent continues to. */
export type Concluded<Code extends string = string> = {readonly code: Code; readonly after: After};

/** A result was written; with it the agent may have asked for its next task, in the same step. */
export const concluded = (agent: string, completed: Completed, hasAsked: boolean): Concluded<Completed['code']> => {
	const {code} = completed;
	if (completed.code !== 'ok' || !hasAsked) return {code, after: 'idle'};
	const {handed} = completed;
	return {code, after: handed ? {agent, task: handed.task, token: handed.token} : 'waiting'};
};
