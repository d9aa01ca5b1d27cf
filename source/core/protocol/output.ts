import {type Agent, agentName} from '../agent/agent.ts';
import type {PredictedConflict} from '../change/change.ts';
import type {RoomEvent} from '../event/event.ts';
import {type Lock, waitersFor} from '../lock/lock.ts';
import {type RoomFacts, whyNotRunning} from '../queue/why.ts';
import type {Task, WholeTask} from '../task/task.ts';
import type {Replayed} from '../team/replay.ts';
import type {TeamSnapshot} from '../team/snapshot.ts';
import type {AgentLine, EventLine, LockLine, ReplayedStatusLine, StatusLine, TaskDetail, TaskLine} from './output-schema.ts';

/** Counts of landmark events, for looking back. */
export type Tallies = Readonly<Record<Landmark, number>>;

/** A page of all tasks; `at` is server time, epoch ms. */
export type TasksPage = {readonly at: number; readonly tasks: readonly TaskLine[]};

/** Input of a status; a `RoomSnapshot` is one. */
export type StatusSource = Omit<StatusLine, 'at' | 'control' | 'counts' | 'features' | 'tasks' | 'agents' | 'locks' | 'conflicts'> & {
	readonly team: TeamSnapshot;
	readonly conflicts: readonly PredictedConflict[];
	/** Server time minus the clock of `now`, ms. */
	readonly clockOffset: number;
};

/** Formats a task for `--json`; `now` is server time, epoch ms. */
export const taskLine = (task: Task, team: TeamSnapshot, now: number, room?: RoomFacts): TaskLine => {
	const {token: _token, last: _last, ...line} = task;
	return {...line, why: whyNotRunning(task, team, now, room)};
};

/** Adds the long texts. */
export const taskDetail = (whole: WholeTask, team: TeamSnapshot, now: number, room?: RoomFacts): TaskDetail => {
	const {token: _token, last: _last, ...task} = whole;
	return {...task, why: whyNotRunning(whole, team, now, room)};
};

const agentOf = ({tasks}: TeamSnapshot, id: string): string => tasks.get(id)?.owner || tasks.get(id)?.author || '';
const agentLine = ({token: _token, ...line}: Agent): AgentLine => ({...line, name: agentName(line.id)});
const lockLine = (lock: Lock, waiters: TeamSnapshot['waiters']): LockLine => ({
	name: lock.name,
	owner: lock.owner.split(' ')[0] ?? '',
	until: lock.until,
	takenAt: lock.takenAt,
	waiters: waitersFor(lock, waiters),
});

/** Formats an event for `--json`. */
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

/** Formats the state for `agent-room status --json`. `now` is this machine's clock, epoch ms. */
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

/** Formats a past state from the event log; `source` has what the log lacks. */
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

/**
 * Events worth finding when looking back. `unreachable`: an agent crashed or lost its heartbeat; `orders`: pause, drain or freeze, or their
 * end.
 */
export const LANDMARKS = ['merged', 'failed', 'retried', 'unreachable', 'questions', 'orders'] as const;
export type Landmark = (typeof LANDMARKS)[number];

const BY_TYPE: Readonly<Record<string, Landmark>> = {
	task_merged: 'merged',
	task_failed: 'failed',
	attempt_failed: 'retried',
	task_needs_decision: 'questions',
	control_changed: 'orders',
	budget_reached: 'orders',
};
const BY_STATUS: Readonly<Record<string, Landmark>> = {crashed: 'unreachable', unreachable: 'unreachable', 'needs-input': 'questions'};

/** Returns the landmark of an event; undefined for most. */
export const landmarkOf = (event: EventLine): Landmark | undefined => BY_TYPE[event.type] ?? BY_STATUS[event.status];
