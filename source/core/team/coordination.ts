import {agentName} from '../agent/agent.ts';
import type {AtBudget} from '../cost/budget.ts';
import type {Note, RoomEvent} from '../event/event.ts';
import type {Admission, Admitted, Entry, ExternalLease, ExternalWorker, RoomBeat, TakenEntry} from '../intake/external-workers.ts';
import type {NotSubmitted, Submission} from '../intake/submission.ts';
import type {LockAnswer} from '../lock/lock.ts';
import type {Comment} from '../review/round.ts';
import type {NeededDecision, Stage, Task, WholeTask} from '../task/task.ts';
import {formatAge} from '../text/format.ts';
import type {Accounts, PersonOrders, Planned, PlanOrder, Written} from './orders.ts';
import type {Panes} from './panes.ts';
import type {RoomRecord} from './replay.ts';
import type {Rooms} from './rooms.ts';
import type {TeamSnapshot} from './snapshot.ts';

export type Claimed = {readonly code: 'ok'; readonly task: WholeTask; readonly token: string; readonly leaseUntil: number};
/**
 * `paused`, `drained`, `frozen`: by your order; `throttled`: the agent's account is rate-limited; `over-budget`: the budget is reached;
 * `busy`: the agent has a task already; `unregistered`: no such agent.
 */
export type NotClaimed = {readonly code: 'none' | 'paused' | 'drained' | 'frozen' | 'throttled' | 'over-budget' | 'busy' | 'unregistered'};

/** Request for a task. The nonce becomes part of the token and must be unique. */
export type Call = {readonly leaseMs: number; readonly nonce: string; readonly stages: readonly Stage[]};

/** Orders to the whole team; omitted ones stay unchanged. */
export type Orders = {
	readonly paused?: boolean;
	readonly drained?: boolean;
	readonly frozen?: boolean;
	readonly budgetMicros?: number;
	/** Tokens, 0 for none. */
	readonly tokenBudget?: number;
	readonly atBudget?: AtBudget;
	/** The configured budget that these are (`configuredBudget`). */
	readonly budgetFrom?: string;
	/** Whose configuration that is: `room:<id>`. */
	readonly budgetRoom?: string;
	readonly failingBase?: string;
	readonly failingWhy?: string;
};

/** Your decision on a task that needs exactly that: it becomes ready in `next`. */
export type Decision = {
	readonly task: string;
	readonly decision: NeededDecision;
	readonly next: Stage;
	readonly nextRole: string;
	/** More fields of the task to write in the same step (feedback, reviewer, reviewedCommit, ...). */
	readonly fields: Readonly<Record<string, string>>;
	readonly text: string;
};

/** A task in the merge queue with its tested candidate. */
export type QueueEntry = {readonly task: string; readonly candidate: string};

/** A task that waits for its tests: the commit that was submitted, and its candidate. */
export type BatchEntry = {readonly task: string; readonly commit: string; readonly candidate: string; readonly candidateBase: string};

export type Registration = {
	readonly id: string;
	readonly role: string;
	readonly capabilities: readonly string[];
	readonly room: string;
	readonly harness: string;
	/** Name of its machine in this team. */
	readonly host: string;
	/** Agents of one account share its rate limit; default none. */
	readonly account?: string;
};

export type Completion = {
	readonly task: string;
	readonly agent: string;
	readonly token: string;
	/** The stage it must still be in; else `stale`. */
	readonly stage: Stage;
	/**
	 * Its next stage; `merged` ends it and unblocks its dependents; `needs-decision`: it stays and waits for you, with `decision` and
	 * `waitReason` in `fields`.
	 */
	readonly next: Stage | 'merged' | 'needs-decision';
	readonly nextRole: string;
	/** Last part of the message on `events:task_completed`. */
	readonly word: string;
	/**
	 * More fields of the task to write in the same step (commit, branch, reviewer, reviewedCommit, candidate, mergedCommit, feedback, ...).
	 */
	readonly fields: Readonly<Record<string, string>>;
	/** `failures`: counts against attempts (the task fails when they are used up); `rounds`: counts a review round; `none`. */
	readonly counts: 'none' | 'failures' | 'rounds';
	/** Delay before the next claim, ms. */
	readonly delayMs: number;
	readonly text: string;
	/** The agent's next claim, in the same step: it gets a task or waits for one. */
	readonly nextCall?: Call | undefined;
};

export type Completed =
	| {code: 'ok'; handed?: {task: string; token: string; leaseUntil: number}}
	| {code: 'stale' | 'gone' | 'failed'}
	| {code: 'refused'; reason: string};

export type Failure = {
	readonly task: string;
	readonly agent: string;
	readonly token: string;
	readonly reason: string;
	readonly feedback: string;
	readonly delayMs: number;
	/** More fields to write, such as the salvaged commit. */
	readonly fields: Readonly<Record<string, string>>;
};

export type Commented =
	| {readonly code: 'ok'; readonly stage: Stage; readonly owner: string}
	| {readonly code: 'back'; readonly stage: Stage}
	| {readonly code: 'merging' | 'full' | 'gone'};

/** A message to an agent; `from` is '' for a human, `at` epoch ms of the server. */
export type Mail = {readonly id: string; readonly at: number; readonly from: string; readonly task: string; readonly text: string};

export type Lease = {readonly agent: string; readonly task: string; readonly token: string};
export type Expired = Lease & {readonly leaseUntil: number; readonly room: string; readonly agentBeat: number; readonly roomBeat: number};

/** Findings of a sweep, at most 100 of each (entries: 300). */
export type Swept = {
	readonly now: number;
	/** Expired leases of rooms' agents. */
	readonly expired: readonly Expired[];
	readonly rooms: readonly RoomBeat[];
	/** Intake entries to accept (`acceptIntake`) or reject; repeated until that is done. */
	readonly entries: readonly Entry[];
	/** More entries wait: sweep again now. */
	readonly isMore: boolean;
	readonly externalWorkers: readonly ExternalWorker[];
	readonly externalLeases: readonly ExternalLease[];
};

/**
 * The atomic steps of the team, one Lua script each. Mutating ones carry an operation id (one per intent, kept over resends), so that a
 * lost reply never runs one twice; `heartbeat`, `renew` and `sweep` are idempotent without.
 */
export interface Coordination extends Accounts, Panes, PersonOrders, Rooms {
	/**
	 * `unknown`: a dependency does not exist; `exists`: the id is taken. An empty id gets the next `t-<n>`; a dependency may be a feature,
	 * and is one if it names a plan. `cycle`: it would wait for itself, also through its feature; `many`: too many waits to check.
	 */
	submit(task: Submission): Promise<{code: 'ok' | NotSubmitted; id: string}>;
	/** All or none; dependencies may be in the same call. `cycle`: they wait for each other, `id` is the cycle with commas. */
	submitAll(tasks: readonly Submission[]): Promise<{code: 'ok'; ids: readonly string[]} | {code: NotSubmitted; id: string}>;
	/**
	 * In one step: the plan's task ends as `planned`, its tasks are created and those it drops are cancelled. Neither the plan nor the
	 * dropped tasks count for the feature.
	 */
	plan(order: PlanOrder): Promise<Planned>;
	/**
	 * With `waits` an agent without a task waits: the script that makes a task ready assigns it in the same step, reported by `task_claimed`
	 * and by `heartbeat`. With `wanted` only this task or 'none'; so are tests and merges claimed, which are never assigned.
	 */
	claim(options: Call & {agent: string; room: string; waits?: boolean; wanted?: string}): Promise<Claimed | NotClaimed>;
	/** Assigns these agents no more tasks; returns their leases. */
	closeAgents(agents: readonly string[]): Promise<readonly Lease[]>;
	renew(held: Lease, leaseMs: number): Promise<Written>;
	progress(held: Lease, fields: Readonly<Record<string, string>>, text: string): Promise<Written>;
	/** `refused`: author, reviewer and merger must differ, or the merge is not of the reviewed commit; `reason` says which. */
	complete(completion: Completion): Promise<Completed>;
	/** Counts a failure: ready after `delayMs` as a fresh attempt, or failed when attempts are used up. */
	fail(failure: Failure): Promise<Written | 'failed'>;
	/**
	 * No answer came: the task fails without another attempt. With `token` '' it is a task that needs `decision`, which `retry` then asks
	 * again. `stale`: it no longer asks that.
	 */
	refuse(question: {
		readonly task: string;
		readonly token: string;
		readonly decision: NeededDecision | '';
		readonly reason: string;
		readonly feedback: string;
		readonly fields: Readonly<Record<string, string>>;
	}): Promise<Written>;
	/**
	 * Returns a task without counting an attempt. With `token` '' it is a human's order and applies to the current lease; `to` reserves the
	 * task for one agent. The old token is superseded at once. `merging`: too late, it is about to be on the base; `needs-decision`: it only
	 * waits for that (`decide`).
	 */
	release(options: {
		task: string;
		token: string;
		reason: string;
		to: string;
		fields: Readonly<Record<string, string>>;
	}): Promise<Written | 'merging' | 'needs-decision'>;
	/** Makes an expired or provably dead lease ready as a fresh attempt, if `token` is current. */
	reclaim(options: {
		task: string;
		token: string;
		reason: string;
		/** Its process is known to be dead: do not wait for the deadline. */
		isProven: boolean;
		/** False for a fault of the room (restart, Redis down): costs no attempt. */
		counts: boolean;
		delayMs: number;
		fields: Readonly<Record<string, string>>;
	}): Promise<Written | 'failed' | 'early'>;
	/** `stale`: the decision is no longer needed (another terminal was first). */
	decide(decision: Decision): Promise<Written>;
	/**
	 * Stores a human's comment. `back`: the submission returned to `stage` for a must-fix; `ok`: stored, and `owner` works in `stage` ('' for
	 * none). `merging`: too late; `full`: too many.
	 */
	comment(given: {task: string; comment: Comment; role: string; feedback: string; text: string}): Promise<Commented>;
	/**
	 * Extends the lease on the merge queue's head (`task`, under `token`) to the longest prefix of `entries` that wait to merge with exactly
	 * these candidates. The first `joined` are completed, released or reclaimed with the same token; heartbeats renew them. At most 100.
	 */
	joinMergeGroup(options: {
		agent: string;
		task: string;
		token: string;
		leaseMs: number;
		entries: readonly QueueEntry[];
	}): Promise<{code: 'ok'; joined: number} | {code: 'stale' | 'gone'}>;
	/**
	 * Extends the lease on a test (`task`, under `token`) to the longest prefix of `entries` that wait for their tests with exactly this work,
	 * and names all their candidates in the same step. The first `joined` are completed, released or reclaimed with the same token;
	 * heartbeats renew them. At most 50.
	 */
	joinTestBatch(options: {
		agent: string;
		task: string;
		token: string;
		leaseMs: number;
		candidate: string;
		candidateBase: string;
		entries: readonly BatchEntry[];
	}): Promise<{code: 'ok'; joined: number} | {code: 'stale' | 'gone'}>;
	/** Retests a waiting or failed entry with exactly this candidate, at no cost. `stale`: it is running, or has another candidate. */
	retest(options: QueueEntry & {reason: string}): Promise<Written>;
	/**
	 * Returns submitted work to its first stage (`role`), at no cost; ends its lease. `merging`, `needs-decision`, `stale` (not submitted):
	 * unchanged.
	 */
	requestChanges(options: {
		task: string;
		role: string;
		reason: string;
		fields: Readonly<Record<string, string>>;
	}): Promise<'ok' | 'gone' | 'merging' | 'needs-decision' | 'stale'>;
	/** For a whole room: heartbeats of room and agents, renewal of all leases; one script per 500 of them. `stale`: superseded tokens. */
	heartbeat(options: {
		room: string;
		leaseMs: number;
		ttlMs: number;
		agents: readonly string[];
		held: readonly Lease[];
		/** Of its machine: percent of its cores, and free bytes. */
		load?: number;
		memory?: number;
		/** It takes no more tasks. */
		draining?: boolean;
		/** False while the remote is away for this room. */
		reaches?: boolean;
	}): Promise<{now: number; stale: readonly string[]; leases: readonly Lease[]; waiting: readonly string[]}>;
	/**
	 * Does what time and outsiders have made due, and lists what the observer must judge. `token`: of who leads; '-' only looks at leases and
	 * rooms. `takers`: external workers that may have moved entries to their lists `tasks:taken:<agent>`.
	 */
	sweep(token?: string, takers?: readonly string[]): Promise<Swept>;
	/** Makes an intake entry a task; if an external worker took it meanwhile, one that is leased to it. */
	acceptIntake(entry: Admission): Promise<Admitted>;
	/** Notes entries that external workers took before a sweep saw them; those still in the intake are not. Returns how many were noted. */
	noteTaken(entries: readonly TakenEntry[]): Promise<number>;
	/** Moves an entry that makes no task aside, with an event that names it. */
	rejectIntake(mark: string, reason: string): Promise<'ok' | 'gone'>;
	/**
	 * Records what an external worker published about a task, '' if it only locked it; `ignored` if the task is not external. `attempts` is
	 * for a task created by it.
	 */
	reportExternal(task: string, word: string, attempts: number): Promise<'ok' | 'ignored'>;
	/** Shows the agents of a room, or an external worker, without heartbeat as unreachable. `alive`: it had a heartbeat after `beat`. */
	expire(name: string, beat: number): Promise<'ok' | 'more' | 'alive' | 'gone'>;
	/**
	 * Takes a lock, renews it under the same token, or waits for it with `waitMs`. A path needs the current token of the owner's task. Asking
	 * again keeps the place in the queue.
	 */
	lock(options: {name: string; owner: string; token: string; ttlMs: number; waitMs?: number}): Promise<LockAnswer>;
	/**
	 * Releases the lock or leaves the queue. With `token` '' it is a human's order: drops the lock, whoever holds it, and informs the holder.
	 */
	unlock(options: {name: string; token: string}): Promise<'ok' | 'stale' | 'gone'>;
	/** Sends a message to an agent. With `token` '' it is from a human, or from the room if `from` is `room`. `gone`: no such receiver. */
	sendMail(message: {from: string; token: string; to: string; text: string}): Promise<Written>;
	/** Unread mail, oldest first, at most 100. */
	unread(agent: string): Promise<readonly Mail[]>;
	/** Marks mail up to this id as read. */
	readMail(read: {agent: string; token: string; upTo: string}): Promise<'ok' | 'stale'>;
	/** `taken`: a live agent of another room has the id. */
	register(agent: Registration): Promise<'ok' | 'taken'>;
	/** Writes agent fields (status, doing, question, choices, questionId, reason, paused, pid) with an event. */
	updateAgent(agent: string, fields: Readonly<Record<string, string>>, text: string): Promise<'ok' | 'gone'>;
	/**
	 * `budgetMicros`: millionths of a dollar, 0 for none; a budget that is already reached takes effect at once, as `atBudget` says.
	 * `failingBase`: the base commit that failed its tests, and how; '' once it passes. Lifting an order assigns what it held back.
	 */
	control(fields: Orders, text: string): Promise<void>;
	/**
	 * `by` replaces it: its dependents wait for `by`. `unknown`, `cycle` (`by` waits for it), `many`: refused; `merging`: about to be on the
	 * base; `gathered`: its work is on the branch of its feature with that of others, and `isWhole` does not say that they end with it.
	 */
	cancel(
		task: string,
		reason: string,
		by?: string,
		isWhole?: boolean,
	): Promise<'ok' | 'gone' | 'merging' | 'gathered' | 'unknown' | 'cycle' | 'many'>;
	/** Makes a failed task ready, with no failures counted. */
	retry(task: string): Promise<'ok' | 'gone'>;
	/** Sets `waitReason` of a ready or leased task (why a merge waits), without a token; '' clears. */
	setWaitReason(task: string, waitReason: string): Promise<'ok' | 'gone'>;
	/** Records an event without a state change. `task` and `agent` '' for none. */
	appendEvent(appendEvent: Note): Promise<void>;
	/** Tasks of a feature in order of creation, at most 2,000; includes its plans and dropped tasks. */
	tasksOf(feature: string): Promise<readonly Task[]>;
	/** One task with its long texts; undefined if there is none. */
	task(id: string): Promise<WholeTask | undefined>;
	/** Raw fields of existing tasks, `isWhole` with long texts; reads 500 at a time. */
	read(ids: readonly string[], isWhole?: boolean): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>>;
	/** One page of all tasks from a cursor, '' for the first; `cursor` is '' at the end. A task that moves may appear twice. */
	list(cursor: string, size: number): Promise<{now: number; tasks: readonly Task[]; cursor: string}>;
	/**
	 * The state at one stream id: agents, locks, control, last events, counts of all tasks, and a bounded set of tasks (all leases, heads of
	 * queues, oldest, last finished): the same size for a hundred tasks as for a hundred thousand.
	 */
	snapshot(): Promise<{team: TeamSnapshot; beats: ReadonlyMap<string, number>; now: number}>;
	/** Entries after `since`, oldest first, at most `count`. */
	events(since: string, count: number): Promise<readonly RoomEvent[]>;
	/** Waits for entries after `since` on its own connection, at most `blockMs`; [] if none came. */
	tail(since: string, blockMs: number): Promise<readonly RoomEvent[]>;
	/** The event log, for looking back. */
	readonly record: RoomRecord;
}

/** Formats a message: age, sender, task, text. `now` is server time, epoch ms. */
export const formatMail = ({at, from, task, text}: Mail, now: number): string =>
	`${formatAge(now - at)} ago, ${from === '' ? 'a human' : agentName(from)}${task === '' ? '' : ` (${task})`}: ${text}`;
