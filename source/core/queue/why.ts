import {type AgentStatus, agentName, nameIn} from '../agent/agent.ts';
import {isHeldByBudget, usedText} from '../cost/budget.ts';
import {isExternalToken} from '../intake/external-workers.ts';
import {locksExclude, tellWait} from '../lock/lock.ts';
import {isNew, STAGE_WORDS} from '../task/stages.ts';
import type {NeededDecision, Stage, Task} from '../task/task.ts';
import type {TeamSnapshot} from '../team/snapshot.ts';
import {formatAge} from '../text/format.ts';
import {blockedBy} from './dependencies.ts';
import {reserved, whyKept, whyUnserved, whyWaiting} from './eligibility.ts';
import {testedTogether, whyInMergeQueue} from './merge-queue.ts';

/** The remote that merges are pushed to does not answer this room: why, in one clause, and the stages that start nothing here until it does. */
export type RemoteAway = {readonly why: string; readonly stages: readonly Stage[]};

/** What a room knows beyond the team's state; a `RoomSnapshot` is one. Without the repository the merge queue is unknown. */
export type RoomFacts = {
	readonly hasTestCommand: boolean;
	readonly repository?: {readonly base: string; readonly baseCommit: string};
	readonly remoteAway?: RemoteAway;
};

const MANY: Readonly<Record<Stage, string>> = {
	...{plan: 'plans', develop: 'tasks of other machines', resolve: 'conflicts', document: 'documents'},
	...{review: 'reviews', audit: 'audits', test: 'tests', merge: 'merges'},
};

/** What waits for the remote: `merges, tests and reviews wait`. */
export const tellAway = ({stages}: Pick<RemoteAway, 'stages'>): string => {
	const kinds = stages.map(stage => MANY[stage]);
	const last = kinds.pop() ?? '';
	return `${kinds.length > 0 ? `${kinds.join(', ')} and ` : ''}${last} wait`;
};

/** Why a task waits for the remote; '' if it does not. */
export const awayFrom = ({stage, state}: Pick<Task, 'stage' | 'state'>, {remoteAway}: Pick<RoomFacts, 'remoteAway'>): string =>
	state === 'ready' && remoteAway?.stages.includes(stage) ? `waits for the remote: ${remoteAway.why}` : '';

/** Tests and merges cost nothing, so they continue. */
export const isOverBudget = ({stage}: Task, {control}: TeamSnapshot): boolean =>
	isHeldByBudget(control) && stage !== 'test' && stage !== 'merge';

const ordered = (task: Task, team: TeamSnapshot): string => {
	const {control} = team;
	if (control.recovery) return `everything is frozen: ${control.recovery}`;
	if (control.frozen) return control.frozenWhy === 'budget' ? 'everything is frozen: the budget was reached' : 'everything is frozen';
	if (control.paused) return 'all agents are paused';
	if (control.drained && isNew(task)) return 'draining: no new tasks start';
	if (isOverBudget(task, team)) return `over budget: ${usedText(control)}`;
	return '';
};

/** Another's lock over the task's paths blocks its claim; tests and merges do not write there. */
export const lockOver = (task: Task, {locks}: TeamSnapshot) =>
	task.paths.length === 0 || task.stage === 'test' || task.stage === 'merge'
		? undefined
		: [...locks.values()].find(
				({name, owner}) => owner.split(' ')[0] !== task.assigned && task.paths.some(path => locksExclude(`path:${path}`, name)),
			);

const lockedOut = (task: Task, team: TeamSnapshot, now: number): string => {
	const lock = lockOver(task, team);
	if (!lock) return '';
	const holder = lock.owner.split(' ')[0] ?? '';
	return `${lock.name.slice('path:'.length)} is locked by ${agentName(holder)} for ${formatAge(now - lock.takenAt)}`;
};

const ASKING: Readonly<Record<NeededDecision, string>> = {
	plan: 'needs your approval: plan',
	rounds: 'needs your approval: review round limit reached',
	checks: 'needs your approval: merge',
	dropped: 'needs your approval: the conflict resolution dropped lines',
	returns: 'needs your decision: it would restore reverted commits',
	unmerged: 'needs your decision: its merge was removed from the base branch',
	named: 'needs your decision: the base branch may contain it already',
	pull: 'waits for its pull request',
	closed: 'needs your decision: its pull request was closed',
	blocked: 'needs your answer: its agent is blocked',
};

/** For tests and merges: first the place in the merge queue, then idle agents. */
const tested = (task: Task, team: TeamSnapshot, room: RoomFacts, now: number): string => {
	if (task.stage !== 'test' && task.stage !== 'merge') return '';
	if (task.stage === 'test' && !room.hasTestCommand) return 'no test command: merging is blocked';
	return room.repository ? whyInMergeQueue(task, team, {name: room.repository.base, head: room.repository.baseCommit}, now) : '';
};

const ended = ({state, failures, attempts, reason}: Task): string => {
	if (state === 'cancelled') return `cancelled: ${reason || 'no reason given'}`;
	const used = failures >= attempts ? ` after ${failures} of ${attempts} attempts` : '';
	return `failed${used}: ${reason || 'no reason given'}`;
};

/**
 * Explains why a task is not running, in one clause; '' if it is running or has ended. The only place that decides this: the queue, the
 * task's line and `agent-room explain` print it. `now` is server time, epoch ms.
 */
export const whyNotRunning = (task: Task, team: TeamSnapshot, now: number, room: RoomFacts = {hasTestCommand: true}): string => {
	if (task.state === 'leased') return isExternalToken(task.token) ? task.waitReason : '';
	if (task.state === 'merged' || task.state === 'planned') return '';
	if (task.state === 'failed' || task.state === 'cancelled') return ended(task);
	if (task.decision !== '') return task.waitReason || ASKING[task.decision];
	if (task.state === 'blocked') return blockedBy(task, team, other => whyNotRunning(other, team, now, room));
	if (task.waitReason) return task.waitReason;
	const away = awayFrom(task, room);
	if (away !== '') return ordered(task, team) || away;
	if (task.state === 'delayed') return `retry in ${formatAge(task.readyAt - now)}: ${task.reason}`;
	const order = ordered(task, team) || tested(task, team, room, now);
	if (order) return order;
	if (task.assigned) return lockedOut(task, team, now) || reserved(task, team);
	return whyUnserved(task, team) || lockedOut(task, team, now) || whyKept(task, team, now) || whyWaiting(task, team, now);
};

/** What blocks an agent in its task, by status. */
const STANDS: Readonly<Partial<Record<AgentStatus, string>>> = {
	waiting: 'waits for your reply: its turn has ended',
	retrying: 'gets no answer from its model',
	'rate-limited': 'is rate-limited',
	'out-of-context': 'has a full context',
	'logged-out': 'is logged out or not set up',
	unknown: 'its status cannot be detected',
};

const held = (task: Task, team: TeamSnapshot, now: number, room: RoomFacts): string => {
	const name = nameIn(task.owner, team.agents);
	if (isExternalToken(task.token)) return task.waitReason || `${name}, an external agent, owns it`;
	const agent = team.agents.get(task.owner);
	const does = `${name} ${STAGE_WORDS[task.stage].does('it')}`;
	if (!agent) return does;
	// It joined the merge group of another task, which the merger has.
	if (task.stage === 'merge' && agent.task !== task.id) return `${does} together with ${agent.task || 'others'}`;
	if (team.control.frozen || team.control.recovery) return `${does}, but everything is frozen`;
	if (team.control.paused) return `${does}, but all agents are paused`;
	if (agent.paused) return `${does}, but you paused it`;
	if (agent.status === 'needs-input') return `${does} and needs input: ${agent.question}`;
	const stands = STANDS[agent.status];
	if (stands) return `${does}, but ${stands}${agent.reason ? `: ${agent.reason}` : ''}`;
	if (agent.status === 'stalled') return `${does}, but is stalled: ${agent.reason || 'no output'}`;
	if (agent.status === 'unreachable') return `${does}, but is unreachable: the task is reassigned when the lease expires`;
	const waits = tellWait(agent.id, team, now);
	if (waits !== '') return `${does} and waits for the ${waits}`;
	const since = agent.statusAt > 0 ? ` (${formatAge(now - agent.statusAt)})` : '';
	const mergeQueue =
		task.stage === 'test' && room.repository
			? whyInMergeQueue(task, team, {name: room.repository.base, head: room.repository.baseCommit}, now)
			: '';
	const where = mergeQueue === '' ? '' : `, ${mergeQueue}`;
	return `${does}${since}${where}${task.progress === '' ? '' : `: ${task.progress}`}`;
};

/** Explains a task's state, whatever it is, in one sentence without full stop, for `agent-room explain` and the task page. */
export const whyHere = (task: Task, team: TeamSnapshot, now: number, room: RoomFacts = {hasTestCommand: true}): string => {
	if (task.state === 'merged') {
		const together = testedTogether(task);
		return `merged as ${task.mergedCommit.slice(0, 12) || 'an unknown commit'}${together === '' ? '' : `, ${together}`}`;
	}
	if (task.state === 'planned') return 'planned: tasks created';
	return (task.state === 'leased' ? held(task, team, now, room) : '') || whyNotRunning(task, team, now, room) || task.state;
};
