import {agentName} from '../agent/agent.ts';
import type {AtBudget} from '../cost/budget.ts';
import type {Note, RoomEvent} from '../event/event.ts';
import type {Admission, Admitted, Entry, ExternalLease, ExternalWorker, RoomBeat} from '../intake/external-workers.ts';
import type {NotSubmitted, Submission} from '../intake/submission.ts';
import type {LockAnswer} from '../lock/lock.ts';
import type {Comment} from '../review/round.ts';
import type {NeededDecision, Stage, Task, WholeTask} from '../task/task.ts';
import {formatAge} from '../text/format.ts';
import type {Accounts, PersonOrders, Planned, PlanOrder, Written} from './orders.ts';
import type {RoomRecord} from './replay.ts';
import type {Rooms} from './rooms.ts';
import type {TeamSnapshot} from './snapshot.ts';

export type Claimed = {readonly code: 'ok'; readonly task: WholeTask; readonly token: string; readonly leaseUntil: number};
/**
 * `paused`, `drained`, `frozen`: ordered by a person; `braked`: the agent's account is told to wait; `over-budget`: what is spent has reached
 * the budget; `busy`: the agent holds a task already; `unregistered`: no such agent.
 */
export type NotClaimed = {readonly code: 'none' | 'paused' | 'drained' | 'frozen' | 'throttled' | 'over-budget' | 'busy' | 'unregistered'};

/** What an agent asks for a task with. The nonce becomes part of the token and must be new each time. */
export type Call = {readonly leaseMs: number; readonly nonce: string; readonly stages: readonly Stage[]};

/** Orders to the whole team; what is left out stays as it is. */
export type Orders = {
	readonly paused?: boolean;
	readonly drained?: boolean;
	readonly frozen?: boolean;
	readonly budgetMicros?: number;
	readonly atBudget?: AtBudget;
	readonly failingBase?: string;
	readonly failingWhy?: string;
};

/** A person's decision on a task that asks exactly that: it goes to `next`, ready. */
export type Decision = {
	readonly task: string;
	readonly decision: NeededDecision;
	readonly next: Stage;
	readonly nextRole: string;
	/** Further fields of the task to write in the same step (feedback, reviewer, reviewedCommit, ...). */
	readonly fields: Readonly<Record<string, string>>;
	readonly text: string;
};

/** A task in the train with the candidate that was tested. */
export type QueueEntry = {readonly task: string; readonly candidate: string};

export type Registration = {
	readonly id: string;
	readonly role: string;
	readonly capabilities: readonly string[];
	readonly room: string;
	readonly harness: string;
	/** Name of its machine in this team. */
	readonly host: string;
	/** Whose limits it shares; none by default. */
	readonly account?: string;
};

export type Completion = {
	readonly task: string;
	readonly agent: string;
	readonly token: string;
	/** The stage it must still stand in; another answers `stale`. */
	readonly stage: Stage;
	/** Where it goes; `merged` ends it and frees its dependents; `ask`: it stays, and waits for a person, with `asks` and `hold` in `fields`. */
	readonly next: Stage | 'merged' | 'needs-decision';
	readonly nextRole: string;
	/** Last part of the message on `events:task_completed`. */
	readonly word: string;
	/** Further fields of the task to write in the same step (commit, branch, reviewer, reviewedCommit, candidate, landed, feedback, ...). */
	readonly fields: Readonly<Record<string, string>>;
	/** `failures`: counts against attempts (dead letter when used up); `rounds`: counts a review round; `none`. */
	readonly counts: 'none' | 'failures' | 'rounds';
	/** Delay before it can be claimed again, ms. */
	readonly delayMs: number;
	readonly text: string;
	/** The agent's next claim, in the same step: it takes a task, or waits to be handed one. */
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
	/** Further fields to write, such as the salvaged commit. */
	readonly fields: Readonly<Record<string, string>>;
};

export type Commented =
	| {readonly code: 'ok'; readonly stage: Stage; readonly owner: string}
	| {readonly code: 'back'; readonly stage: Stage}
	| {readonly code: 'merging' | 'full' | 'gone'};

/** A message to an agent; `from` is '' for a person, `at` epoch ms of the server. */
export type Mail = {readonly id: string; readonly at: number; readonly from: string; readonly task: string; readonly text: string};

export type Lease = {readonly agent: string; readonly task: string; readonly token: string};
export type Expired = Lease & {readonly leaseUntil: number; readonly room: string; readonly agentBeat: number; readonly roomBeat: number};

/** What one sweep has found, at most 100 of each (entries: 300). */
export type Swept = {
	readonly now: number;
	/** Leases past their deadline whose holders are agents of rooms. */
	readonly expired: readonly Expired[];
	readonly rooms: readonly RoomBeat[];
	/** Of the seed's intake, to accept (`admit`) or refuse; given again until that is done. */
	readonly entries: readonly Entry[];
	/** More entries wait: sweep again at once. */
	readonly isMore: boolean;
	readonly externalWorkers: readonly ExternalWorker[];
	readonly externalLeases: readonly ExternalLease[];
};

/**
 * The atomic steps of the team, one Lua script each. Every mutating one takes an operation id inside (one per intent, kept over
 * resends), so that a lost reply never runs it twice; `beat`, `renew` and `sweep` are idempotent by nature and take none.
 */
export interface Coordination extends Accounts, PersonOrders, Rooms {
	/**
	 * `unknown`: a dependency does not exist; `exists`: the id is taken. An empty id gets the next `t-<n>`; a dependency may be a feature, and
	 * is one where it names a plan. `cycle`: it would wait for itself, in the end, also through its feature; `many`: too much waits to be sure.
	 */
	submit(task: Submission): Promise<{code: 'ok' | NotSubmitted; id: string}>;
	/** All of them or none; dependencies may be of the same call. `cycle`: they wait for one another, `id` is the circle with commas. */
	submitAll(tasks: readonly Submission[]): Promise<{code: 'ok'; ids: readonly string[]} | {code: NotSubmitted; id: string}>;
	/**
	 * The plan's task ends as `planned`, its tasks are made and what it gives up is cancelled, all in one step. Neither the plan nor what it
	 * gave up counts for the feature any more.
	 */
	plan(order: PlanOrder): Promise<Planned>;
	/**
	 * With `waits` an agent that gets nothing waits: the script that makes a task ready hands it over in the same step. That is told by the
	 * event `task_claimed` and by what `beat` answers. With `wanted` it is this very task or 'none'; so are tests and landings claimed, which
	 * nobody is handed.
	 */
	claim(options: Call & {agent: string; room: string; waits?: boolean; wanted?: string}): Promise<Claimed | NotClaimed>;
	/** Agents that are handed nothing any more; the leases that they hold. */
	closeAgents(agents: readonly string[]): Promise<readonly Lease[]>;
	renew(held: Lease, leaseMs: number): Promise<Written>;
	progress(held: Lease, fields: Readonly<Record<string, string>>, text: string): Promise<Written>;
	/** `refused`: author, reviewer and merger must differ, or the merge is not of the reviewed commit; `reason` says which. */
	complete(completion: Completion): Promise<Completed>;
	/** Counts a failure: back to ready after `delayMs` as a fresh attempt, or to the dead letters when attempts are used up. */
	fail(failure: Failure): Promise<Written | 'failed'>;
	/**
	 * Hands back without counting an attempt. With `token` '' it is a person's order and always applies to the current lease; `to`
	 * reserves the task for one agent. The old token is superseded at once. `landing`: such an order comes too late, it is about to be on the
	 * base; `asks`: it waits for a decision (`decide`), and for nobody else.
	 */
	release(options: {
		task: string;
		token: string;
		reason: string;
		to: string;
		fields: Readonly<Record<string, string>>;
	}): Promise<Written | 'merging' | 'needs-decision'>;
	/** An expired or provably dead lease back to ready as a fresh attempt, if `token` is still the current one. */
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
	/** `stale`: it no longer asks that (another terminal was first). */
	decide(decision: Decision): Promise<Written>;
	/**
	 * Keeps a person's remark. `back`: what was handed in went back to `stage`, since it must be fixed; `ok`: it is kept, and `owner` works at `stage` now ('' for
	 * nobody). `landing`: too late; `full`: there are too many.
	 */
	comment(given: {task: string; comment: Comment; role: string; feedback: string; text: string}): Promise<Commented>;
	/**
	 * The lease on the head of the train (`task`, under `token`) is widened by the longest prefix of `cars` that wait to land with those very
	 * candidates. Each of the first `boarded` is completed, released or reclaimed with the same token; renew them with the beat. At most 100.
	 */
	joinMergeGroup(options: {
		agent: string;
		task: string;
		token: string;
		leaseMs: number;
		entries: readonly QueueEntry[];
	}): Promise<{code: 'ok'; joined: number} | {code: 'stale' | 'gone'}>;
	/** What waits with exactly that candidate, to land or failed, is tested again, at no cost. `stale`: it is at work, or has another by now. */
	retest(options: QueueEntry & {reason: string}): Promise<Written>;
	/** Handed-in work goes back to where it began (`role`), at no cost; its lease ends. `landing`, `asks`, `stale` (not handed in): left alone. */
	requestChanges(options: {
		task: string;
		role: string;
		reason: string;
		fields: Readonly<Record<string, string>>;
	}): Promise<'ok' | 'gone' | 'merging' | 'needs-decision' | 'stale'>;
	/** For a whole room: heartbeats of room and agents, renewal of every lease it holds; one script for every 500 of them. */
	heartbeat(options: {
		room: string;
		leaseMs: number;
		ttlMs: number;
		agents: readonly string[];
		held: readonly Lease[];
		/** Of its machine: percent of its cores, and free bytes. */
		load?: number;
		memory?: number;
	}): Promise<{now: number; stale: readonly string[]; leases: readonly Lease[]; waiting: readonly string[]}>;
	/** Does what time and outsiders have made due, and lists what the observer must judge. `token`: of who leads; '-' only looks at leases and rooms. */
	sweep(token?: string): Promise<Swept>;
	/** An entry of the seed's intake becomes a task; where it was taken outside meanwhile, one that is held for whoever took it. */
	acceptIntake(entry: Admission): Promise<Admitted>;
	/** An entry that makes no task is moved aside, with an event that names it. */
	rejectIntake(mark: string, reason: string): Promise<'ok' | 'gone'>;
	/**
	 * What an outsider published about a task, '' for nothing but that it locked it; `ignored` where the task is none of an outsider's.
	 * `attempts` is of a task made by it.
	 */
	reportExternal(task: string, word: string, attempts: number): Promise<'ok' | 'ignored'>;
	/** A room or an outsider without a heartbeat: its agents are shown as lost. `alive`: it has beaten since `beat` was seen. */
	expire(name: string, beat: number): Promise<'ok' | 'more' | 'alive' | 'gone'>;
	/**
	 * Takes a lock, renews it under the same token, or, with `waitMs`, joins the queue of those who wait. A path needs the current token of
	 * the owner's task. Asking again while waiting keeps the place.
	 */
	lock(options: {name: string; owner: string; token: string; ttlMs: number; waitMs?: number}): Promise<LockAnswer>;
	/** Gives it back, or leaves the queue. With `token` '' it is a person's order: the lock is dropped whoever holds it, and its holder is told. */
	unlock(options: {name: string; token: string}): Promise<'ok' | 'stale' | 'gone'>;
	/** Puts a message before an agent. With `token` '' it is from a person, or of the room's own where `from` is `room`. `gone`: there is no such receiver. */
	sendMail(message: {from: string; token: string; to: string; text: string}): Promise<Written>;
	/** Mail that the agent has not read, oldest first, at most 100. */
	unread(agent: string): Promise<readonly Mail[]>;
	/** The agent has read its mail up to the one with this id. */
	readMail(read: {agent: string; token: string; upTo: string}): Promise<'ok' | 'stale'>;
	/** `taken`: a live agent of another room has the id. */
	register(agent: Registration): Promise<'ok' | 'taken'>;
	/** Writes fields of an agent (status, doing, question, choices, questionId, reason, paused, pid) with an event. */
	updateAgent(agent: string, fields: Readonly<Record<string, string>>, text: string): Promise<'ok' | 'gone'>;
	/**
	 * `budgetMicros`: millionths of a dollar, 0 for none; one that is reached already is met at once, as `atBudget` says. `red`: the commit of the base that failed its own tests, and how; '' where it is red
	 * no more. What an order held back  is handed to those who wait when it is lifted.
	 */
	control(fields: Orders, text: string): Promise<void>;
	/** `by` takes its place: what waited for the one waits for the other. `unknown`, `cycle` (`by` waits for it), `many`: refused; `landing`: it is about to be on the base. */
	cancel(task: string, reason: string, by?: string): Promise<'ok' | 'gone' | 'merging' | 'unknown' | 'cycle' | 'many'>;
	/** A dead letter back to ready with no failures counted. */
	retry(task: string): Promise<'ok' | 'gone'>;
	/** Sets `hold` of a ready or leased task (why a landing waits), without a token; '' clears. */
	setWaitReason(task: string, waitReason: string): Promise<'ok' | 'gone'>;
	/** Keeps in the record what happened and changes no state. `task` and `agent` '' for none. */
	appendEvent(appendEvent: Note): Promise<void>;
	/** Tasks of a feature, in the order of their creation, at most 2,000: also its plans, and what was given up. */
	tasksOf(feature: string): Promise<readonly Task[]>;
	/** One task with its long texts; undefined where there is none. */
	task(id: string): Promise<WholeTask | undefined>;
	/** Raw fields of named tasks without long texts, those that exist; asked for 500 at a time. */
	read(ids: readonly string[]): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>>;
	/** One page of all tasks from a cursor on, '' for the first; its `cursor` is '' at the end. A task that moves meanwhile may come twice. */
	list(cursor: string, size: number): Promise<{now: number; tasks: readonly Task[]; cursor: string}>;
	/**
	 * The state at one stream id: agents, locks, control, last events, counts of all tasks, and those of them that a room knows by heart
	 * (all leases, the heads of the queues, the oldest, the last finished): as much for a hundred tasks as for a hundred thousand.
	 */
	snapshot(): Promise<{team: TeamSnapshot; beats: ReadonlyMap<string, number>; now: number}>;
	/** Entries after `since`, oldest first, at most `count`. */
	events(since: string, count: number): Promise<readonly RoomEvent[]>;
	/** Waits for entries after `since` on a connection of its own, at most `blockMs`; [] when none came. */
	tail(since: string, blockMs: number): Promise<readonly RoomEvent[]>;
	/** What was recorded, to be looked back at. */
	readonly record: RoomRecord;
}

/** One mail as a line: how long ago, who, about which task, what. `now` is server time, epoch ms. */
export const formatMail = ({at, from, task, text}: Mail, now: number): string =>
	`${formatAge(now - at)} ago, ${from === '' ? 'a human' : agentName(from)}${task === '' ? '' : ` (${task})`}: ${text}`;
