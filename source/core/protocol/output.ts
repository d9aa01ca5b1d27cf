import type {Agent} from '../agent/agent.ts';
import type {PredictedConflict} from '../change/change.ts';
import type {RoomEvent} from '../event/event.ts';
import {type Lock, type Waiter, waitersFor} from '../lock/lock.ts';
import type {Feature} from '../plan/feature.ts';
import type {Plan} from '../plan/plan.ts';
import {type RoomFacts, whyNotRunning} from '../queue/why.ts';
import type {Task, WholeTask} from '../task/task.ts';
import type {Moment, Replayed} from '../team/replay.ts';
import type {Control, TeamSnapshot} from '../team/snapshot.ts';
import type {Counts} from '../team/window.ts';

/**
 * What `--json` prints, the same on the command line and on the socket; `output-schema.ts` holds the zod schemas. Fencing tokens
 * are never in it: an agent must not come by another's.
 */
export type TaskLine = Omit<Task, 'token' | 'last'> & {
	/** Why it is not running, in one clause; '' for one that is. */
	readonly why: string;
};
/** One task in full, as `agent-room task ID` prints it. */
export type TaskDetail = TaskLine & Omit<WholeTask, keyof Task>;
/** What `agent-room plan ID` prints: how the plan of a feature stands. */
export type PlanLine = {
	readonly feature: string;
	readonly title: string;
	/** The task that is planned, or was planned last; '' for a feature that nobody plans. */
	readonly planTask: string;
	/** `asks`: the proposal waits for a person. */
	readonly state: 'planning' | 'asks' | 'planned' | 'ended' | 'none';
	/** Why it waits, in words. */
	readonly hold: string;
	/** Null where none waits; with `asks` too, where the planning gave nothing usable. */
	readonly proposal: Plan | null;
	/** The tasks of the feature, those that plan it aside. */
	readonly tasks: readonly TaskLine[];
};
export type AgentLine = Omit<Agent, 'token'>;
export type LockLine = {
	readonly name: string;
	readonly owner: string;
	readonly until: number;
	readonly takenAt: number;
	/** Who waits for it, or for what overlaps it, next one first. */
	readonly waiters: readonly Waiter[];
};
export type EventLine = {
	readonly id: string;
	readonly at: number;
	readonly type: string;
	readonly task: string;
	readonly agent: string;
	readonly text: string;
	/** By which way a person ordered it, '' where none did. */
	readonly by: string;
	/** State and stage that the task has since then, '' where the event did not change them. */
	readonly state: string;
	readonly stage: string;
	/** Status that the agent has since then, '' where the event did not change it. */
	readonly status: string;
};

/** Two tasks that would conflict; the second is '' for the base. `agents`: who has them, or wrote them last, '' for nobody. */
export type ConflictLine = PredictedConflict & {readonly agents: readonly [string, string]};

/** How often something happened that one looks for when looking back. */
export type Tallies = Readonly<Record<Landmark, number>>;

/** What `agent-room replay` prints: from when to when the room can be shown again, and what happened there. */
export type ReplayLine = {
	/** Server time, epoch ms. */
	readonly at: number;
	/** Null where nothing can be replayed yet. */
	readonly oldest: Moment | null;
	readonly newest: Moment | null;
	/** Entries and checkpoints of the record. */
	readonly entries: number;
	/** Older entries that the record has let go. */
	readonly gone: number;
	readonly checkpoints: number;
	/** Of the span asked for, else of the whole record. */
	readonly happened: Tallies;
	/** The newest of them, oldest first. */
	readonly landmarks: readonly EventLine[];
};

/** What `agent-room replay --at TIME` prints: a status of then. What only a running room knows is as it is now, or empty. */
export type ReplayedStatusLine = StatusLine & {
	/** Right after which entry, and when. */
	readonly moment: Moment;
	/** What happened just before, oldest first. */
	readonly before: readonly EventLine[];
};

export type StatusLine = {
	/** Server time, epoch ms. */
	readonly at: number;
	/** Null where no room runs and the state was read from Redis alone. */
	readonly room: {readonly id: string; readonly pid: number; readonly startedAt: number; readonly terminals: number} | null;
	readonly repository: {readonly name: string; readonly root: string; readonly base: string; readonly baseCommit: string};
	readonly redis: {readonly isConnected: boolean; readonly lostAt: number; readonly address: string};
	/** Budget and what is spent of it are in millionths of a dollar; a budget of 0 is none. */
	readonly control: Control;
	readonly hasTestCommand: boolean;
	readonly isTrusted: boolean;
	readonly banners: ReadonlyArray<{
		readonly id: string;
		readonly severity: 'warning' | 'error';
		readonly text: string;
		readonly since: number;
	}>;
	/** How many tasks there are in each state. */
	readonly counts: Counts;
	/** The newest features, each with the counts of its tasks. */
	readonly features: readonly Feature[];
	/** Those that the room knows by heart: all at work, the next of every queue, the last finished. `agent-room tasks` has all. */
	readonly tasks: readonly TaskLine[];
	readonly agents: readonly AgentLine[];
	readonly locks: readonly LockLine[];
	/** Predicted between branches that are worked on, the oldest first; none where no room runs. */
	readonly conflicts: readonly ConflictLine[];
};

/** A part of all tasks; `at` is server time, epoch ms. */
export type TasksPage = {readonly at: number; readonly tasks: readonly TaskLine[]};

/** The last line of `run --json`. */
export type SummaryLine = {
	readonly type: 'summary';
	readonly merged: number;
	readonly dead: number;
	readonly cancelled: number;
	readonly open: number;
	readonly exitCode: number;
};

/** A package of which the program holds code, as `licenses --json` prints it. */
export type LicenseLine = {
	readonly name: string;
	readonly version: string;
	/** SPDX id. */
	readonly license: string;
	/** '' where the package does not say. */
	readonly author: string;
	/** Where its repository is; '' where the package does not say. */
	readonly source: string;
	/** Its license and further notices in full, each under the name of its file. */
	readonly text: string;
};

/** Everything that a status is made of; a `RoomSnapshot` is one. */
export type StatusSource = Omit<StatusLine, 'at' | 'control' | 'counts' | 'features' | 'tasks' | 'agents' | 'locks' | 'conflicts'> & {
	readonly team: TeamSnapshot;
	readonly conflicts: readonly PredictedConflict[];
	/** Server time minus the clock that `now` was read from, ms. */
	readonly clockOffset: number;
};

/** A task as `--json` prints it; `now` is server time, epoch ms. */
export const taskLine = (task: Task, team: TeamSnapshot, now: number, room?: RoomFacts): TaskLine => {
	const {token: _token, last: _last, ...line} = task;
	return {...line, why: whyNotRunning(task, team, now, room)};
};

/** The same with its long texts. */
export const taskDetail = (whole: WholeTask, team: TeamSnapshot, now: number, room?: RoomFacts): TaskDetail => {
	const {token: _token, last: _last, ...task} = whole;
	return {...task, why: whyNotRunning(whole, team, now, room)};
};

const agentOf = ({tasks}: TeamSnapshot, id: string): string => tasks.get(id)?.owner || tasks.get(id)?.author || '';
const agentLine = ({token: _token, ...line}: Agent): AgentLine => line;
const lockLine = (lock: Lock, waiters: TeamSnapshot['waiters']): LockLine => ({
	name: lock.name,
	owner: lock.owner.split(' ')[0] ?? '',
	until: lock.until,
	takenAt: lock.takenAt,
	waiters: waitersFor(lock, waiters),
});

/** An entry of the record as `--json` prints it. */
export const eventLine = (event: RoomEvent): EventLine => ({
	id: event.id,
	at: event.at,
	type: event.type,
	task: event.task,
	agent: event.agent,
	text: event.text,
	by: event.by,
	state: event.taskFields.state ?? '',
	stage: event.taskFields.stage ?? '',
	status: event.agentFields.status ?? '',
});

/** The whole state as `agent-room status --json` prints it. `now` is this machine's clock, epoch ms. */
export const statusLine = (source: StatusSource, now: number): StatusLine => {
	const at = now + source.clockOffset;
	return {
		at,
		room: source.room,
		repository: source.repository,
		redis: {isConnected: source.redis.isConnected, lostAt: source.redis.lostAt, address: source.redis.address},
		control: source.team.control,
		hasTestCommand: source.hasTestCommand,
		isTrusted: source.isTrusted,
		banners: source.banners,
		counts: source.team.counts,
		features: [...source.team.features.values()],
		tasks: [...source.team.tasks.values()].map(task => taskLine(task, source.team, at, source)),
		agents: [...source.team.agents.values()].map(agentLine),
		locks: [...source.team.locks.values()].map(lock => lockLine(lock, source.team.waiters)),
		conflicts: source.conflicts.map(conflict => ({
			...conflict,
			agents: [agentOf(source.team, conflict.tasks[0]), agentOf(source.team, conflict.tasks[1])],
		})),
	};
};

/** The room as it was, from what was recorded; `source` says what the record does not hold. */
export const replayedLine = (
	{team, moment, before}: Replayed,
	source: Omit<StatusSource, 'team' | 'clockOffset' | 'room' | 'banners' | 'conflicts'>,
): ReplayedStatusLine => ({
	...statusLine(
		{...source, repository: {...source.repository, baseCommit: ''}, team, clockOffset: 0, room: null, banners: [], conflicts: []},
		moment.at,
	),
	moment,
	before: before.map(eventLine),
});

/** What one looks for when looking back. `lost`: an agent died or fell silent; `orders`: paused, drained or frozen, or no longer. */
export const LANDMARKS = ['merged', 'dead', 'failed', 'lost', 'questions', 'orders'] as const;
export type Landmark = (typeof LANDMARKS)[number];

const BY_TYPE: Readonly<Record<string, Landmark>> = {
	task_merged: 'merged',
	task_dead: 'dead',
	task_failed: 'failed',
	task_asked: 'questions',
	control_changed: 'orders',
	budget_reached: 'orders',
};
const BY_STATUS: Readonly<Record<string, Landmark>> = {dead: 'lost', lost: 'lost', asks: 'questions'};

/** The landmark that an event is; undefined for the many that are none. */
export const landmarkOf = (event: EventLine): Landmark | undefined => BY_TYPE[event.type] ?? BY_STATUS[event.status];
